"""Say in plain Python, value by value, what a frame should hold of a record, and what it should report as unfit.

Where a value stands is taken from the table's declaration; how it is read is said here once more, slowly.
"""

import json
import math
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd

from intercom_kit.tables import Column, Kind, Table

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
YEARS_1_TO_9999 = (-62_135_596_800, 253_402_300_799)
FIRST_MILLISECONDS = 1_290_000_000_000  # the end of 2010: Intercom began in 2011
LARGEST = 2**63 - 1
Steps = tuple[str, ...]


class Unfit(Exception):  # noqa: N818 - a result, not a failure
    """Say that something does not fit, and under which name that is to be counted."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def whole(text: str) -> str:
    """Give text as Unicode knows it: halves of a surrogate pair joined, lonely ones replaced."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def broken(value: Any) -> bool:
    """Tell whether there is half a surrogate pair anywhere in a value."""
    text = json.dumps(value, ensure_ascii=False)
    return whole(text).encode("utf-8") != text.encode("utf-8", "surrogatepass") and "�" in whole(text)


def find(node: Any, steps: Steps, walked: Steps = ()) -> Any:
    """Follow a path; None where it leads nowhere, Unfit where something on the way is of another type."""
    if not steps or node is None:
        return node
    step, *rest = steps
    if step.startswith("["):
        if not isinstance(node, list):
            raise Unfit(".".join(walked))
        read = [within(member, rest) for member in node]
        if step == "[0]":
            return next((value for value in read if value is not None), None)
        return read
    if not isinstance(node, dict):
        raise Unfit(".".join(walked))
    return find(node.get(step), tuple(rest), (*walked, step))


def within(member: Any, rest: list[str]) -> Any:
    """Read a value from a member of a list; None where the member is no object."""
    for key in rest:
        member = member.get(key) if isinstance(member, dict) else None
    return member


def same_text(got: Any, value: Any) -> bool:
    """Tell whether text in a frame is what the JSON holds: itself, or another type's JSON."""
    if value is None or got is None:
        return got is None and value is None
    if isinstance(value, str):
        return bool(got == whole(value))
    if isinstance(value, float):
        return math.isclose(float(got), value, rel_tol=1e-15)
    return bool(json.loads(got) == json.loads(whole(json.dumps(value, ensure_ascii=False))))


def number(value: Any) -> int | float | None:
    """Read a number, also one written as text."""
    if isinstance(value, bool | list | dict):
        return None
    if isinstance(value, int | float):
        return value
    for kind in (int, float):
        try:
            return kind(value)
        except ValueError:
            continue
    return None


def instant(value: Any) -> datetime | None:
    """Read unix seconds, milliseconds or ISO text."""
    seconds = number(value)
    if seconds is not None and seconds >= FIRST_MILLISECONDS:
        seconds = seconds / 1000
    if seconds is None:
        try:
            moment = datetime.fromisoformat(value)
        except (TypeError, ValueError):
            return None
        seconds = ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - EPOCH).total_seconds()
    inside = YEARS_1_TO_9999[0] <= seconds < YEARS_1_TO_9999[1] + 1
    return EPOCH + timedelta(seconds=seconds) if inside else None


def fits(column: Column, got: Any, value: Any) -> bool:
    """Tell whether a frame holds a value as it is; raise Unfit where it cannot."""
    if value is None or (column.body and value == ""):
        return got is None
    match column.kind:
        case Kind.INTEGER:
            read = number(value)
            if read is None or read != read // 1 or not -LARGEST - 1 <= read <= LARGEST:
                raise Unfit(column.name)
            return math.isclose(got, read, rel_tol=1e-15) if isinstance(read, float) else bool(got == read)
        case Kind.NUMBER:
            read = number(value)
            if read is None:
                raise Unfit(column.name)
            return bool(got == float(read))
        case Kind.BOOLEAN:
            known = {"true": True, "false": False, "1": True, "0": False, True: True, False: False}
            if isinstance(value, list | dict | float) or value not in known:
                raise Unfit(column.name)
            return bool(got) is known[value]
        case Kind.TIME:
            moment = instant(value)
            if moment is None:
                raise Unfit(column.name)
            # Seconds of a far future carry no more digits than this.
            return got is not None and abs(got - moment) <= timedelta(microseconds=100)
        case Kind.JSON:
            return bool(json.loads(got) == json.loads(whole(json.dumps(value, ensure_ascii=False))))
        case Kind.ID:
            return got is None if str(value) == "0" else same_text(got, value)
        case _:
            return same_text(got, value)


def plain(value: Any) -> Any:
    """Give a frame's value as plain Python has it."""
    if isinstance(value, list):
        return value
    if pd.isna(value):
        return None
    return value.to_pydatetime() if isinstance(value, pd.Timestamp) else value


def filled(table: Table, column: Column, record: Any) -> list[Any]:
    """Give what a column reads from those members of a list from which some column reads something."""
    mark = column.steps.index("[]")
    beside = [each for each in table.columns if each.steps[:mark] == column.steps[:mark]]
    read = [find(record, (*each.steps[:mark], "[]", *each.steps[mark + 1 :])) for each in beside]
    members = [any(value is not None for value in member) for member in zip(*read, strict=True)]
    return [value for value, kept in zip(find(record, column.steps), members, strict=True) if kept]


def unfit(table: Table, row: Any, record: Any) -> set[str]:
    """Compare one row with its record: fail where they differ, and give the names of what does not fit."""
    names: set[str] = set()
    for column in table.columns:
        got = plain(getattr(row, column.name))
        try:
            value = find(record, column.steps)
            if column.member:
                value = value.get(column.member) if isinstance(value, dict) else None
            if column.kind is Kind.TEXTS and value is not None:
                if None in value:
                    names.add(column.name)
                value = filled(table, column, record)
                assert len(got) == len(value), column.name
                assert all(map(same_text, got, value)), f"{column.name}: {got!r} of {value!r}"
            else:
                assert fits(column, got, value), f"{column.name}: {got!r} of {value!r}"
        except Unfit as odd:
            names.add(odd.name)
    if table.key and plain(getattr(row, table.key)) is None:
        names.add(table.key)
    return names


def misfits(table: Table, frame: pd.DataFrame, records: list[Any]) -> dict[str, int]:
    """Compare a frame, in the order of its records, and count what does not fit."""
    counted: Counter[str] = Counter()
    for row, record in zip(frame.itertuples(), records, strict=True):
        counted.update(unfit(table, row, record))
    return dict(counted)
