"""Every metric of engagement over the six contacts, worked out by hand."""

from collections.abc import Iterator
from typing import Any

import pytest

from intercom_kit.errors import BadMetricError
from tests.metrics.six import COMPANIES, MONDAY, NOW, ZONE, contact, events, six
from tests.metrics.twelve import conversation
from tests.metrics.world import World, at

MARCH = at(ZONE, "2026-03-01T12:00")


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """The six contacts."""
    made = six()
    yield made
    made.database.close()


def test_active_contacts_had_an_event_in_the_period(world: World) -> None:
    # a b d, a c, a c f; the last week is not over
    assert world.rows("active_contacts", MONDAY, period="week") == [
        {"period": "2026-03-16T00:00:00+00:00", "complete": True, "value": 3, "n": 3, "events": 6},
        {"period": "2026-03-23T00:00:00+00:00", "complete": True, "value": 2, "n": 2, "events": 3},
        {"period": "2026-03-30T00:00:00+01:00", "complete": False, "value": 3, "n": 3, "events": 3},
    ]


def test_an_event_counts_once_for_a_group_that_several_companies_of_a_contact_are_in(world: World) -> None:
    # no company has an industry, so that all are in one group, with c of two companies
    rows = world.rows("active_contacts", MONDAY, period="week", by="company.industry")
    assert [(row["n"], row["events"]) for row in rows] == [(3, 6), (2, 3), (3, 3)]


def test_a_day_is_the_workspaces_own(world: World) -> None:
    days = {row["period"][:10]: row["n"] for row in world.rows("active_contacts", MONDAY)}
    assert (days["2026-03-28"], days["2026-03-29"], days["2026-03-30"]) == (0, 1, 3)  # c at 23:30 and at 0:30


def test_stickiness_is_a_day_of_the_28_that_end_with_it(world: World) -> None:
    rows = {row["period"][:10]: row for row in world.rows("stickiness", MONDAY)}
    assert len(rows) == 16
    # the 16th: a and d; d came on the 10th, too
    assert (rows["2026-03-16"]["daily"], rows["2026-03-16"]["weekly"], rows["2026-03-16"]["monthly"]) == (2, 2, 2)
    # the 22nd: nobody; a, b and d in the week
    assert (rows["2026-03-22"]["daily"], rows["2026-03-22"]["weekly"], rows["2026-03-22"]["monthly"]) == (0, 3, 3)
    # the 25th: nobody; of the week from the 19th on a alone
    assert (rows["2026-03-25"]["daily"], rows["2026-03-25"]["weekly"], rows["2026-03-25"]["monthly"]) == (0, 1, 3)
    # the 30th: a, c, f of all but e
    assert rows["2026-03-30"]["value"] == pytest.approx(3 / 5)


def test_active_days_count_those_who_never_came(world: World) -> None:
    # e none; b, d and f one; c two (the 29th and 30th); a the 16th, 17th, 24th and 30th
    assert [(row["days"], row["hits"], row["n"]) for row in world.rows("active_days", MONDAY, contacts="all")] == [
        (0, 1, 6),
        (1, 3, 6),
        (2, 1, 6),
        (3, 0, 6),
        (4, 1, 6),
    ]


@pytest.mark.parametrize("definition", ["last_seen", "events"])
def test_the_active_share_is_of_all_contacts(world: World, definition: str) -> None:
    (row,) = world.rows("active_share", MONDAY, definition=definition)
    assert (row["hits"], row["n"], row["events"]) == (5, 6, None if definition == "last_seen" else 12)
    (later,) = world.rows("active_share", MONDAY.replace(day=23), definition=definition)
    assert (later["hits"], later["n"]) == (3, 6)  # a, c, f


def test_a_contact_counts_for_each_of_its_companies(world: World) -> None:
    rows = world.rows("company_activity", MONDAY, definition="events")
    assert {row["company"]: (row["hits"], row["n"]) for row in rows} == {"Acme": (3, 3), "Bolt": (2, 2), None: (1, 2)}


def test_segments_are_compared_by_their_members(world: World) -> None:
    memberships = [("a", "VIP"), ("b", "VIP"), ("b", "New")]
    for name in ("VIP", "New"):
        world.database.execute("insert into segments (id, name) values (?, ?)", [name, name])
    for who, name in memberships:
        world.database.execute("insert into contact_segments values (?, ?, ?)", [who, name, name])
    rows = world.rows("segment_comparison", MONDAY.replace(day=23))
    assert {row["segment"]: (row["hits"], row["n"]) for row in rows} == {"VIP": (1, 2), "New": (0, 1), None: (2, 4)}


def test_feature_adoption_is_by_contact_and_not_by_event(world: World) -> None:
    rows = world.rows("feature_adoption", MONDAY, contacts="all")
    assert [(row["event"], row["hits"], row["n"], row["times"]) for row in rows] == [
        ("created", 4, 6, 4),
        ("logged-in", 3, 6, 7),  # a three times, c three times, b
        ("exported", 1, 6, 1),
    ]


def test_retention_in_brackets_asks_who_came_in_the_period(world: World) -> None:
    # the 16th's: a, b, f, of whom a and b came at once, a in the next week; the 23rd's: c and the lead e
    rows = world.rows("retention", MONDAY, contacts="all")
    assert [(row["period"][8:10], row["age"], row["hits"], row["n"]) for row in rows] == [
        ("16", 0, 2, 3),
        ("16", 1, 1, 3),
        ("16", 2, 2, 3),
        ("23", 0, 1, 2),
        ("23", 1, 1, 2),
    ]


def test_rolling_retention_asks_who_came_then_or_later(world: World) -> None:
    rows = world.rows("retention", MONDAY, definition="rolling", contacts="all")
    assert [(row["period"][8:10], row["age"], row["hits"]) for row in rows] == [
        ("16", 0, 3),
        ("16", 1, 2),  # a, and f, who came in the third week only
        ("16", 2, 2),
        ("23", 0, 1),
        ("23", 1, 1),
    ]


def test_retention_masks_what_is_not_over(world: World) -> None:
    rows = world.rows("retention", MONDAY, contacts="all")
    assert [row["value"] for row in rows] == [pytest.approx(2 / 3), pytest.approx(1 / 3), None, 0.5, None]
    assert [row["complete"] for row in rows] == [True, True, False, True, False]


def test_lifecycle_tells_new_from_returning_and_back_again(world: World) -> None:
    rows = world.rows("lifecycle", MONDAY)
    stages = {(row["period"][8:10], row["stage"]): row["n"] for row in rows}
    assert len(rows) == 12
    # a and b signed up; d came in the week before, too
    assert [stages["16", stage] for stage in ("new", "returning", "resurrected", "dormant")] == [2, 1, 0, 0]
    # c; a; nobody; b and d
    assert [stages["23", stage] for stage in ("new", "returning", "resurrected", "dormant")] == [1, 1, 0, 2]
    # nobody; a and c; f, who signed up on the 17th; nobody
    assert [stages["30", stage] for stage in ("new", "returning", "resurrected", "dormant")] == [0, 2, 1, 0]


STEPS = ["logged-in", "created", "exported"]


def test_a_funnel_waits_for_each_step_so_long(world: World) -> None:
    # a logged in on the 16th, created on the 24th, which is too late; b all in five minutes; c logged in
    rows = world.rows("funnel", MONDAY, steps=STEPS)
    assert [(row["step"], row["event"], row["hits"], row["n"]) for row in rows] == [
        (1, "logged-in", 3, 3),
        (2, "created", 1, 3),
        (3, "exported", 1, 3),
    ]
    assert [row["median_seconds"] for row in rows] == [None, 300, 0]


def test_a_funnels_window_may_be_longer(world: World) -> None:
    rows = world.rows("funnel", MONDAY, steps=STEPS, window="2w")
    assert [row["hits"] for row in rows] == [3, 2, 1]
    assert [row["of_previous"] for row in rows] == [None, pytest.approx(2 / 3), 0.5]
    assert rows[1]["median_seconds"] == (300 + 8 * 86_400) / 2


@pytest.mark.parametrize("options", [{}, {"steps": ["logged-in"]}, {"steps": STEPS, "window": "a week"}])
def test_a_funnel_without_steps_or_window_is_refused(world: World, options: dict[str, Any]) -> None:
    with pytest.raises(BadMetricError, match="funnel"):
        world.rows("funnel", MONDAY, **options)


def test_contact_rate_is_for_100_active_contacts(world: World) -> None:
    # v3 of d while a, b and d are active; v1 of a while a and c are; v2 of a while a, c and f are
    rows = world.rows("contact_rate", MONDAY)
    assert [row["conversations"] for row in rows] == [1, 1, 1]
    assert [row["value"] for row in rows] == pytest.approx([100 / 3, 50, 100 / 3])


def test_support_load_stands_beside_what_is_paid(world: World) -> None:
    rows = {row["plan"]: row for row in world.rows("support_load", MONDAY)}
    assert rows["Pro"] == {
        "plan": "Pro",
        "value": 1,  # v1 and v2, of two companies
        "n": 2,
        "conversations": 2,
        "writing_companies": 1,
        "monthly_spend": 500,  # less than nothing counts as nothing
        "per_1000_spend": 4,
        "first_response_time": 900,
        "csat": 0.5,
        "rated": 2,
    }
    assert rows["Free"]["per_1000_spend"] is None
    assert world.left_out("support_load", MONDAY) == {"companies with a spend below zero, counted as none": 1}


def test_account_health_weighs_what_is_known(world: World) -> None:
    rows = {row["company"]: row for row in world.rows("account_health", MARCH)}
    # Acme: all of a, b, c seen (40), a day ago (25 * 29/30), one of two reopened (10), one of two ratings good (7.5)
    assert rows["Acme"]["value"] == pytest.approx(40 + 25 * 29 / 30 + 10 + 7.5)
    assert (rows["Acme"]["band"], rows["Acme"]["known_weight"]) == ("green", 100)
    # Bolt: no ratings, so of 85
    assert rows["Bolt"]["value"] == pytest.approx(100 * (40 + 25 * 29 / 30 + 20) / 85)
    assert (rows["Cole"]["value"], rows["Cole"]["band"], rows["Cole"]["known_weight"]) == (None, None, 0)


def test_account_health_takes_other_weights(world: World) -> None:
    rows = {row["company"]: row for row in world.rows("account_health", MARCH, weights={"outcome": 1})}
    assert rows["Acme"]["value"] == 50
    assert rows["Bolt"]["value"] is None
    with pytest.raises(BadMetricError, match="usage, engagement, support, outcome"):
        world.rows("account_health", MARCH, weights={"luck": 1})


def test_churn_risk_gives_its_reasons(world: World) -> None:
    rows = {row["company"]: row["reasons"] for row in world.rows("churn_risk", MARCH)}
    assert rows == {
        "Acme": ("rated 2 or less",),
        "Bolt": ("a conversation open for over 7 days", "a conversation tagged as cancelling"),
    }


def test_churn_risk_from_events_tells_who_slows_down() -> None:
    done = [("h", f"0{day} 09:00", "logged-in") for day in (2, 3, 4)] + [("h", "20 09:00", "logged-in")]
    world = World(
        ZONE, NOW, contacts=[contact("h", "01 09:00", "20 09:00", ["A"])], events=events(done), companies=COMPANIES[:1]
    )
    assert world.rows("churn_risk", MARCH) == []
    (row,) = world.rows("churn_risk", MARCH, definition="events")
    assert row["reasons"] == ("activity fell by more than half",)


@pytest.mark.parametrize("name", ["account_health", "churn_risk"])
def test_accounts_that_are_alike_come_by_their_ids(name: str) -> None:
    companies = [{"id": id, "name": id, "plan_name": "Pro"} for id in ("d", "a", "c", "b")]
    stale = [
        conversation(f"of {id}", "20 12:00", company_id=id, state="open", first_admin_reply_at=None) for id in "abcd"
    ]
    world = World(ZONE, NOW, companies=companies, conversations=stale)
    assert [row["company_id"] for row in world.rows(name, MARCH, by="plan")] == ["a", "b", "c", "d"]


def test_contacts_without_an_event_are_counted(world: World) -> None:
    told = world.left_out("active_contacts", MONDAY, contacts="all")
    assert told == {"contacts without an event in the span": 1}


def test_only_the_contacts_that_filters_choose_count(world: World) -> None:
    (row,) = world.rows("active_share", MONDAY, definition="events", company="Bolt")
    assert (row["hits"], row["n"]) == (2, 2)
    (leads,) = world.rows("active_share", MONDAY, definition="events", role="lead")
    assert (leads["hits"], leads["n"]) == (0, 1)


def test_users_seen_in_the_span_are_asked_about_unless_others_are_meant(world: World) -> None:
    # since the 17th d was not seen, and e is a lead
    later = MONDAY.replace(day=17)
    assert {row["n"] for row in world.rows("active_days", later)} == {4}
    assert {row["n"] for row in world.rows("active_days", later, contacts="users")} == {5}
    assert {row["n"] for row in world.rows("active_days", later, contacts="all")} == {6}
    with pytest.raises(BadMetricError, match="give 'seen', 'users', 'all', or filters"):
        world.rows("active_days", later, contacts="everybody")


def test_filters_say_who_is_asked_about(world: World) -> None:
    world.database.executemany("insert into contact_companies values (?, ?)", [("a", "A"), ("b", "A"), ("c", "A")])
    assert {row["n"] for row in world.rows("active_days", MONDAY, contacts={"company": "Acme"})} == {3}
    assert {row["n"] for row in world.rows("active_days", MONDAY, contacts={"role": "lead"})} == {1}


def test_what_would_need_events_that_are_not_listed_any_more_is_null() -> None:
    # 90 days before the 31st of March at noon is the 31st of December, 11:00 by a clock an hour later now
    world = World(
        ZONE,
        NOW,
        contacts=[contact("a", "16 10:00", "30 12:00", [], signed_up_at=at(ZONE, "2025-12-23T12:00"))],
        events=events([("a", "02 09:00", "logged-in")]),
    )
    since = at(ZONE, "2025-12-22")
    assert [row["value"] for row in world.rows("active_contacts", since, period="week")[:3]] == [None, None, 0]
    # back in a week needs the week before whole, too: the first is that of the 12th of January
    told = [row["value"] for row in world.rows("lifecycle", since) if row["stage"] == "returning"]
    assert told[:4] == [None, None, None, 0]
    ages = world.rows("retention", since)[:4]
    assert [row["value"] for row in ages] == [None, None, 0, 0]
    # 28 days from the first whole one, the 1st of January, on; 7 days are told earlier
    days = {row["period"][:10]: row for row in world.rows("stickiness", since)}
    assert (days["2026-01-06"]["weekly"], days["2026-01-07"]["weekly"]) == (None, 0)
    assert (days["2026-01-27"]["n"], days["2026-01-28"]["n"]) == (None, 0)


@pytest.mark.parametrize("name", ["active_days", "feature_adoption", "funnel"])
def test_one_span_cannot_begin_before_events_are_listed(world: World, name: str) -> None:
    with pytest.raises(BadMetricError, match="not before 2025-12-31 11:00"):
        world.rows(name, at(ZONE, "2025-12-31T10:59"), **({"steps": STEPS} if name == "funnel" else {}))


@pytest.mark.parametrize("name", ["account_health", "churn_risk", "active_share", "company_activity"])
def test_of_what_intercom_says_now_no_history_is_made(world: World, name: str) -> None:
    with pytest.raises(BadMetricError, match="leave until out"):
        world.rows(name, MARCH, until=MONDAY)


def test_dormant_is_told_once_the_period_is_over(world: World) -> None:
    rows = [row for row in world.rows("lifecycle", MONDAY) if row["stage"] == "dormant"]
    assert [(row["value"], row["complete"]) for row in rows] == [(0, True), (2, True), (None, False)]


def test_a_funnel_may_begin_with_any_event() -> None:
    # g looked twice and bought three days after the second look; h bought before looking, and a day late after
    done = [
        *[("g", "01 09:00", "look"), ("g", "09 09:00", "look"), ("g", "12 09:00", "buy")],
        *[("h", "05 08:00", "buy"), ("h", "05 09:00", "look"), ("h", "13 09:00", "buy")],
    ]
    people = [contact(who, "01 08:00", "30 12:00", []) for who in "gh"]
    world = World(ZONE, NOW, contacts=people, events=events(done))
    for definition, hits in (("first_touch", [2, 0]), ("any_touch", [2, 1])):
        rows = world.rows("funnel", MARCH.replace(day=1, hour=0), definition=definition, steps=["look", "buy"])
        assert [row["hits"] for row in rows] == hits
    assert rows[1]["median_seconds"] == 3 * 86_400


def test_the_points_of_account_health_add_up(world: World) -> None:
    rows = {row["company"]: row for row in world.rows("account_health", MARCH)}
    points = [rows["Acme"][f"{part}_points"] for part in ("usage", "engagement", "support", "outcome")]
    assert points == pytest.approx([40, 25 * 29 / 30, 10, 7.5])
    assert rows["Bolt"]["outcome_points"] is None


def test_a_window_of_days_ends_with_the_day() -> None:
    # an event on the 2nd is in the 7 days that end with the 8th, and in the 28 that end with the 29th
    people = [contact("a", "01 09:00", "30 12:00", [])]
    world = World(ZONE, NOW, contacts=people, events=events([("a", "02 09:00", "look")]))
    rows = {row["period"][8:10]: row for row in world.rows("stickiness", MARCH.replace(day=2, hour=0))}
    assert [rows[day]["weekly"] for day in ("02", "08", "09")] == [1, 1, 0]
    assert [rows[day]["monthly"] for day in ("02", "29", "30")] == [1, 1, 0]
    assert (rows["29"]["value"], rows["30"]["value"]) == (0, None)


def test_weeks_stick_as_days_do(world: World) -> None:
    # a b d, then a c, then a c f; in the four weeks that end with the last, all of them
    rows = world.rows("stickiness", MONDAY, period="week")
    assert [(row["daily"], row["weekly"], row["monthly"]) for row in rows] == [(3, 3, 3), (2, 2, 4), (3, 3, 5)]


@pytest.mark.parametrize("period", ["hour", "month", "quarter"])
def test_stickiness_knows_days_and_weeks_alone(world: World, period: str) -> None:
    with pytest.raises(BadMetricError, match="period='day' or 'week'"):
        world.rows("stickiness", MONDAY, period=period)


def test_there_may_be_hundreds_of_periods(world: World) -> None:
    # by hour, of which there are 371: a is new at ten on the 16th, c comes back at midnight after a last half hour
    rows = {(row["period"], row["stage"]): row["n"] for row in world.rows("lifecycle", MONDAY, period="hour")}
    assert rows["2026-03-16T10:00:00+00:00", "new"] == 1
    assert rows["2026-03-29T23:00:00+01:00", "resurrected"] == 1
    assert rows["2026-03-30T00:00:00+01:00", "returning"] == 1
    assert rows["2026-03-30T01:00:00+01:00", "dormant"] == 1
    came = sum(n for (_, stage), n in rows.items() if stage != "dormant")
    assert (len(rows), came) == (371 * 4, 10)  # of 12 events b had three in one hour


def test_events_of_a_time_to_come_are_in_no_period() -> None:
    world = World(
        ZONE, NOW, contacts=[contact("a", "01 09:00", "30 12:00", [])], events=events([("a", "31 18:00", "x")])
    )
    assert [(row["days"], row["hits"]) for row in world.rows("active_days", MONDAY)] == [(0, 1)]
    assert world.rows("lifecycle", MONDAY) == world.rows("stickiness", MONDAY) == []
    assert sum(row["hits"] for row in world.rows("retention", MARCH.replace(day=1))) == 0


def test_who_is_in_two_companies_of_a_plan_counts_once_for_it() -> None:
    # Acme and Cole are both on Pro
    people = [contact("a", "16 09:00", "30 12:00", ["A", "C"])]
    done = events([("a", "16 10:00", "x"), ("a", "17 10:00", "x")])
    world = World(ZONE, NOW, contacts=people, events=done, companies=COMPANIES)
    (share,) = world.rows("active_share", MONDAY, definition="events", by="plan")
    assert (share["plan"], share["n"], share["hits"], share["events"]) == ("Pro", 1, 1, 2)
    (adopted,) = world.rows("feature_adoption", MONDAY, by="plan")
    assert (adopted["n"], adopted["hits"], adopted["times"]) == (1, 1, 2)
