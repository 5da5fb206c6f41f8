"""Let through one SELECT, and nothing that changes data, settings or files."""

import difflib
import json
import re
from collections.abc import Iterator
from typing import Any

import duckdb

from intercom_kit.errors import BadQueryError

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
_REFUSED_FUNCTIONS = frozenset({"write_log", "sleep_ms", "nextval", "setval"})
# A common table expression may change data, too.
_NODES = frozenset({"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"})


def checked(cursor: duckdb.DuckDBPyConnection, query: str) -> str:
    """Give the text of the query's one statement; raise BadQueryError where it is none, several, or no SELECT."""
    try:
        statements = cursor.extract_statements(query)
    except duckdb.Error as error:
        raise BadQueryError(f"The SQL cannot be read: {error}") from error
    if len(statements) != 1:
        raise BadQueryError(f"Give one SELECT at a time; these are {len(statements)} statements.")
    kind = statements[0].type.name
    if kind == "SELECT":
        statement = str(statements[0].query).strip().rstrip(";")
        for refused in _refused(cursor, statement):
            raise BadQueryError(f"Only a SELECT over tables can be asked, without {refused}.")
        return statement
    hint = "use group by and filter instead of PIVOT" if kind == "MULTI" else "plan() shows what a query needs"
    raise BadQueryError(f"Only a SELECT can be asked, not {kind}: {hint}.")


def _refused(cursor: duckdb.DuckDBPyConnection, statement: str) -> Iterator[str]:
    """Name what a SELECT may not do, read from its syntax before anything is looked up or run."""
    ((serialized,),) = cursor.execute("select json_serialize_sql(?)", [statement]).fetchall()
    tree = json.loads(serialized)
    if tree["error"]:
        yield f"what cannot be read: {tree['error_message']}"
        return
    for node in _nodes(tree):
        kind, function = str(node.get("type")), str(node.get("function_name")).lower()
        if kind == "TABLE_FUNCTION":
            called = str(node["function"].get("function_name")).lower()
            if called not in _TABLE_FUNCTIONS:
                yield f"{called}()"
        elif kind.endswith("_NODE") and kind not in _NODES:
            yield kind.removesuffix("_NODE").removesuffix("_QUERY")
        elif function in _REFUSED_FUNCTIONS:
            yield f"{function}()"


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    if isinstance(tree, dict):
        yield tree
    for each in tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ():
        yield from _nodes(each)


def explained(error: duckdb.Error, tables: list[str]) -> BadQueryError:
    """Say what DuckDB found wrong with a query, with the nearest table where one is misspelt."""
    said = str(error)
    missing = re.search(r"Table with name (\w+) does not exist", said)
    if missing:
        near = difflib.get_close_matches(missing[1], tables, n=1)
        hint = f"did you mean {near[0]}?" if near else f"the tables are {', '.join(tables)}."
        return BadQueryError(f"There is no table {missing[1]}: {hint}")
    return BadQueryError(f"The query cannot be answered: {said}")
