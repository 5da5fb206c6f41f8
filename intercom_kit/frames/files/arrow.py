"""Frames as Arrow tables and polars frames, by DuckDB, which needs no pyarrow for that."""

from typing import Any

import duckdb
import pandas as pd

from intercom_kit.database import bare_database
from intercom_kit.errors import BadRequestError
from intercom_kit.frames.files.cells import with_labels


def relation(frame: pd.DataFrame) -> duckdb.DuckDBPyRelation:
    """Return a frame as a relation of DuckDB, which is an Arrow stream for any library that reads these."""
    database = bare_database()
    database.execute("set TimeZone = 'UTC'")
    return database.from_df(with_labels(frame))


def table(frame: pd.DataFrame) -> Any:
    """Return a frame as an Arrow table of pyarrow, or else of nanoarrow; raise BadRequestError without both."""
    try:
        import pyarrow
    except ImportError:
        pass
    else:
        return pyarrow.table(relation(frame))
    try:
        import nanoarrow
    except ImportError as error:
        raise BadRequestError(
            f"No library for Arrow is installed ({error}): pip install 'intercom_kit[arrow]' brings a small one."
        ) from error
    return nanoarrow.Array(relation(frame))


def polars(frame: pd.DataFrame) -> Any:
    """Return a frame of polars; raise BadRequestError without it."""
    try:
        import polars
    except ImportError as error:
        raise BadRequestError(
            f"polars is not installed ({error}): pip install 'intercom_kit[polars]' brings it."
        ) from error
    return polars.DataFrame(relation(frame))
