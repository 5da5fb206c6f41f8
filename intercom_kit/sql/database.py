"""In-memory DuckDBs, such as that of one workspace, where all that is fetched lands and is asked."""

import re

import duckdb

from intercom_kit.errors import BadRequestError


def open_database(memory_limit: str | None = None) -> duckdb.DuckDBPyConnection:
    """Open the in-memory DuckDB of one workspace; what does not fit into memory is refused, not written to a disk."""
    database = bare_database()
    database.execute("set global temp_directory = ''")
    if memory_limit is not None:
        _limit(database, memory_limit)
    database.execute("set global TimeZone = 'UTC'")
    # Of what parsing a batch took only so much is kept for the next; by default a large listing keeps half a gigabyte.
    database.execute("set global allocator_bulk_deallocation_flush_threshold = '64MB'")
    return database


def bare_database() -> duckdb.DuckDBPyConnection:
    """Open an in-memory DuckDB that knows no proxy: it would take one from the environment, password and all."""
    database = duckdb.connect(config={"http_proxy": "none"})  # what is given here is not looked for there
    database.execute("set global http_proxy = ''")
    return database


def _limit(database: duckdb.DuckDBPyConnection, memory_limit: str) -> None:
    """Set how much memory a database may use."""
    if not re.fullmatch(r"\d+(\.\d+)? ?[MGT]i?B", str(memory_limit), re.IGNORECASE):
        database.close()
        raise BadRequestError(f"memory_limit={memory_limit!r} must be an amount such as '500MB' or '2GB'.")
    database.execute(f"set global memory_limit = '{memory_limit}'")
