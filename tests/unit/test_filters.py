"""Filters become a search that finds at least what was meant, and SQL that keeps exactly that."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from intercom_kit.errors import BadFilterError, BadTimeError
from intercom_kit.search.bounds import SECONDS, Days
from intercom_kit.search.conditions import containing, search_body
from intercom_kit.search.filters import Selection, select
from intercom_kit.tables import CONTACTS, CONVERSATIONS, Table

DUBLIN = ZoneInfo("Europe/Dublin")
DAYS = Days(second=True, zones=(DUBLIN,))


def query(selection: Selection) -> Any:
    return search_body(selection.conditions)["query"]


def selected(table: Table, filters: dict[str, Any]) -> Selection:
    return select(table, filters, DUBLIN, DAYS)


def test_a_value_is_compared_by_the_searchs_own_name_of_the_column() -> None:
    selection = select(CONVERSATIONS, {"source_type": "email"}, DUBLIN, DAYS)
    assert query(selection) == {"field": "source.type", "operator": "=", "value": "email"}


def test_a_list_means_any_of_several() -> None:
    selection = select(CONVERSATIONS, {"state": ["open", "snoozed"]}, DUBLIN, DAYS)
    assert query(selection) == {"field": "state", "operator": "IN", "value": ["open", "snoozed"]}


def test_several_filters_all_have_to_hold() -> None:
    body = query(select(CONVERSATIONS, {"state": "open", "read": False}, DUBLIN, DAYS))
    assert body["operator"] == "AND"
    assert len(body["value"]) == 2


def test_no_filter_asks_for_everything() -> None:
    selection = select(CONVERSATIONS, {}, DUBLIN, DAYS)
    assert query(selection) == {"field": "created_at", "operator": ">", "value": 0}
    assert selection.sql() == "true"


def test_custom_attributes_are_compared_by_name() -> None:
    selection = select(CONTACTS, {"custom_attributes": {"plan": "pro"}}, DUBLIN, DAYS)
    assert query(selection) == {"field": "custom_attributes.plan", "operator": "=", "value": "pro"}


def test_conversation_times_are_widened_by_a_second_since_bounds_may_be_left_out() -> None:
    since = datetime(2026, 7, 1, tzinfo=DUBLIN)
    selection = select(CONVERSATIONS, {"since": since}, DUBLIN, SECONDS)
    assert query(selection)["value"] == int(since.timestamp()) - 1
    assert selection.sql() == '"created_at" >= $created_at_since'
    assert selection.parameters == {"created_at_since": since}


@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25", "2026-07-01"])  # both clock changes, and a plain day
def test_contact_times_are_widened_beyond_whole_days_also_when_clocks_change(day: str) -> None:
    midnight = datetime.fromisoformat(day).replace(tzinfo=DUBLIN)
    after = query(select(CONTACTS, {"since": day}, DUBLIN, DAYS))
    before = query(select(CONTACTS, {"until": day}, DUBLIN, DAYS))
    # Intercom reads `>` as after the end of the named day and `<` as before its start.
    named_after, named_before = (datetime.fromtimestamp(x["value"], DUBLIN).date() for x in (after, before))
    assert named_after < midnight.date()
    assert named_before >= midnight.date()


def test_numbers_have_bounds() -> None:
    selection = select(CONVERSATIONS, {"rating_max": 2}, DUBLIN, DAYS)
    assert query(selection) == {"field": "conversation_rating.score", "operator": "<", "value": 3}
    assert selection.sql() == '"rating" <= $rating_max'


HELD = [
    ({"state": pd.Series(["open", "closed"])}, {"state": ["open", "closed"]}),
    ({"state": pd.Series(["open", "open", "closed"])}, {"state": ["open", "closed"]}),
    ({"state": pd.Categorical(["open", "closed"])}, {"state": ["open", "closed"]}),
    ({"state": (each for each in ("open", "closed"))}, {"state": ["open", "closed"]}),
    ({"state": {"open": 1}.keys()}, {"state": ["open"]}),
    ({"state": np.str_("open")}, {"state": "open"}),
    ({"open": np.True_}, {"open": True}),
    ({"open": pd.Series([True, None], dtype="boolean")}, {"open": [True, None]}),
    ({"count_reopens": np.int64(2)}, {"count_reopens": 2}),
    ({"count_reopens": 2.0}, {"count_reopens": 2}),
    ({"count_reopens_min": Decimal("2")}, {"count_reopens_min": 2}),
    ({"admin_assignee_id": np.int64(5)}, {"admin_assignee_id": 5}),
    ({"admin_assignee_id": pd.Series([5.0, np.nan])}, {"admin_assignee_id": [5, None]}),
    ({"admin_assignee_id": "5.0"}, {"admin_assignee_id": "5"}),
    ({"admin_assignee_id": pd.NA}, {"admin_assignee_id": None}),
    ({"tag_ids": pd.Series(["12.0"])}, {"tag_ids": ["12"]}),
    ({"since": np.datetime64("2026-07-01")}, {"since": "2026-07-01"}),
    ({"since": pd.Timestamp("2026-07-01")}, {"since": date(2026, 7, 1)}),
]


@pytest.mark.parametrize(
    ("held", "meant"), HELD, ids=[f"{next(iter(held))} {place}" for place, (held, _) in enumerate(HELD)]
)
def test_what_pandas_and_numpy_hold_is_as_the_plain_value(held: dict[str, Any], meant: dict[str, Any]) -> None:
    selection, same = selected(CONVERSATIONS, held), selected(CONVERSATIONS, meant)
    assert selection == same
    assert query(selection) == query(same)


def test_your_own_ids_are_compared_as_text_and_text_of_them_as_it_is() -> None:
    assert query(selected(CONTACTS, {"external_id": 1000.0}))["value"] == "1000"
    assert query(selected(CONTACTS, {"external_id": "1000.0"}))["value"] == "1000.0"


@pytest.mark.parametrize(
    "value", [np.int64(3), 3.0, Decimal("3"), pd.Series([3])[0]], ids=["int64", "float", "Decimal", "of a Series"]
)
def test_attributes_take_the_same_values(value: Any) -> None:
    assert query(selected(CONTACTS, {"custom_attributes": {"seats": value}}))["value"] == 3


@pytest.mark.parametrize(
    "attributes",
    ["plan", ["plan"], {"signed": datetime(2026, 7, 1)}, {"plan": {"name": "pro"}}, {1: "pro"}, {"n": [[1]]}],
)
def test_attributes_that_no_search_can_compare_are_refused(attributes: Any) -> None:
    with pytest.raises(BadFilterError):
        selected(CONTACTS, {"custom_attributes": attributes})


@pytest.mark.parametrize(
    "filters",
    [
        {"role": []},
        {"role": pd.Series([], dtype=str)},
        {"tag_id": np.array([])},
        {"custom_attributes": {"plan": set()}},
        {"role": "user", "external_id": pd.Index([])},
    ],
)
def test_an_empty_list_finds_nothing(filters: dict[str, Any]) -> None:
    selection = selected(CONTACTS, filters)
    assert selection.empty
    assert "false" in selection.sql()


@pytest.mark.parametrize(
    ("filters", "remedy"),
    [
        ({"stat": "open"}, "did you mean 'state'"),
        ({"xyzzy": 1}, "there are"),
        ({"sla_status": "missed"}, "fetch without it, and filter the frame"),
        ({"open": "yes"}, "True or False"),
        ({"count_reopens": "1"}, "a whole number"),
        ({"created_at": "2026-01-01"}, "created_since"),
        ({"state": 1.5}, "text"),
        ({"state": "opne"}, "state is never 'opne': did you mean 'open'"),
        ({"priority": ["low", "priority"]}, "there are none, low, medium, high, urgent"),
        ({"team": "12"}, "did you mean 'team_assignee_id'"),
        ({"state": pd.Series(["open", "opne"])}, "state is never 'opne': did you mean 'open'"),
        ({"state": pd.DataFrame({"state": ["open"]})}, "text"),
        ({"state": {"open": True}}, "text"),
        ({"state": [["open"]]}, "text"),
        ({"state": b"open"}, "text"),
        ({"open": np.int64(1)}, "True or False"),
        ({"count_reopens": 1.5}, "a whole number"),
        ({"count_reopens_min": pd.Series([1])}, "one whole number"),
        ({"count_reopens_min": np.nan}, "one whole number"),
        ({"admin_assignee_id": 12.5}, "dtype=str"),
        ({"admin_assignee_id": 1e17}, "dtype=str"),
        ({"source_subject": 1e17}, "dtype=str"),
    ],
)
def test_a_bad_filter_is_refused_with_what_would_be_valid(filters: dict[str, object], remedy: str) -> None:
    with pytest.raises(BadFilterError, match=remedy):
        select(CONVERSATIONS, filters, DUBLIN, DAYS)


def test_an_unreadable_time_is_refused() -> None:
    with pytest.raises(BadTimeError):
        select(CONVERSATIONS, {"since": "whenever"}, DUBLIN, DAYS)


def test_a_span_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(BadTimeError, match="since is later than until"):
        select(CONVERSATIONS, {"updated_since": "7d", "updated_until": "30d"}, DUBLIN, DAYS)


def test_more_conditions_than_intercom_takes_are_refused() -> None:
    selection = select(CONVERSATIONS, {}, DUBLIN, DAYS)
    selection.conditions += containing("w " * 16, ("source.body",))
    with pytest.raises(BadFilterError, match="at most 15"):
        query(selection)


def test_every_word_of_a_text_has_to_be_found() -> None:
    assert [each["value"][0]["value"] for each in containing("refund please", ("source.body",))] == ["refund", "please"]


def test_a_text_without_words_is_refused() -> None:
    with pytest.raises(BadFilterError):
        containing("  ", ("source.body",))
