"""The tables that queries read, in a database that is locked against everything else."""

from collections.abc import Iterator
from pathlib import Path

import duckdb

from intercom_kit.sql import guard, sizes
from intercom_kit.sql.quoting import location
from intercom_kit.tables import TABLES

_RESPONSES = """'[{"team_id": "VARCHAR", "response_time": "DOUBLE"}]'"""

# Links that are part of conversations: reading a view scans conversations.
VIEWS = {
    "conversation_tags": "select id as conversation_id, unnest(tag_ids) as tag_id, unnest(tag_names) as tag_name "
    "from conversations",
    "conversation_contacts": "select id as conversation_id, unnest(contact_ids) as contact_id from conversations",
    # A team that was in charge, and its first response in seconds; NULL in office hours where Intercom has none.
    "conversation_team_responses": "select id as conversation_id, response.team_id as team_id, "
    "response.response_time as response_time, "
    "list_filter(office_hours, lambda other: other.team_id = response.team_id)[1].response_time "
    "as response_time_in_office_hours "
    f"from (select id, unnest(from_json(team_first_responses, {_RESPONSES})) as response, "
    f"from_json(team_first_responses_in_office_hours, {_RESPONSES}) as office_hours from conversations)",
}


def table_names() -> list[str]:
    """Return the names of everything that a query may read, besides its own frames."""
    return [*TABLES, *VIEWS]


# Parsed once for all databases: a parsed statement belongs to none, and DuckDB runs a copy of it.
_parsed: dict[str, list[duckdb.Statement]] = {}


def prepare(database: duckdb.DuckDBPyConnection, folder: Path | None = None) -> None:
    """Create the tables and views that queries read, then lock the database; only files in `folder` stay readable."""
    if folder is not None:
        database.execute(f"set global allowed_directories = [{location(folder)}]")
    text = ";\n".join(definitions())
    if text not in _parsed:
        _parsed[text] = database.extract_statements(text)
    database.begin()
    for statement in _parsed[text]:
        database.execute(statement)
    database.commit()


def definitions() -> Iterator[str]:
    """Yield the statements that prepare a database."""
    yield from (*guard.SETTINGS, *sizes.macros(), *guard.silencing(), *guard.LOCK)
    for table in TABLES.values():
        columns = ", ".join(f'"{column.name}" {column.kind.sql}' for column in table.columns)
        yield f'create table "{table.name}" ({columns})'
    for name, query in VIEWS.items():
        yield f'create view "{name}" as {query}'
