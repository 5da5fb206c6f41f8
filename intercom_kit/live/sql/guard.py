"""Let through one SELECT, and nothing that changes data, settings or files."""

import difflib
import re

import duckdb

from intercom_kit.errors import BadQueryError

# Nothing outside the session's own tables can be reached: no file, network, extension, or variable of the caller.
SETTINGS = (
    "set global enable_external_access = false",
    "set global python_enable_replacements = false",
)


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
        return str(statements[0].query).strip().rstrip(";")
    hint = "use group by and filter instead of PIVOT" if kind == "MULTI" else "plan() shows what a query needs"
    raise BadQueryError(f"Only a SELECT can be asked, not {kind}: {hint}.")


def explained(error: duckdb.Error, tables: list[str]) -> BadQueryError:
    """Say what DuckDB found wrong with a query, with the nearest table where one is misspelt."""
    said = str(error)
    missing = re.search(r"Table with name (\w+) does not exist", said)
    if missing:
        near = difflib.get_close_matches(missing[1], tables, n=1)
        hint = f"did you mean {near[0]}?" if near else f"the tables are {', '.join(tables)}."
        return BadQueryError(f"There is no table {missing[1]}: {hint}")
    return BadQueryError(f"The query cannot be answered: {said}")
