"""Where columns stand in Intercom's JSON: the structure that DuckDB parses a page with, and the paths into it."""

from collections.abc import Iterable
from typing import Any

from intercom_kit.tables.columns import Column, Kind
from intercom_kit.tables.table import Table

PARENT = "^"  # a path that starts so is read from the object that holds the list, not from the list's member
ASKED = "@"  # this path is the key that the page was asked for, such as a contact's id


def page_structure(table: Table, items: str) -> Any:
    """Give the structure of a page for DuckDB's `from_json`; every scalar is read as text, which loses nothing.

    `items` is the key, dotted where nested, that holds the objects; it is empty where a page is one object.
    """
    own = _structure(column for column in table.columns if in_item(column))
    if not items:
        return own
    page = _structure(column for column in table.columns if column.path.startswith(PARENT))
    *outer, last = items.split(".")
    inside = page
    for key in outer:
        inside = inside.setdefault(key, {})
    inside[last] = [own]
    return page


def in_item(column: Column) -> bool:
    """Tell whether a column is read from the object itself."""
    return column.path != ASKED and not column.path.startswith(PARENT)


def _structure(columns: Iterable[Column]) -> dict[str, Any]:
    root: dict[str, Any] = {}
    for column in columns:
        _place(root, column.steps, "JSON" if column.kind is Kind.JSON else "VARCHAR")
    return root


def _place(node: dict[str, Any], steps: tuple[str, ...], leaf: str) -> None:
    """Put a leaf at its path, making objects and lists on the way."""
    key, *rest = steps
    key = key.removeprefix(PARENT)
    if not rest:
        node[key] = leaf
    elif rest == ["[]"]:
        node[key] = [leaf]
    elif rest[0].startswith("["):
        _place(node.setdefault(key, [{}])[0], tuple(rest[1:]), leaf)
    else:
        _place(node.setdefault(key, {}), tuple(rest), leaf)


def quoted(keys: list[str]) -> str:
    """Join keys to a path into a DuckDB struct."""
    return ".".join(map(_quoted, keys))


def json_path(keys: Iterable[str]) -> str:
    """Join keys to a path into JSON."""
    return "$" + "".join(f'."{key}"' for key in keys)


def _quoted(key: str) -> str:
    return f'"{key}"'


def text(column: Column, filled: Table | None = None) -> str:
    """Write the expression that reads the column's raw text, or list of texts, from a parsed `item` or its `page`.

    Members of lists from which no column of the table `filled` reads anything are left out, if there is one.
    """
    if column.path == ASKED:
        return "asked"
    base = "page" if column.path.startswith(PARENT) else "item"
    steps = [step.removeprefix(PARENT) for step in column.steps]
    mark = mark_of(column)
    if mark is None:
        return f"{base}.{quoted(steps)}"
    whole, inner = f"{base}.{quoted(steps[:mark])}", steps[mark + 1 :]
    if filled:
        read = {column.steps[mark + 1 :] for column in filled.columns if column.steps[:mark] == tuple(steps[:mark])}
        something = " or ".join(sorted(f"{'.'.join(['member', *map(_quoted, each)])} is not null" for each in read))
        whole = f"list_filter({whole}, lambda member: {something})"
    if steps[mark] == "[0]":
        return f"{whole}[1].{quoted(inner)}"
    return f"list_transform({whole}, lambda member: member.{quoted(inner)})" if inner else whole


def mark_of(column: Column) -> int | None:
    """Return the place of the step of a path that goes into a list; None where there is none."""
    return next((place for place, step in enumerate(column.steps) if step.startswith("[")), None)


def containers(table: Table) -> dict[tuple[str, ...], str]:
    """List the objects and lists on the way to the table's columns, as paths in the item with their JSON type."""
    found: dict[tuple[str, ...], str] = {}
    for column in table.columns:
        if not in_item(column):
            continue
        steps = column.steps
        for length in range(1, len(steps)):
            if steps[length - 1].startswith("["):
                break
            found[steps[:length]] = "ARRAY" if steps[length].startswith("[") else "OBJECT"
    return found


def scalars_in(table: Table, path: tuple[str, ...]) -> list[str]:
    """List the expressions of the columns that stand in an object, in no list."""
    inside = [column for column in table.columns if column.steps[: len(path)] == path]
    return [text(column) for column in inside if not any(step.startswith("[") for step in column.steps)]
