"""The guard: lets one SELECT, EXPLAIN or PIVOT through, and nothing that changes data, settings or files."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import duckdb

from intercom_kit.database import bare_database
from intercom_kit.errors import BadQueryError
from intercom_kit.sql import syntax
from intercom_kit.sql.mistakes import unreadable
from intercom_kit.sql.pivot import Pivot
from intercom_kit.sql.pivot import read as read_pivot
from intercom_kit.sql.reach import Reach, refused

# Queries reach only the session's own tables: no file, network, extension, or Python variable of the caller.
SETTINGS = (
    "set global enable_external_access = false",
    "set global python_enable_replacements = false",
)

# A second line of defence: all settings are locked except the query timeout, should a SET statement get through.
LOCK = ("set global allowed_configs = ['max_execution_time']", "set global lock_configuration = true")

# Functions that are called without brackets and reveal the user or catalogue; a column of the same name goes first.
SILENCED = ("current_catalog", "current_role", "current_schema", "current_user", "session_user", "user")

_SHOWN = re.compile(r"(?is)(?>\s|--[^\n]*\n|/\*.*?\*/)*+explain(?:\s+(analyze))?\b")

# DuckDB takes very long to parse deeply nested brackets.
_DEEPEST = 250
_BRACKETS = re.compile(r"'[^']*'?|\"[^\"]*\"?|--[^\n]*|/\*.*?(?:\*/|\Z)|[([{]|[)\]}]", re.DOTALL)


@dataclass(frozen=True)
class Question:
    """A checked query: the SELECTs whose rows it `needs`, and the text to run on them.

    A PIVOT without named values has no text until they are known. It `reads` no rows if it is an EXPLAIN, which shows
    the plan of the `explained` SELECT on the empty tables, since that decides what is fetched.
    """

    text: str
    needs: tuple[str, ...]
    pivot: Pivot | None = None
    reads: bool = True
    explained: str = ""


def silencing() -> Iterator[str]:
    """Yield the statements that make the functions in `SILENCED` raise an error."""
    for name in SILENCED:
        yield f"create macro {name}() as error('{name} is not available: queries read tables only.')"


def checked(cursor: duckdb.DuckDBPyConnection, query: str, tables: Collection[str]) -> Question:
    """Return a query over some tables, checked; raise BadQueryError unless it is one statement that only reads."""
    statements = _statements(cursor, query)
    if len(statements) != 1:
        raise BadQueryError(f"Give one SELECT at a time; this has {len(statements) or 'no'} statements.")
    kind, statement = _kind(statements[0]), str(statements[0].query).strip().rstrip(";")
    match kind:
        case "SELECT":
            return _select(cursor, statement, tables)
        case "EXPLAIN":
            return _explain(cursor, statement, tables)
        case "MULTI":
            return _pivot(cursor, statement, tables)
        case _:
            raise BadQueryError(f"Only a SELECT can be run, not {kind}: plan() shows what a query needs.")


def parameters_of(query: str) -> list[str]:
    """Return the `$name`s in a query; none if it cannot be parsed, for which `checked` raises the better error."""
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
        raise BadQueryError("The SQL is not valid Unicode: read it with the right encoding.") from None
    except duckdb.Error as error:
        raise unreadable(error) from error


def _depth(query: str) -> int:
    """Return how deeply brackets nest, apart from those in texts, quoted names and comments."""
    depth = deepest = 0
    if sum(map(query.count, "([{")) > _DEEPEST:
        for found in _BRACKETS.finditer(query):
            depth += (found[0] in "([{") - (found[0] in ")]}")
            deepest = max(deepest, depth)
    return deepest


def _kind(statement: duckdb.Statement) -> str:
    """Return the type of a statement; DuckDB's Python module lacks the names of some."""
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
    """Return the EXPLAIN of a SELECT, which is checked by itself, since EXPLAIN ANALYZE runs any statement."""
    shown = _SHOWN.match(statement)
    if not shown or statement[shown.end() :].lstrip()[:1] == "(":
        raise BadQueryError("Write EXPLAIN or EXPLAIN ANALYZE right before a SELECT, without options or brackets.")
    select = checked(cursor, statement[shown.end() :], tables)
    if not select.text.strip() or select.text not in select.needs:
        raise BadQueryError(
            "Only a SELECT can be explained; name the values of a PIVOT: ON state IN ('open', 'closed')."
        )
    if shown[1]:
        return Question(f"explain analyze {select.text}", select.needs)
    return Question(f"explain {select.text}", (), reads=False, explained=select.text)


def _pivot(cursor: duckdb.DuckDBPyConnection, statement: str, tables: Collection[str]) -> Question:
    """Return a PIVOT without named values, after checking the SELECTs for its values and the PIVOT with them."""
    pivot = read_pivot(statement)
    needs = (*pivot.values(), pivot.named([[""] for _ in pivot.expressions])) if pivot else ()
    if not pivot or not all(_is_select(cursor, each) for each in needs):
        raise BadQueryError(
            "Only one SELECT, or one PIVOT, can be run. Name the values of a PIVOT if it is inside another query, or "
            "if some of its values are named: ON state IN ('open', 'closed')."
        )
    for each in needs:
        checked(cursor, each, tables)
    return Question("", needs, pivot)


def _is_select(cursor: duckdb.DuckDBPyConnection, text: str) -> bool:
    try:
        return [_kind(each) for each in _statements(cursor, text)] == ["SELECT"]
    except BadQueryError:
        return False
