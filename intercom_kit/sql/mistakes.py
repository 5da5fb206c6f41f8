"""Error messages for mistakes in queries, with their position and the closest name for a typo."""

import difflib
import re
from collections.abc import Collection, Iterable, Sequence

import duckdb

from intercom_kit.errors import BadQueryError
from intercom_kit.sql.syntax import too_deep
from intercom_kit.tables import TABLES

# fmt: off
_WORDS = (
    "select", "from", "where", "group", "order", "by", "having", "join", "left", "right", "inner", "outer", "full",
    "cross", "on", "using", "and", "or", "not", "in", "is", "null", "as", "with", "union", "all", "distinct",
    "limit", "offset", "qualify", "case", "when", "then", "else", "end", "between", "like", "interval", "exists",
)
# fmt: on

# DuckDB doubles the quotes of some names in its errors, but not of others.
_TABLE = re.compile(r"Table with name (.+?) does not exist", re.DOTALL)
_ALIAS = re.compile(r"Referenced table \"(.+?)\" not found", re.DOTALL)
_COLUMN = re.compile(
    r"(?:Referenced column \"(?P<free>.+?)\" not found in FROM|Table \"(?P<of>.+?)\" does not have a column named "
    r"\"(?P<owned>(?:[^\"]|\"\")+)\"|Column \"(?P<listed>(?:[^\"]|\"\")+)\" in \w+ list not found)",
    re.DOTALL,
)
# For these, DuckDB advises to change a setting, which queries cannot do.
_DEEP = re.compile(r"Max expression depth limit|Maximum tree depth")

_LONGEST = 200  # characters of the query that an error repeats

_PLACE = re.compile(r"\n*LINE (\d+): (.*)\n( *)\^+\s*$")


def unreadable(error: duckdb.Error) -> BadQueryError:
    """Return the error for a syntax error, with its position."""
    if _DEEP.search(str(error)):
        return too_deep()
    message, line, column = _split(error)
    # The word before may be the typo: in `name frm contacts`, the parser stumbles over contacts.
    before = re.findall(r"\w+", line[: column - 1])[-1:]
    words = [*re.findall(r"near \"(\w+)\"", message), *before]
    hints = (f" Did you mean {near}?" for word in words if (near := _nearest(word, _WORDS)) and near != word.lower())
    return BadQueryError(f"The SQL cannot be read{_where(error)}: {message}.{next(hints, '')}")


def translated(error: duckdb.Error, tables: Sequence[str], lines_before: int = 0) -> BadQueryError:
    """Return DuckDB's error in a query as ours, with a hint; `lines_before` the query do not count for its position."""
    if _DEEP.search(str(error)):
        return too_deep()
    message, where = _split(error)[0], _where(error, lines_before)
    if missing := _TABLE.search(message):
        return no_table(re.sub(r'^"(.+)"$', r"\1", missing[1], flags=re.DOTALL), where, tables)
    if missing := _ALIAS.search(message):
        candidates = _quoted_after("Candidate tables", message)
        hint = f"the query reads {', '.join(candidates)}." if candidates else "name it after FROM or JOIN."
        return BadQueryError(f"The query reads no table {missing[1]}{where}: {hint}")
    if missing := _COLUMN.search(message):
        name = missing["free"] or (missing["owned"] or missing["listed"]).replace('""', '"')
        table = f" in {missing['of']}" if missing["of"] else ""
        hint = _column_hint(name, _quoted_after("Candidate bindings", message))
        return BadQueryError(f"There is no column {name}{table}{where}: {hint}")
    return BadQueryError(f"The query cannot be answered{where}: {message}")


def no_table(name: str, where: str, tables: Collection[str]) -> BadQueryError:
    """Return the error for an unknown table, with the closest name."""
    near = _nearest(name.rsplit(".", 1)[-1], tables)
    hint = f"did you mean {near}?" if near else f"the tables are {', '.join(tables)}."
    return BadQueryError(f"There is no table {_short(name)}{where}: {hint}", missing=name)


def placed(text: str, byte: int | None) -> str:
    """Return the line and column of a byte in a text, as people count; empty where it lies outside the text."""
    whole = text.encode()
    if byte is None or byte >= len(whole):
        return ""
    lines = whole[:byte].decode(errors="ignore").split("\n")
    return f" (line {len(lines)}, column {len(lines[-1]) + 1})"


def _column_hint(name: str, candidates: list[str]) -> str:
    """Return the closest column of the query's tables, or the tables that have a column of this name."""
    if near := _nearest(name, candidates):
        return f"did you mean {near}?"
    owners = [table.name for table in TABLES.values() if name.lower() in {column.name for column in table.columns}]
    if owners:
        return f"it is a column of {', '.join(owners)}, which must be named after FROM or JOIN."
    known = {column.name for table in TABLES.values() for column in table.columns}
    if near := _nearest(name, known):
        return f"did you mean {near}? ws.schema() shows which table has it."
    return "ws.schema('conversations') lists a table's columns; custom attributes are attr.name."


def _split(error: duckdb.Error) -> tuple[str, str, int]:
    """Return DuckDB's message, the line of the query that it shows, and the column in that, which counts from 1."""
    message = re.sub(r"^[\w ]+ Error: ", "", str(error))
    shown = _PLACE.search(message)
    if not shown:
        return message.strip(), "", 0
    return message[: shown.start()].strip(), shown[2], len(shown[3]) - len(f"LINE {shown[1]}: ") + 1


def _where(error: duckdb.Error, lines_before: int = 0) -> str:
    """Return the position of an error; in a long line, which DuckDB shortens, the text there instead of the column."""
    shown = _PLACE.search(str(error))
    if not shown:
        return ""
    _, line, column = _split(error)
    number = int(shown[1]) - lines_before
    return (
        f" (line {number}, near `{line[column - 1 :][:20]}`)" if "..." in line else f" (line {number}, column {column})"
    )


def _quoted_after(words: str, message: str) -> list[str]:
    """Return the quoted names that follow some words of a message."""
    found = re.findall(r"\"(.+?)\"(?=, \"|\n|$)", message.partition(words)[2], re.DOTALL)
    return [name.removeprefix("temp.") for name in found]  # where tables with attr are planned on


def _nearest(name: str, names: Iterable[str]) -> str | None:
    return next(iter(difflib.get_close_matches(name.lower()[:_LONGEST], list(names), n=1)), None)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
