"""Let through one question, and nothing that changes data, settings or files."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

import duckdb

from intercom_kit.errors import BadQueryError
from intercom_kit.live.sql.mistakes import unreadable
from intercom_kit.live.sql.pivot import Pivot
from intercom_kit.live.sql.pivot import read as read_pivot
from intercom_kit.live.sql.syntax import nodes

# Nothing outside the session's own tables can be reached: no file, network, extension, or variable of the caller.
SETTINGS = (
    "set global enable_external_access = false",
    "set global python_enable_replacements = false",
)

# Everything else reads memory, files or logs, switches something, or runs SQL that nobody planned.
_TABLE_FUNCTIONS = frozenset(
    {"range", "generate_series", "unnest", "repeat", "repeat_row", "json_each", "json_tree"}
    | {"duckdb_columns", "duckdb_functions", "duckdb_tables", "pragma_table_info"}
)
_REFUSED_FUNCTIONS = frozenset({"write_log", "sleep_ms", "nextval", "setval", "current_setting"})
# A common table expression may change data, too.
_NODES = frozenset({"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"})


_SHOWN = re.compile(r"(?is)(?:\s|--[^\n]*\n|/\*.*?\*/)*explain(?:\s+(analyze))?\b")


@dataclass(frozen=True)
class Question:
    """Hold one question that may be asked: the SELECTs whose rows it needs, and the text that is run on these.

    A PIVOT that finds its own values has no text before they are known; EXPLAIN reads no rows, so it shows the plan
    that decides what is asked.
    """

    text: str
    needs: tuple[str, ...]
    pivot: Pivot | None = None
    reads: bool = True


def checked(cursor: duckdb.DuckDBPyConnection, query: str) -> Question:
    """Read a query; raise BadQueryError where it is no single statement, or does anything but ask."""
    if not isinstance(query, str):
        raise BadQueryError(f"Give a SELECT as text, not {query!r}.")
    try:
        statements = cursor.extract_statements(query)
    except duckdb.Error as error:
        raise unreadable(error) from error
    if len(statements) != 1:
        raise BadQueryError(f"Give one SELECT at a time; {len(statements) or 'no'} statements came.")
    kind, statement = statements[0].type.name, str(statements[0].query).strip().rstrip(";")
    match kind:
        case "SELECT":
            for refused in _refused(cursor, statement):
                raise BadQueryError(f"Only a SELECT over tables can be asked, without {refused}.")
            return Question(statement, (statement,))
        case "EXPLAIN":
            return _explain(cursor, statement)
        case "MULTI":
            return _pivot(cursor, statement)
        case _:
            raise BadQueryError(f"Only a SELECT can be asked, not {kind}: plan() shows what a query needs.")


def parameters_of(query: str) -> list[str]:
    """List the `$name`s in a query; none where it cannot be read, which `checked` tells better."""
    try:
        with duckdb.connect() as connection:
            return sorted(name for each in connection.extract_statements(query) for name in each.named_parameters)
    except duckdb.Error:
        return []


def _explain(cursor: duckdb.DuckDBPyConnection, statement: str) -> Question:
    """Read EXPLAIN of a SELECT, which is checked alone: with ANALYZE, DuckDB runs what it explains, whatever it is."""
    shown = _SHOWN.match(statement)
    if not shown or statement[shown.end() :].lstrip()[:1] == "(":
        raise BadQueryError("Write EXPLAIN or EXPLAIN ANALYZE right before a SELECT, without options or brackets.")
    explained = checked(cursor, statement[shown.end() :])
    if not explained.text.strip() or explained.text not in explained.needs:
        raise BadQueryError(
            "Only a SELECT can be explained; name the values of a PIVOT: ON state IN ('open', 'closed')."
        )
    if shown[1]:
        return Question(f"explain analyze {explained.text}", explained.needs)
    return Question(f"explain {explained.text}", (), reads=False)


def _pivot(cursor: duckdb.DuckDBPyConnection, statement: str) -> Question:
    """Read a PIVOT that finds its own values; the SELECTs that do so, and the one with values, are checked alone."""
    pivot = read_pivot(statement)
    try:
        needs = pivot and (*pivot.values(), pivot.named([[""] for _ in pivot.expressions]))
        for each in needs or ():
            checked(cursor, each)
    except BadQueryError:
        needs = None
    if not pivot or not needs:
        raise BadQueryError(
            "Only one SELECT, or one PIVOT, can be asked. Name the values of a PIVOT inside another query, or with "
            "some values named already: ON state IN ('open', 'closed')."
        )
    return Question("", needs, pivot)


def _refused(cursor: duckdb.DuckDBPyConnection, statement: str) -> Iterator[str]:
    """Name what a SELECT may not do, read from its syntax before anything is looked up or run."""
    ((serialized,),) = cursor.execute("select json_serialize_sql(?)", [statement]).fetchall()
    tree = json.loads(serialized)
    if tree["error"]:
        yield f"what cannot be read: {tree['error_message']}"
        return
    for node in nodes(tree):
        kind, function = str(node.get("type")), str(node.get("function_name")).lower()
        if kind == "TABLE_FUNCTION":
            called = str(node["function"].get("function_name")).lower()
            if called not in _TABLE_FUNCTIONS:
                yield f"{called}()"
        elif kind.endswith("_NODE") and kind not in _NODES:
            yield kind.removesuffix("_NODE").removesuffix("_QUERY")
        elif function in _REFUSED_FUNCTIONS:
            yield f"{function}()"
        elif kind == "FUNCTION" and (node.get("schema") or node.get("catalog")):
            yield f"a schema before {function}(), which would go around the bounds of sizes"
