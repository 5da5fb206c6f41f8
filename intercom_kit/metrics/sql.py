"""SQL from templates: the one place where values and names become part of a query."""

import math
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from string import Formatter
from textwrap import dedent
from typing import Any

from intercom_kit.errors import BadFilterError

_FORMATTER = Formatter()
_NOTHING = "\ud800"  # half of a character, which no value holds
_LEFT_OUT = re.compile(rf"(\n *| ){_NOTHING}(?=\n|$)|{_NOTHING} ?")
_LINE_BREAK = re.compile(r"""('(?:[^']|'')*'|"(?:[^"]|"")*")|\n""")


class SQL(str):
    """A fragment of SQL, inserted into a template as it is."""

    __slots__ = ()


class Identifier(str):
    """The name of a column or table, inserted into a template in double quotes."""

    __slots__ = ()


def sql(template: str, /, **parts: Any) -> SQL:
    """Return the SQL of a template, each {part} of it quoted unless it is SQL itself.

    Tuples are separated by commas; {part:,} puts a comma after each member, so that there may be none. A line that
    holds nothing but an empty part is left out. Raises BadFilterError for a value that SQL has no constant for.
    """
    written = ""
    for literal, name, comma in _parsed(template):
        written += literal
        if name is not None:
            value, _ = _FORMATTER.get_field(name, (), parts)
            fragment = join(", ", map(quoted, value)) + "," * bool(value) if comma else quoted(value)
            written += _indented(fragment, written.rpartition("\n")[2]) if "\n" in fragment else fragment or _NOTHING
    return SQL((_LEFT_OUT.sub("", written) if _NOTHING in written else written).strip())


@lru_cache(maxsize=1_000)
def _parsed(template: str) -> list[tuple[str, str | None, str | None]]:
    return [(literal, name, comma) for literal, name, comma, _ in _FORMATTER.parse(dedent(template).strip())]


def quoted(value: Any) -> SQL:
    """Return a value as a constant of SQL; raise BadFilterError for a value that has none."""
    match value:
        case SQL():
            return value
        case Identifier():
            return _enclosed(value, '"')
        case str():
            return _enclosed(value, "'")
        case bool():
            return SQL(str(value).lower())
        case int():
            return SQL(value)
        case float() if math.isfinite(value):
            return SQL(value)
        case datetime():  # in the form in which the planner passes it on to Intercom
            return SQL(f"timestamptz '{value.astimezone(UTC).isoformat(sep=' ')}'")
        case date():
            return SQL(f"date '{value}'")
        case timedelta():
            seconds = int(value.total_seconds())
            return SQL(f"interval '{seconds} seconds'" if seconds % 60 else f"interval '{seconds // 60} minutes'")
        case tuple() | list() | set():
            return join(", ", map(quoted, value))
        case _:
            raise BadFilterError(f"{value!r} cannot be compared with: give text, a number, True, False or None.")


def join(separator: str, fragments: Iterable[str]) -> SQL:
    """Return fragments of SQL with a separator between them."""
    return SQL(separator.join(fragments))


def step(name: str, select: str, *, materialized: bool = False) -> SQL:
    """Return a step of the WITH clause; materialized, DuckDB does not take its joins apart."""
    hint = SQL("materialized " if materialized else "")
    return sql("{name} as {hint}(\n    {select}\n)", name=SQL(name), hint=hint, select=SQL(select))


def where(conditions: Iterable[str]) -> SQL:
    """Return the WHERE clause of all conditions that are not empty; nothing if there are none."""
    return SQL(f"where {' and '.join(found)}" if (found := list(filter(None, conditions))) else "")


def qualified(table: str, names: Iterable[str]) -> tuple[SQL, ...]:
    """Return columns with the name of their table."""
    return tuple(SQL(f"{table}.{name}") for name in names)


def same(left: str, right: str, keys: Iterable[str]) -> SQL:
    """Return the condition that two tables' keys are equal, where NULL equals NULL."""
    return join(" and ", (f"{left}.{key} is not distinct from {right}.{key}" for key in keys)) or SQL("true")


def partition(keys: Iterable[str]) -> SQL:
    """Return the PARTITION BY of a window over groups; nothing without groups."""
    names = ", ".join(keys)
    return SQL(f"partition by {names}" if names else "")


def group_by(keys: Iterable[str]) -> SQL:
    """Return the GROUP BY of some keys; nothing without keys."""
    names = ", ".join(keys)
    return SQL(f"group by {names}" if names else "")


def _enclosed(value: str, mark: str) -> SQL:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise BadFilterError(f"{value!r} holds half of a character, and is no text: give the whole one.") from None
    return SQL(mark + value.replace(mark, 2 * mark) + mark)


def _indented(fragment: str, line: str) -> str:
    """Return a fragment indented as the line that it stands in, but for line breaks within constants."""
    indent = line[: len(line) - len(line.lstrip())]
    return _LINE_BREAK.sub(lambda found: found[1] or f"\n{indent}", fragment) if indent else fragment
