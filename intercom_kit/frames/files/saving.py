"""A frame as a file of CSV, Parquet or Excel, and its receipt as JSON beside it."""

import json
from datetime import tzinfo
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from intercom_kit.database import bare_database
from intercom_kit.errors import BadRequestError
from intercom_kit.frames.files import excel
from intercom_kit.frames.files.cells import with_labels
from intercom_kit.replacing import replacing

RECEIPT = ".receipt.json"  # after the name of the file that it is about
_FORMATS = (".csv", ".parquet", ".xlsx")


def save(frame: pd.DataFrame, path: str | Path, receipt: dict[str, Any], zone: tzinfo | None) -> list[Path]:
    """Write a frame to a file, whose name ends with its format, and its receipt beside; return both paths.

    Both are replaced together, once they are complete. Raises BadRequestError for another format, for more rows than
    Excel takes, and where nothing can be written.
    """
    path = Path(path)
    if path.suffix.lower() not in _FORMATS:
        raise BadRequestError(f"{path.name!r} names no format: end it with {' or '.join(_FORMATS)}.")
    table, beside = with_labels(frame), path.name + RECEIPT
    with replacing(path.parent) as folder:
        match path.suffix.lower():
            case ".csv":
                table.to_csv(folder / path.name, index=False)
            case ".parquet":
                _write_parquet(table, folder / path.name)
            case _:
                receipt = {**receipt, "excel": excel.write({frame_name(frame): frame}, folder / path.name, zone)}
        (folder / beside).write_text(json.dumps(receipt, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return [path, path.with_name(beside)]


def frame_name(frame: pd.DataFrame) -> str:
    """Return what a frame holds, as its receipt says."""
    told = frame.attrs.get("intercom") or {}
    return str((told.get("metric") or {}).get("title") or told.get("table") or "rows")


def _write_parquet(table: pd.DataFrame, path: Path) -> None:
    try:
        with bare_database() as database:
            database.execute("set global TimeZone = 'UTC'")
            database.from_df(pd.DataFrame(table)).write_parquet(str(path))
    except duckdb.Error as error:
        raise BadRequestError(
            f"This frame cannot be Parquet ({error}): give its columns values of one type, as by astype('str')."
        ) from error
