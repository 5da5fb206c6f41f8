"""Answers as one Excel file."""

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from pathlib import Path

import pandas as pd

from intercom_kit.errors import BadRequestError
from intercom_kit.frames.files import excel
from intercom_kit.frames.files.saving import frame_name
from intercom_kit.replacing import replacing


def workbook(
    path: str | Path, answers: Sequence[pd.DataFrame], named: Mapping[str, pd.DataFrame], zone: tzinfo
) -> Path:
    """Write answers to an Excel file, which is replaced once it is complete, and return its path."""
    path, frames = Path(path), dict[str, pd.DataFrame]()
    if not all(isinstance(each, pd.DataFrame) for each in [*answers, *named.values()]):
        raise BadRequestError("to_excel() takes a path and then frames: ws.to_excel('week.xlsx', volume, csat=csat).")
    if path.suffix.lower() != ".xlsx":
        raise BadRequestError(f"{path.name!r} is no name of an Excel file: end it with .xlsx.")
    if not answers and not named:
        raise BadRequestError("to_excel() takes the frames to write after the path, and got none.")
    for answer in answers:
        name, number = frame_name(answer), 2
        while (label := name if name not in frames else f"{name} {number}") in frames:
            number += 1
        frames[label] = answer
    with replacing(path.parent) as folder:
        excel.write(frames | dict(named), folder / path.name, zone)
    return path
