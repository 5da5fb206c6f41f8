"""Filters become a search that finds at least what was meant, and SQL that keeps exactly that."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from intercom_kit.errors import BadFilterError, BadTimeError
from intercom_kit.live.bounds import SECONDS, Days
from intercom_kit.live.filters import Selection, containing, search_body, select
from intercom_kit.tables import CONTACTS, CONVERSATIONS

DUBLIN = ZoneInfo("Europe/Dublin")
DAYS = Days(second=True, zones=(DUBLIN,))


def query(selection: Selection) -> Any:
    return search_body(selection.conditions)["query"]


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
