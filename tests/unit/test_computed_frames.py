"""What pandas makes of a frame keeps the frame's receipt, which stays true of the rows that are left."""

import pickle
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pytest

from intercom_kit.frames.frame import Frame, with_receipt
from intercom_kit.frames.receipt import Receipt

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)


def fetched(table: str = "conversations", rows: int = 10, **told: Any) -> Frame:
    """A frame with rows of two states and a number each."""
    data = {"id": [str(row) for row in range(rows)], "state": ["open", "closed"] * (rows // 2), "parts": range(rows)}
    return with_receipt(pd.DataFrame(data), Receipt(table, requests=2, at=AT, **told))


@pytest.mark.parametrize(
    ("computed", "rows"),
    [
        (lambda frame: frame[frame["state"] == "open"], 5),
        (lambda frame: frame.query("state == 'open'"), 5),
        (lambda frame: frame.loc[frame["parts"] > 6, ["id"]], 3),
        (lambda frame: frame.head(2), 2),
        (lambda frame: frame.nlargest(4, "parts"), 4),
        (lambda frame: frame.sample(3, random_state=1), 3),
        (lambda frame: frame.drop_duplicates("state"), 2),
        (lambda frame: frame[frame["state"] == "open"].head(2), 2),
        (lambda frame: frame[frame["state"] == "open"].reset_index(drop=True).sort_values("parts").tail(1), 1),
        (lambda frame: frame[frame["state"] == "none"], 0),
        (lambda frame: pickle.loads(pickle.dumps(frame.head(1))), 1),  # noqa: S301 - pickled here
    ],
)
def test_rows_that_are_left_are_counted_of_those_that_were_fetched(
    computed: Callable[[Frame], Frame], rows: int
) -> None:
    frame = computed(fetched())
    assert len(frame) == frame.attrs["intercom"]["rows"] == rows
    assert frame.receipt.startswith(f"conversations: {rows} of 10 rows, filtered here · complete · 2 requests")
    assert frame.receipt in repr(frame)


@pytest.mark.parametrize(
    "computed",
    [
        lambda frame: frame.sort_values("parts", ascending=False),
        lambda frame: frame.assign(more=1),
        lambda frame: frame[["id", "state"]],
        lambda frame: frame.copy(),
        lambda frame: frame.set_index("id"),
    ],
)
def test_a_frame_with_all_its_rows_says_what_it_said(computed: Callable[[Frame], Frame]) -> None:
    assert computed(fetched()).receipt == fetched().receipt


@pytest.mark.parametrize(
    ("computed", "rows"),
    [
        (lambda frame: frame.pivot_table(index="state", values="parts", aggfunc="sum"), 2),
        (lambda frame: frame.head(2).T, 3),
        (lambda frame: frame.merge(pd.DataFrame({"state": ["open"], "owner": ["Ada"]})), 5),
        (lambda frame: pd.concat([frame.head(1), frame.tail(2)]), 3),
    ],
)
def test_rows_that_are_new_are_told_from_those_that_are_left(computed: Callable[[Frame], Frame], rows: int) -> None:
    frame = computed(fetched())
    assert frame.receipt.startswith(f"conversations: {rows} rows, computed here from 10 · complete")


def test_two_fetched_frames_together_have_the_receipts_of_both() -> None:
    whole, part = fetched(notes=["a"]), fetched("contacts", complete=False, why="interrupted", total=40, notes=["b"])
    frame = whole.merge(part, on="id")
    said = "conversations and contacts: 10 rows, computed here from 20 · not complete: interrupted · 4 requests"
    assert frame.receipt.startswith(said)
    assert frame.attrs["intercom"]["notes"] == ["a", "b"]


def test_of_a_metric_that_was_merged_with_another_neither_definition_is_told() -> None:
    measured = {"title": "CSAT", "definition": "intercom", "unit": "share", "hours": "no durations", "since": None}
    frame = fetched("query", metric=measured)
    assert "CSAT" in frame.head(2).receipt
    assert "CSAT" not in frame.merge(fetched("other", metric=measured), on="id").receipt


def test_a_column_and_a_row_say_how_many_rows_the_frame_had() -> None:
    frame = fetched()
    for part in (frame["parts"], frame["parts"][frame["parts"] > 6], frame.iloc[4]):
        assert type(part) is pd.Series
        assert part.attrs["intercom"]["fetched"] == 10
        assert "rows" not in part.attrs["intercom"]


def test_rows_that_are_added_in_place_are_counted() -> None:
    frame = fetched()
    frame.loc[10] = ["10", "open", 3]
    assert frame.receipt.startswith("conversations: 11 rows, computed here from 10")


def test_of_an_incomplete_frame_no_part_is_complete() -> None:
    frame = fetched(complete=False, why="only the newest 10", total=3_000)
    assert "not complete: only the newest 10" in frame[frame["state"] == "open"].receipt


def test_what_a_frame_of_ones_own_becomes_has_no_receipt() -> None:
    assert type(pd.DataFrame({"id": ["1"]}).merge(fetched())) is pd.DataFrame
