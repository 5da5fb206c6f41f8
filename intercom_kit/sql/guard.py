"""Let through one question, and nothing that changes data, settings or files."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import duckdb

from intercom_kit.errors import BadQueryError
from intercom_kit.sql import syntax
from intercom_kit.sql.database import bare_database
from intercom_kit.sql.mistakes import unreadable
from intercom_kit.sql.pivot import Pivot
from intercom_kit.sql.pivot import read as read_pivot
from intercom_kit.sql.reach import Reach, refused

# Nothing outside the session's own tables can be reached: no file, network, extension, or variable of the caller.
SETTINGS = (
    "set global enable_external_access = false",
    "set global python_enable_replacements = false",
)

# Should a statement get through that sets something, it finds all settings locked but the one that bounds its time.
LOCK = ("set global allowed_configs = ['max_execution_time']", "set global lock_configuration = true")

# As words without brackets these are functions, which tell who is connected to what; a column of the name comes first.
SILENCED = ("current_catalog", "current_role", "current_schema", "current_user", "session_user", "user")

_SHOWN = re.compile(r"(?is)(?>\s|--[^\n]*\n|/\*.*?\*/)*+explain(?:\s+(analyze))?\b")

# DuckDB takes very long to read brackets in brackets.
_DEEPEST = 250
_BRACKETS = re.compile(r"'[^']*'?|\"[^\"]*\"?|--[^\n]*|/\*.*?(?:\*/|\Z)|[([{]|[)\]}]", re.DOTALL)


@dataclass(frozen=True)
class Question:
    """One question that may be asked: the SELECTs whose rows it needs, and the text that is run on these.

    A PIVOT that finds its own values has no text before they are known; EXPLAIN reads no rows, so it shows the plan
    that decides what is asked.
    """

    text: str
    needs: tuple[str, ...]
    pivot: Pivot | None = None
    reads: bool = True


def silencing() -> Iterator[str]:
    """Give the statements that make errors of the functions that can be written like columns."""
    for name in SILENCED:
        yield f"create macro {name}() as error('{name} cannot be asked: only tables can.')"


def checked(cursor: duckdb.DuckDBPyConnection, query: str, tables: Collection[str]) -> Question:
    """Read a query over some tables; raise BadQueryError where it is no single statement, or does anything but ask."""
    statements = _statements(cursor, query)
    if len(statements) != 1:
        raise BadQueryError(f"Give one SELECT at a time; {len(statements) or 'no'} statements came.")
    kind, statement = _kind(statements[0]), str(statements[0].query).strip().rstrip(";")
    match kind:
        case "SELECT":
            return _select(cursor, statement, tables)
        case "EXPLAIN":
            return _explain(cursor, statement, tables)
        case "MULTI":
            return _pivot(cursor, statement, tables)
        case _:
            raise BadQueryError(f"Only a SELECT can be asked, not {kind}: plan() shows what a query needs.")


def parameters_of(query: str) -> list[str]:
    """List the `$name`s in a query; none where it cannot be read, which `checked` tells better."""
    try:
        with bare_database() as connection:
            return sorted(name for each in _statements(connection, query) for name in each.named_parameters)
    except BadQueryError:
        return []


def _statements(cursor: duckdb.DuckDBPyConnection, query: str) -> list[duckdb.Statement]:
    if not isinstance(query, str):
        raise BadQueryError(f"Give a SELECT as text, not {query!r}.")
    if _depth(query) > _DEEPEST:
        raise syntax.too_deep()
    try:
        query.encode()
        return cursor.extract_statements(query)
    except UnicodeEncodeError:
        raise BadQueryError("The SQL holds half a character (a surrogate): read it with the right encoding.") from None
    except duckdb.Error as error:
        raise unreadable(error) from error


def _depth(query: str) -> int:
    """Count how many brackets stand in each other; texts, quoted names and comments have none."""
    depth = deepest = 0
    if sum(map(query.count, "([{")) > _DEEPEST:
        for found in _BRACKETS.finditer(query):
            depth += (found[0] in "([{") - (found[0] in ")]}")
            deepest = max(deepest, depth)
    return deepest


def _kind(statement: duckdb.Statement) -> str:
    """Name the type of a statement; DuckDB's module for Python lacks the names of some."""
    try:
        return str(statement.type.name)
    except ValueError:
        return str(statement.query).split(maxsplit=1)[0].upper()


def _select(cursor: duckdb.DuckDBPyConnection, statement: str, tables: Collection[str]) -> Question:
    tree = syntax.read(cursor, statement)
    if tree["error"]:
        raise refused(f"what cannot be read: {tree['error_message']}")
    reach = Reach(statement, tables)
    reach.follow(tree["statements"])
    return Question(statement, (statement,), reads=not reach.lists_tables)


def _explain(cursor: duckdb.DuckDBPyConnection, statement: str, tables: Collection[str]) -> Question:
    """Read EXPLAIN of a SELECT, which is checked alone: with ANALYZE, DuckDB runs what it explains, whatever it is."""
    shown = _SHOWN.match(statement)
    if not shown or statement[shown.end() :].lstrip()[:1] == "(":
        raise BadQueryError("Write EXPLAIN or EXPLAIN ANALYZE right before a SELECT, without options or brackets.")
    explained = checked(cursor, statement[shown.end() :], tables)
    if not explained.text.strip() or explained.text not in explained.needs:
        raise BadQueryError(
            "Only a SELECT can be explained; name the values of a PIVOT: ON state IN ('open', 'closed')."
        )
    if shown[1]:
        return Question(f"explain analyze {explained.text}", explained.needs)
    return Question(f"explain {explained.text}", (), reads=False)


def _pivot(cursor: duckdb.DuckDBPyConnection, statement: str, tables: Collection[str]) -> Question:
    """Read a PIVOT that finds its own values; the SELECTs that do so, and the one with values, are checked alone."""
    pivot = read_pivot(statement)
    needs = (*pivot.values(), pivot.named([[""] for _ in pivot.expressions])) if pivot else ()
    if not pivot or not all(_is_select(cursor, each) for each in needs):
        raise BadQueryError(
            "Only one SELECT, or one PIVOT, can be asked. Name the values of a PIVOT inside another query, or with "
            "some values named already: ON state IN ('open', 'closed')."
        )
    for each in needs:
        checked(cursor, each, tables)
    return Question("", needs, pivot)


def _is_select(cursor: duckdb.DuckDBPyConnection, text: str) -> bool:
    try:
        return [_kind(each) for each in _statements(cursor, text)] == ["SELECT"]
    except BadQueryError:
        return False
