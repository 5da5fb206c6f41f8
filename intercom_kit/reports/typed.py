"""The frame of a report: its columns with their types, instants in UTC where their timezone is known."""

import re
from datetime import tzinfo
from typing import Any

import pandas as pd

from intercom_kit.database import bare_database
from intercom_kit.frames.frame import Frame, with_receipt
from intercom_kit.frames.receipt import Receipt
from intercom_kit.reports.columns import ReportColumn, columns_of
from intercom_kit.reports.sheet import Sheet
from intercom_kit.tables.columns import Column, Kind
from intercom_kit.tables.privacy import KEY, Privacy, protected
from intercom_kit.zones import zone

_TRUE, _FALSE = ("true", "yes", "1"), ("false", "no", "0")
_FORMATS = "%Y-%m-%d %H:%M:%S"
UNKNOWN_ZONE = "the file does not say in which timezone these instants are: give timezone="


def typed_frame(sheet: Sheet, receipt: Receipt, timezone: tzinfo | None, privacy: Privacy) -> Frame:
    """Return the frame of a sheet, one row per row of the file, in its order.

    Instants without a timezone stay without one, and a note says so. Values that do not fit are missing, and counted.
    """
    columns = columns_of(sheet.header)
    cells = list(zip(*sheet.rows, strict=True)) if sheet.rows else [()] * len(columns)
    series = {
        each.column.name: _series(each, list(texts), timezone, receipt)
        for each, texts in zip(columns, cells, strict=True)
    }
    return with_receipt(_protected(pd.DataFrame(series), columns, privacy), receipt)


def _series(column: ReportColumn, texts: list[str], timezone: tzinfo | None, receipt: Receipt) -> Any:
    declared = column.column
    given: list[str | None] = [text if text.strip() else None for text in texts]
    match declared.kind:
        case Kind.TIME:
            found = instants(given, zone(column.zone) if column.zone else timezone)
            if not column.zone and timezone is None:
                receipt.notes.append(f"{declared.name}: {UNKNOWN_ZONE}")
        case Kind.INTEGER:
            found = pd.Series([_whole(text) for text in given], dtype="Int64")
        case Kind.BOOLEAN:
            found = pd.Series([_truth(text) for text in given], dtype="boolean")
        case _:
            return pd.array(given, dtype="str")
    if misfits := sum(text is not None for text in given) - int(found.notna().sum()):
        receipt.misfits[declared.name] = misfits
    return found


def instants(texts: list[str | None], timezone: tzinfo | None) -> "pd.Series[Any]":
    """Return texts as instants: local times of a timezone, without one where it is unknown, or Unix seconds.

    Of a local time that occurs twice, as when clocks go back, it is the first; one that clocks skip is missing.
    """
    numbers = [text is not None and bool(re.fullmatch(r"\d{9,11}", text)) for text in texts]
    if texts and all(numbers[place] for place, text in enumerate(texts) if text is not None) and any(numbers):
        seconds = pd.Series([None if text is None else int(text) for text in texts], dtype="Int64")
        return pd.to_datetime(seconds, unit="s", utc=True).astype("datetime64[us, UTC]")
    walls = pd.to_datetime(pd.Series(texts, dtype="object"), format=_FORMATS, errors="coerce").astype("datetime64[us]")
    if timezone is None:
        return walls
    first = [True] * len(walls)
    return walls.dt.tz_localize(timezone, ambiguous=first, nonexistent="NaT").dt.tz_convert("UTC")  # type: ignore[arg-type]


def _whole(text: str | None) -> int | None:
    return int(float(text)) if text is not None and re.fullmatch(r"-?\d{1,15}(\.0+)?", text.strip()) else None


def _truth(text: str | None) -> bool | None:
    word = (text or "").strip().lower()
    return True if word in _TRUE else False if word in _FALSE else None


def _protected(frame: pd.DataFrame, columns: list[ReportColumn], privacy: Privacy) -> pd.DataFrame:
    """Return the frame with what is personal as pseudonyms, or left out."""
    personal = [each.column for each in columns if each.column.personal]
    if privacy == "full" or not personal:
        return frame
    texts = frame[[column.name for column in personal]]
    with bare_database() as database:
        database.register("texts", texts)
        values = ", ".join(f"{_hidden(column, privacy)} as {_name(column)}" for column in personal)
        given = {"key": KEY} if privacy == "masked" else {}
        hidden = database.execute(f"select {values} from texts", given).df()
    for column in personal:
        frame[column.name] = pd.array(hidden[column.name].to_numpy(dtype="object"), dtype="str")
    return frame


def _hidden(column: Column, privacy: Privacy) -> str:
    return protected(column, f"{_name(column)}::varchar", privacy)


def _name(column: Column) -> str:
    return '"' + column.name.replace('"', '""') + '"'
