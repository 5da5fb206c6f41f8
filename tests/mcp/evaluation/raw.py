"""The sandbox's raw records as tables, read by plain HTTP, so that SQL of the tests' own knows the answers."""

import json
from pathlib import Path
from typing import Any

import duckdb

from ..test_questions import World

TABLES = ("contacts", "conversations", "companies", "teams", "admins", "segments")


def tables_of(world: World, folder: Path) -> duckdb.DuckDBPyConnection:
    """Return a database of the records, as Intercom's API gives them."""
    database = duckdb.connect()
    database.execute("set TimeZone = 'UTC'")
    for name in TABLES:
        file = folder / f"{name}.json"
        file.write_text("\n".join(map(json.dumps, getattr(world, name))))
        database.execute(f"create table {name} as from read_json('{file}', sample_size = -1)")
    return database


def plain(value: Any) -> Any:
    """Return a number as a float, so that 3 and 3.0 are one."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else value
