"""In-memory DuckDB databases, such as that of a workspace, which holds the fetched rows and runs queries."""

import re

import duckdb

from intercom_kit.errors import BadRequestError


def open_database(memory_limit: str | None = None) -> duckdb.DuckDBPyConnection:
    """Open the in-memory database of one workspace, which raises an error when memory is full and never uses a disk."""
    database = bare_database()
    database.execute("set global temp_directory = ''")
    if memory_limit is not None:
        _limit(database, memory_limit)
    database.execute("set global TimeZone = 'UTC'")
    # Memory that the allocator keeps after parsing a batch; by default, a large listing leaves half a gigabyte in it.
    database.execute("set global allocator_bulk_deallocation_flush_threshold = '64MB'")
    return database


def bare_database() -> duckdb.DuckDBPyConnection:
    """Open an in-memory database without a proxy: DuckDB would read one from the environment, with its password."""
    database = duckdb.connect(config={"http_proxy": "none"})  # a value here keeps DuckDB from reading the environment
    database.execute("set global http_proxy = ''")
    return database


def _limit(database: duckdb.DuckDBPyConnection, memory_limit: str) -> None:
    """Set the database's memory limit; raise BadRequestError if it is not an amount."""
    if not re.fullmatch(r"\d+(\.\d+)? ?[MGT]i?B", str(memory_limit), re.IGNORECASE):
        database.close()
        raise BadRequestError(f"memory_limit={memory_limit!r} must be an amount such as '500MB' or '2GB'.")
    database.execute(f"set global memory_limit = '{memory_limit}'")
