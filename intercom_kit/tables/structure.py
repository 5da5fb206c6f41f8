"""The JSON structure of a page: what DuckDB parses it with, and the paths of the columns in it."""

from collections.abc import Iterable
from typing import Any

from intercom_kit.tables.columns import Column, Kind
from intercom_kit.tables.table import Table

PARENT = "^"  # prefix of a path that is read from the object that holds the list, not from the list's member
CONSTANT = "="  # prefix of a text that all rows of a list have, in place of a path
ASKED = "@"  # the path of the key that the page was requested for, such as a contact's id


def page_structure(table: Table, items: str) -> Any:
    """Return the structure of a page for DuckDB's `from_json`; every scalar is read as text, which loses nothing.

    `items` is the key that holds the objects, dotted if nested; it is empty if a page is one object.
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
    """Return whether a column is read from the object itself."""
    return column.path != ASKED and not column.path.startswith((PARENT, CONSTANT))


def _structure(columns: Iterable[Column]) -> dict[str, Any]:
    root: dict[str, Any] = {}
    for column in columns:
        leaf = "JSON" if column.kind is Kind.JSON or column.member else "VARCHAR"
        for steps in spellings(column.steps, column.alias):
            _place(root, steps, leaf)
    return root


def spellings(steps: tuple[str, ...], alias: str) -> list[tuple[str, ...]]:
    """Return the steps of a path, and those with another name of the last key, if it has one."""
    return [steps, (*steps[:-1], alias)] if alias else [steps]


def _place(node: dict[str, Any], steps: tuple[str, ...], leaf: str) -> None:
    """Put a leaf at its path, and create the objects and lists on the way."""
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
    """Return keys joined to a path into a DuckDB struct."""
    return ".".join(map(_quoted, keys))


def json_path(keys: Iterable[str]) -> str:
    """Return keys joined to a JSON path."""
    return "$" + "".join(f'."{key}"' for key in keys)


def _quoted(key: str) -> str:
    return f'"{key}"'


def text(column: Column, filled: Table | None = None) -> str:
    """Return the SQL expression that reads a column's raw text, or list of texts, from a parsed `item` or its `page`.

    With a table `filled`, list members in which all of its columns are NULL are left out.
    """
    if column.path == ASKED:
        return "asked"
    if column.path.startswith(CONSTANT):
        return f"'{column.path.removeprefix(CONSTANT)}'"
    base = "page" if column.path.startswith(PARENT) else "item"
    steps = [step.removeprefix(PARENT) for step in column.steps]
    mark = mark_of(column)
    if mark is None:
        whole = f"{base}.{quoted(steps)}"
        if column.alias:
            return f"coalesce({whole}, {base}.{quoted([*steps[:-1], column.alias])})"
        return f"{whole}->>'{json_path([column.member])}'" if column.member else whole
    whole, inner = f"{base}.{quoted(steps[:mark])}", steps[mark + 1 :]
    if filled:
        read = {column.steps[mark + 1 :] for column in filled.columns if column.steps[:mark] == tuple(steps[:mark])}
        something = " or ".join(sorted(f"{'.'.join(['member', *map(_quoted, each)])} is not null" for each in read))
        whole = f"list_filter({whole}, lambda member: {something})"
    if steps[mark] == "[0]":
        return f"{whole}[1].{quoted(inner)}"
    return f"list_transform({whole}, lambda member: member.{quoted(inner)})" if inner else whole


def mark_of(column: Column) -> int | None:
    """Return the index of the step of a path that goes into a list; None if there is none."""
    return next((place for place, step in enumerate(column.steps) if step.startswith("[")), None)


def containers(table: Table) -> dict[tuple[str, ...], str]:
    """Return the objects and lists on the way to the table's columns, as paths in the item with their JSON type."""
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
    """Return the expressions of the columns in an object that are not inside a list."""
    inside = [column for column in table.columns if column.steps[: len(path)] == path]
    return [text(column) for column in inside if not any(step.startswith("[") for step in column.steps)]
