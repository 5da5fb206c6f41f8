"""The tables that queries read, in a database from which nothing else can be reached."""

from pathlib import Path

import duckdb

from intercom_kit.sql import guard, sizes
from intercom_kit.sql.quoting import location
from intercom_kit.tables import TABLES

# Links that conversations carry themselves: reading one means scanning conversations.
VIEWS = {
    "conversation_tags": "select id as conversation_id, unnest(tag_ids) as tag_id, unnest(tag_names) as tag_name "
    "from conversations",
    "conversation_contacts": "select id as conversation_id, unnest(contact_ids) as contact_id from conversations",
}


def table_names() -> list[str]:
    """Return the names of everything that a query may read, besides its own frames."""
    return [*TABLES, *VIEWS]


def prepare(database: duckdb.DuckDBPyConnection, folder: Path | None = None) -> None:
    """Make the tables that queries read, and lock everything else but, for what is exchanged, a folder of our own."""
    if folder is not None:
        database.execute(f"set global allowed_directories = [{location(folder)}]")
    for statement in (*guard.SETTINGS, *sizes.macros(), *guard.silencing(), *guard.LOCK):
        database.execute(statement)
    for table in TABLES.values():
        columns = ", ".join(f'"{column.name}" {column.kind.sql}' for column in table.columns)
        database.execute(f'create table "{table.name}" ({columns})')
    for name, query in VIEWS.items():
        database.execute(f'create view "{name}" as {query}')
