"""Excel files: a sheet for each frame, and one with their receipts.

XlsxWriter writes them, and not openpyxl, since it is told that no text is a formula: what customers write may begin
with `=`.
"""

from collections.abc import Mapping
from datetime import tzinfo
from pathlib import Path
from typing import Any

import pandas as pd

from intercom_kit.errors import BadRequestError
from intercom_kit.frames.files.cells import Cells, cells_of

RECEIPTS = "receipts"
MOST_ROWS = 1_048_575  # below the header
_LONGEST_NAME = 31
_NO_FORMULAS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_WIDEST = 60


def write(frames: Mapping[str, pd.DataFrame], path: Path, zone: tzinfo | None) -> dict[str, Any]:
    """Write frames to a file, by the names of their sheets, with a sheet of receipts; return what became of values.

    Instants are local times of a zone, by default that of each column, which the receipts name. Raises BadRequestError
    without XlsxWriter, and for more rows than a sheet has.
    """
    try:
        import xlsxwriter  # noqa: F401  # of an extra
    except ImportError as error:
        raise BadRequestError(
            f"Writing Excel files needs XlsxWriter ({error}): pip install 'intercom_kit[excel]' brings it, or save CSV."
        ) from error
    sheets = sheet_names(frames)
    if large := [name for name, frame in frames.items() if len(frame) > MOST_ROWS]:
        raise BadRequestError(
            f"{', '.join(large)}: more rows than the {MOST_ROWS:,} of a sheet; save CSV or Parquet, or sum them up."
        )
    cells = {name: cells_of(frame, zone) for name, frame in frames.items()}
    told = {sheets[name]: _told(frames[name], each) for name, each in cells.items()}
    with pd.ExcelWriter(path, engine="xlsxwriter", engine_kwargs={"options": _NO_FORMULAS}) as writer:
        for name, each in cells.items():
            _write_sheet(writer, sheets[name], each.table)
        lines = [(sheet, what, text) for sheet, lines in told.items() for what, text in lines]
        _write_sheet(writer, RECEIPTS, pd.DataFrame(lines, columns=["sheet", "what", "says"]))
    return {sheet: dict(lines) for sheet, lines in told.items()}


def sheet_names(frames: Mapping[str, pd.DataFrame]) -> dict[str, str]:
    """Return the names of sheets for those of frames: as Excel takes them, and each once."""
    found: dict[str, str] = {}
    taken = {RECEIPTS}
    for name in frames:
        plain = "".join("-" if letter in "[]:*?/\\" else letter for letter in str(name)).strip("' ") or "rows"
        sheet, number = plain[:_LONGEST_NAME], 2
        while sheet.lower() in taken:
            ending = f" {number}"
            sheet, number = plain[: _LONGEST_NAME - len(ending)] + ending, number + 1
        taken.add(sheet.lower())
        found[name] = sheet
    return found


def _told(frame: pd.DataFrame, cells: Cells) -> list[tuple[str, str]]:
    """Return what the sheet of receipts says of a frame."""
    receipt = getattr(frame, "receipt", "")
    metric = (frame.attrs.get("intercom") or {}).get("metric") or {}
    lines = [("receipt", receipt or "not from Intercom")]
    lines += [("definition", f"{metric['text']} Source: {metric['source']}.")] if metric else []
    lines += [("times", f"local times of {', '.join(sorted(cells.zones))}")] if cells.zones else []
    return lines + [("changed", "; ".join(cells.changed))] * bool(cells.changed)


def _write_sheet(writer: Any, name: str, table: pd.DataFrame) -> None:
    table.to_excel(writer, sheet_name=name, index=False, freeze_panes=(1, 0))
    sheet = writer.sheets[name]
    for place, column in enumerate(table.columns):
        longest = max([len(str(column)), *map(len, map(str, table[column].head(200)))])
        sheet.set_column(place, place, min(longest + 2, _WIDEST))
