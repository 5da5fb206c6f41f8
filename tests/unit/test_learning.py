"""One search for rows that are known shows how Intercom compares dates, and whether it honours an order."""

from datetime import UTC, date, timedelta, tzinfo
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intercom_kit.api.behaviours import LASTS, Findings, registry
from intercom_kit.api.heads import Sample
from intercom_kit.search.bounds import SECONDS, start_of_day
from intercom_kit.search.learning import EITHER, LAG, LONGEST_LAG, Experiment, Learning, experiment
from intercom_kit.tables import CONVERSATIONS

ZONES = ["UTC", "Europe/Dublin", "Asia/Tokyo", "America/Los_Angeles", "Asia/Kathmandu"]
rows = st.lists(
    st.tuples(st.integers(0, 10**6), st.integers(1_700_000_000, 1_760_000_000)),
    min_size=15,
    max_size=60,
    unique_by=lambda row: row[0],
).map(lambda found: [Sample(str(id), second) for id, second in found])


def found(asked: Experiment, known: list[Sample], days: str, zone: tzinfo, *, closed: bool) -> set[str]:
    """Search as Intercom would, under one way to compare dates."""
    by_id = {row.id: row for row in known}
    (group,) = [asked.query()["query"]]
    return {member["id"] for member in map(_sought, group["value"]) if _finds(by_id, member, days, zone, closed=closed)}


def _sought(member: dict[str, object]) -> dict[str, object]:
    if member.get("operator") != "AND":
        return {"id": member["value"], "since": None}
    name, since = member["value"]  # type: ignore[misc]
    return {"id": name["value"], "since": since["value"]}  # type: ignore[has-type]


def _finds(known: dict[str, Sample], member: dict[str, object], days: str, zone: tzinfo, *, closed: bool) -> bool:
    created, since = known[str(member["id"])].created_at, member["since"]
    if not isinstance(since, int):
        return True
    if days != "seconds":
        compared = UTC if days == "utc" else zone
        created, since = start_of_day(created, compared), start_of_day(since, compared)
    return created >= since if closed else created > since


@given(rows, st.sampled_from(["seconds", "utc", "workspace"]), st.sampled_from(ZONES), st.booleans())
def test_what_is_found_is_what_holds_or_leaves_open_whose_days_they_are(
    known: list[Sample], days: str, zone_name: str, closed: bool
) -> None:
    zone = ZoneInfo(zone_name)
    asked = experiment(known, zone)
    assert asked is not None
    told = asked.days(found(asked, known, days, zone, closed=closed))
    assert told == days or (told == EITHER and days != "seconds")


@given(rows, st.sampled_from(["utc", "workspace"]), st.booleans())
def test_days_of_utc_and_of_a_distant_workspace_are_told_apart(known: list[Sample], days: str, closed: bool) -> None:
    zone = ZoneInfo("Asia/Tokyo")
    asked = experiment(known, zone)
    assert asked is not None
    assert asked.days(found(asked, known, days, zone, closed=closed)) == days


@given(rows)
def test_nothing_is_told_where_the_search_does_not_find_what_it_should(known: list[Sample]) -> None:
    asked = experiment(known, UTC)
    assert asked is not None
    everything = {row.id for row in known}
    assert asked.days(everything - {asked.controls[0].id}) is None


@given(rows)
def test_the_order_that_is_asked_for_is_one_in_which_the_rows_did_not_come(known: list[Sample]) -> None:
    asked = experiment(known, UTC)
    assert asked is not None
    came = [row.created_at for row in asked.controls]
    turned = [-second for second in came] if asked.order == "descending" else came
    assert not all(before < after for before, after in pairwise(turned))


def test_few_rows_show_nothing() -> None:
    assert experiment([Sample(str(number), 1_750_000_000 + number) for number in range(4)], UTC) is None


@pytest.mark.parametrize("choice", ["utc", "workspace", EITHER, None])
def test_as_long_as_seconds_are_not_proven_days_are_allowed_for(choice: str | None) -> None:
    learning = Learning()
    if choice:
        learning.saw("search-days", choice, CONVERSATIONS)
    assert not learning.days(CONVERSATIONS).exact


def test_once_seconds_are_proven_they_are_used() -> None:
    learning = Learning()
    learning.saw("search-days", "seconds", CONVERSATIONS)
    assert learning.days(CONVERSATIONS) == SECONDS


def test_a_search_is_taken_to_lag_by_a_quarter_of_an_hour_or_by_twice_what_was_seen() -> None:
    learning = Learning()
    assert learning.lag(CONVERSATIONS) == LAG
    learning.saw_lag(100, CONVERSATIONS)
    assert learning.lag(CONVERSATIONS) == LAG
    learning.saw_lag(1_000, CONVERSATIONS)
    assert learning.lag(CONVERSATIONS) == 2_000
    learning.saw_lag(10**9, CONVERSATIONS)
    assert learning.lag(CONVERSATIONS) == LONGEST_LAG


def test_what_was_found_is_kept_and_read_again() -> None:
    kept: list[dict[str, list[str]]] = []
    learning = Learning(keep=lambda findings: kept.append(findings.as_plain()))
    learning.saw("sort", "ignored", CONVERSATIONS)
    learning.saw("sort", "ignored", CONVERSATIONS)
    assert len(kept) == 1
    assert Findings(kept[0]).of("sort", "conversations") == "ignored"


def test_what_was_found_long_ago_or_is_of_no_known_behaviour_is_not_relied_on() -> None:
    old = (date.today() - timedelta(days=LASTS + 1)).isoformat()
    known = {"sort conversations": ["honoured", old], "moon phase": ["full", date.today().isoformat()]}
    assert Findings(known).items() == []


def test_a_departure_from_the_documentation_is_said_where_it_mattered() -> None:
    learning = Learning()
    assert learning.notes(CONVERSATIONS) == []
    learning.saw("search-days", "seconds", CONVERSATIONS)
    learning.saw("sort", "honoured", CONVERSATIONS)
    assert learning.notes(CONVERSATIONS) == []
    learning.saw("search-days", "utc", CONVERSATIONS)
    learning.saw("sort", "ignored", CONVERSATIONS)
    assert [note.split(":")[0] for note in learning.notes(CONVERSATIONS)] == [
        "Intercom's search of conversations compares dates by whole days (utc)",
        "Intercom's search of conversations ignores the requested order",
    ]


def test_every_behaviour_is_declared_in_full() -> None:
    for behaviour in registry().values():
        assert behaviour.question.endswith("?"), behaviour.name
        assert behaviour.matters.endswith("."), behaviour.name
        for kind in behaviour.objects or ("",):
            assert behaviour.said("documented", kind), behaviour.name
            if isinstance(behaviour.choices, tuple) and behaviour.choices:
                assert behaviour.said("documented", kind) in behaviour.choices
