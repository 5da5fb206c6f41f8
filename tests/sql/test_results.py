"""What a query gives has the types that verbs give, whatever it computes."""

from itertools import permutations
from typing import Any

import pandas as pd
import pytest

from intercom_kit import Workspace
from intercom_kit.frames.receipt import Receipt
from intercom_kit.live.query import _summed

TYPES = {
    "9007199254740993::bigint": ("Int64", 9007199254740993),
    "null::bigint": ("Int64", pd.NA),
    "true": ("boolean", True),
    "null::boolean": ("boolean", pd.NA),
    "'x'": ("str", "x"),
    "1.5::double": ("float64", 1.5),
    "1.25::decimal(9, 2)": ("float64", 1.25),
    "timestamptz '2026-11-01 12:00:00+02'": ("datetime64[us, UTC]", pd.Timestamp("2026-11-01 10:00", tz="UTC")),
    "null::timestamptz": ("datetime64[us, UTC]", pd.NaT),
    "date '2026-11-01'": ("datetime64[us]", pd.Timestamp("2026-11-01")),
    "interval 1 day": ("timedelta64[us]", pd.Timedelta(days=1)),
    "['a', null]": ("object", ["a", None]),
    "count(*)": ("Int64", 1),
}


@pytest.mark.parametrize("expression", TYPES)
def test_values_keep_their_type(live: Workspace, expression: str) -> None:
    dtype, value = TYPES[expression]
    column = live.sql(f"select {expression} as it")["it"]
    assert str(column.dtype) == dtype
    assert _same(column[0], value)


def _same(found: Any, expected: Any) -> bool:
    if isinstance(expected, list):
        return list(found) == expected
    return bool(pd.isna(found) if pd.isna(expected) else found == expected)


def test_an_empty_result_has_its_types(live: Workspace) -> None:
    empty = live.sql("select id, created_at, open, count_reopens, tag_ids from conversations where false")
    assert empty.empty
    kinds = ["str", "datetime64[us, UTC]", "boolean", "Int64", "object"]
    assert [str(kind) for kind in empty.dtypes] == kinds


def test_columns_of_one_name_all_stay(live: Workspace) -> None:
    assert live.sql("select 1 as id, 2 as id, 3 as id").iloc[0].tolist() == [1, 2, 3]
    assert live.sql("select 1 as id, 2 as id, 3 as id_1").iloc[0].tolist() == [1, 2, 3]


def test_sums_of_integers_are_exact(live: Workspace) -> None:
    assert live.sql("select sum(x) as s from (values (9007199254740992), (1)) v(x)")["s"][0] == 9007199254740993


def test_lists_of_instants_can_be_read(live: Workspace) -> None:
    assert len(live.sql("select list(created_at) as l from contacts where role = 'lead'")["l"][0]) > 1


EXACTLY = "text is compared exactly, and ilike '%…%' finds a part of it in any case"


@pytest.mark.parametrize(
    ("condition", "notes"),
    [
        ("state = 'opne'", ["conversations: state is never 'opne': did you mean 'open'?"]),
        ("state in ('open', 'pending')", ["conversations: state is never 'pending': there are open, closed, snoozed."]),
        ("state <> 'open'", []),
        ("title = 'opne'", [f"conversations: no row read has title 'opne': {EXACTLY}"]),
    ],
)
def test_a_value_that_no_row_has_is_noted(live: Workspace, condition: str, notes: list[str]) -> None:
    assert live.sql(f"select count(*) from conversations where {condition}").attrs["intercom"]["notes"] == notes


def test_a_receipt_reads_the_same_whichever_fetch_ended_first() -> None:
    events = Receipt("events", notes=["of 90 days"], complete=False, why="one failed", failures={"a": "refused"})
    companies = Receipt("companies", notes=["with contacts"], complete=False, why="cut")
    read = [
        _summed(list(ended), Receipt("query")).as_dict() | {"at": None} for ended in permutations([events, companies])
    ]
    assert str(read[0]) == str(read[1])
    assert read[0]["notes"] == ["with contacts", "of 90 days"]
    assert read[0]["why"] == "companies: cut; events: one failed"
