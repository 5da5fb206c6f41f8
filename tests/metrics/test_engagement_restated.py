"""Metrics of engagement over random workspaces equal their restatement in plain Python, as clocks change."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from statistics import median
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intercom_kit.metrics import METRICS
from intercom_kit.zones import zone as timezone
from tests.metrics.restated import label, labels
from tests.metrics.test_restated import CHANGES, random
from tests.metrics.world import Row, World

WORLD = World("UTC", datetime.now().astimezone())
COMPANIES = [
    {"id": "A", "name": "Acme", "plan_name": "Pro", "monthly_spend": 500.0},
    {"id": "B", "name": "Bolt", "plan_name": "Free", "monthly_spend": 0.0},
    {"id": "C", "name": "Cole", "plan_name": None, "monthly_spend": None},
]
NAMES = {"A": "Acme", "B": "Bolt"}
STEPS = ["look", "buy", "look"]
Group = str | None
DAY = timedelta(days=1)


class Invented:
    """An invented workspace, and a request to it."""

    def __init__(self, draw: st.DrawFn) -> None:
        zone = draw(st.sampled_from(list(CHANGES)))
        self.zone, self.change = timezone(zone), CHANGES[zone]
        self.now = self.change + timedelta(days=10, hours=5, minutes=7)
        self.since = self.change - timedelta(days=draw(st.integers(1, 20)), minutes=50)
        self.contacts = [self._contact(draw, f"p{number}") for number in range(draw(st.integers(0, 6)))]
        people = st.sampled_from([*(contact["id"] for contact in self.contacts), "stranger"])
        self.events = [
            {"id": f"e{n}", "intercom_user_id": who, "event_name": what, "created_at": when}
            for n, (who, what, when) in enumerate(
                draw(st.lists(st.tuples(people, st.sampled_from(["look", "buy", "share"]), self._moments), max_size=40))
            )
        ]
        self.talks = [self._talk(draw, f"c{number}", draw(people)) for number in range(draw(st.integers(0, 6)))]
        self.by = draw(st.sampled_from([(), ("country",), ("company",)]))
        self.period = draw(st.sampled_from(["day", "week", "month"]))
        self.asking = draw(st.sampled_from(["seen", "users", "all"]))
        tables = {"contacts": self.contacts, "events": self.events, "conversations": self.talks}
        WORLD.hold(zone, self.now, companies=COMPANIES, **tables)

    @property
    def _moments(self) -> st.SearchStrategy[datetime]:
        """Invent moments in the 50 days up to now, by whole minutes, many of them close to the change of clocks."""
        minutes = st.integers(-40 * 1440, 10 * 1440) | st.integers(-1500, 1500)
        return minutes.map(lambda each: self.change + timedelta(minutes=each))

    def _contact(self, draw: st.DrawFn, id: str) -> Row:
        return {
            "id": id,
            "role": draw(st.sampled_from(["user", "user", "lead"])),
            "created_at": draw(self._moments),
            "signed_up_at": draw(st.none() | self._moments),
            "last_seen_at": draw(st.none() | self._moments),
            "company_ids": draw(st.none() | st.lists(st.sampled_from("AB"), max_size=3)),
            "location_country": draw(st.sampled_from([None, "France", "Peru"])),
        }

    def _talk(self, draw: st.DrawFn, id: str, contact: str) -> Row:
        return {
            "id": id,
            "contact_id": contact,
            "company_id": draw(st.sampled_from([None, "A", "B", "Z"])),
            "created_at": draw(self._moments),
            "state": draw(st.sampled_from(["open", "closed", "snoozed"])),
            "waiting_since": draw(st.none() | self._moments),
            "count_reopens": draw(st.none() | st.integers(0, 2)),
            "rating": draw(st.none() | st.integers(1, 7)),
            "time_to_admin_reply": draw(st.none() | st.integers(-5, 5000)),
            "tag_names": draw(st.none() | st.lists(st.sampled_from(["Cancellation", "bug"]), max_size=2)),
        }

    # --- what is asked -------------------------------------------------------------------------------------------

    def answer(self, name: str, key: tuple[str, ...] = (), **given: Any) -> dict[tuple[Any, ...], Row]:
        """Return a metric's rows by some of their columns; periods are named by their first day."""
        found = {}
        options = {"contacts": self.asking} if "contacts" in METRICS[name].options else {}
        rows = WORLD.rows(name, self.since, **({"by": self.by} | options | given))
        for row in rows:
            if "period" in row:
                row["period"] = row["period"][:10]
            found[tuple(row[each] for each in (*key, *given.get("by", self.by)))] = row
        assert len(found) == len(rows), "a row came twice"
        return found

    # --- what is known -------------------------------------------------------------------------------------------

    def day(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()

    def label(self, moment: datetime, period: str | None = None) -> str:
        return label(moment, period or self.period, self.zone)

    def begin(self, name: str) -> datetime:
        """Return the moment at which the day of a label begins."""
        return datetime.combine(date.fromisoformat(name), time(), self.zone)

    def periods(self, since: datetime, period: str | None = None) -> list[str]:
        return labels(since, self.now, period or self.period, self.zone)

    def members(self, begins: datetime, asking: str | None = None) -> dict[Group, list[Row]]:
        """Divide whom is asked about by group."""
        divided: dict[Group, list[Row]] = defaultdict(list)
        for contact in self.contacts:
            asking = asking or self.asking
            seen = contact["last_seen_at"] is not None and contact["last_seen_at"] >= begins
            if asking == "all" or (contact["role"] == "user" and (asking == "users" or seen)):
                for group in self.groups(contact):
                    divided[group].append(contact)
        return divided

    def groups(self, contact: Row) -> list[Any]:
        if self.by == ("company",):
            return list(dict.fromkeys(NAMES[each] for each in contact["company_ids"] or [])) or [None]
        return [contact["location_country"] if self.by else ()]

    def key(self, group: Any) -> tuple[Any, ...]:
        return (group,) if self.by else ()

    def done(self, contacts: Iterable[Row], since: datetime) -> list[Row]:
        ids = {contact["id"] for contact in contacts}
        return [event for event in self.events if event["intercom_user_id"] in ids and event["created_at"] >= since]

    def active(self, contacts: Iterable[Row], since: datetime) -> dict[str, set[str]]:
        """Return who was active in each period."""
        found: dict[str, set[str]] = defaultdict(set)
        for event in self.done(contacts, since):
            found[self.label(event["created_at"])].add(event["intercom_user_id"])
        return found


@st.composite
def workspaces(draw: st.DrawFn) -> Invented:
    return Invented(draw)


def same(found: dict[Any, Row], expected: dict[Any, Row]) -> None:
    """Compare the columns that are expected."""
    assert set(found) == set(expected)
    for key, row in expected.items():
        assert {each: found[key][each] for each in row} == {
            each: pytest.approx(value) if isinstance(value, int | float) else value for each, value in row.items()
        }, key


@random
@given(workspaces())
def test_active_contacts_and_contact_rate(invented: Invented) -> None:
    since = invented.begin(invented.label(invented.since))
    actives, rates = {}, {}
    for group, contacts in invented.members(since).items():
        events, ids = invented.done(contacts, since), {contact["id"] for contact in contacts}
        talks = [talk for talk in invented.talks if talk["contact_id"] in ids and talk["created_at"] >= since]
        active = invented.active(contacts, since)
        for period in invented.periods(since):
            key, n = (period, *invented.key(group)), len(active[period])
            times = sum(invented.label(event["created_at"]) == period for event in events)
            wrote = sum(invented.label(talk["created_at"]) == period for talk in talks)
            if events:
                actives[key] = {"value": n, "n": n, "events": times}
            if events or talks:
                rates[key] = {"value": 100 * wrote / n if n else None, "n": n, "conversations": wrote}
    same(invented.answer("active_contacts", ("period",), period=invented.period), actives)
    same(invented.answer("contact_rate", ("period",), period=invented.period), rates)


@random
@given(workspaces())
def test_stickiness(invented: Invented) -> None:
    first = invented.day(invented.since)
    begins, expected = invented.begin((first - 27 * DAY).isoformat()), {}
    for group, contacts in invented.members(begins).items():
        visits = {(e["intercom_user_id"], invented.day(e["created_at"])) for e in invented.done(contacts, begins)}
        for name in invented.periods(invented.begin(first.isoformat()), "day") if visits else []:
            today = date.fromisoformat(name)
            daily, weekly, monthly = (
                len({who for who, day in visits if today - length * DAY < day <= today}) for length in (1, 7, 28)
            )
            value = daily / monthly if monthly else None
            row = {"daily": daily, "weekly": weekly, "monthly": monthly, "n": monthly, "value": value}
            expected[(name, *invented.key(group))] = row
    same(invented.answer("stickiness", ("period",)), expected)


@random
@given(workspaces())
def test_active_days_and_adoption(invented: Invented) -> None:
    divided = invented.members(invented.since)
    days = {
        group: [
            len({invented.day(e["created_at"]) for e in invented.done([each], invented.since)}) for each in contacts
        ]
        for group, contacts in divided.items()
    }
    most = max((each for found in days.values() for each in found), default=0)
    expected = {
        (number, *invented.key(group)): {"hits": found.count(number), "n": len(found)}
        for group, found in days.items()
        for number in range(most + 1)
    }
    same(invented.answer("active_days", ("days",)), expected)
    kinds = {e["event_name"] for contacts in divided.values() for e in invented.done(contacts, invented.since)}
    adopted = {}
    for group, contacts in divided.items():
        for kind in kinds:
            done = [e for e in invented.done(contacts, invented.since) if e["event_name"] == kind]
            hits, n = len({e["intercom_user_id"] for e in done}), len(contacts)
            adopted[(kind, *invented.key(group))] = {"value": hits / n, "hits": hits, "n": n, "times": len(done)}
    same(invented.answer("feature_adoption", ("event",)), adopted)


@random
@given(workspaces())
def test_active_shares(invented: Invented) -> None:
    by_events, by_snapshot = {}, {}
    for group, contacts in invented.members(invented.since, "all").items():
        done, n = invented.done(contacts, invented.since), len(contacts)
        hits = len({event["intercom_user_id"] for event in done})
        by_events[invented.key(group)] = {"value": hits / n, "hits": hits, "n": n, "events": len(done)}
        seen = sum(each["last_seen_at"] is not None and each["last_seen_at"] >= invented.since for each in contacts)
        by_snapshot[invented.key(group)] = {"value": seen / n, "hits": seen, "n": n, "events": None}
    same(invented.answer("active_share", definition="events", contacts="all"), by_events)
    same(invented.answer("company_activity", contacts="all"), by_snapshot)


def joined(contact: Row) -> datetime:
    return contact["signed_up_at"] or contact["created_at"]


@random
@given(workspaces())
def test_retention(invented: Invented) -> None:
    since = invented.begin(invented.label(invented.since))
    periods = invented.periods(since)
    bracket, rolling = {}, {}
    for group, contacts in invented.members(since).items():
        for number, cohort in enumerate(periods):
            of = [c for c in contacts if joined(c) >= since and invented.label(joined(c)) == cohort]
            active = invented.active(of, since)
            for age, period in enumerate(periods[number:] if of else []):
                key = (cohort, age, *invented.key(group))
                over = period != periods[-1]
                then = len(active[period])
                later = len(set().union(*(active[each] for each in periods[number + age :])))
                for cells, hits in ((bracket, then), (rolling, later)):
                    cells[key] = {"hits": hits, "n": len(of), "value": hits / len(of) if over else None}
    for definition, expected in (("bracket", bracket), ("rolling", rolling)):
        found = invented.answer("retention", ("period", "age"), period=invented.period, definition=definition)
        same(found, expected)


@random
@given(workspaces())
def test_lifecycle(invented: Invented) -> None:
    since = invented.begin(invented.label(invented.since))
    begins = invented.begin(invented.label(since - timedelta(hours=2)))
    periods, expected = invented.periods(begins), {}
    for group, contacts in invented.members(begins).items():
        active = invented.active(contacts, begins)
        began = {contact["id"]: invented.label(joined(contact)) for contact in contacts}
        for before, period in zip(periods, periods[1:] if active else [], strict=False):
            new = {who for who in active[period] if began[who] == period}
            stages = {
                "new": new,
                "returning": active[period] & active[before] - new,
                "resurrected": active[period] - active[before] - new,
                "dormant": active[before] - active[period],
            }
            for stage, who in stages.items():
                told = stage != "dormant" or period != periods[-1]
                row = {"n": len(who), "value": len(who) if told else None}
                expected[(period, stage, *invented.key(group))] = row
    same(invented.answer("lifecycle", ("period", "stage"), period=invented.period), expected)


def path(done: list[Row], definition: str, window: timedelta) -> list[float | None]:
    """Return how long one contact took for each step that it got to; nothing for the first."""
    at = {kind: sorted({e["created_at"] for e in done if e["event_name"] == kind}) for kind in STEPS}
    reached, took = at[STEPS[0]], [None] if at[STEPS[0]] else []
    for step in STEPS[1:] if reached else []:
        starts = reached[:1] if definition == "first_touch" else reached
        pairs = [(then, max(start for start in starts if start <= then)) for then in at[step] if starts[0] <= then]
        pairs = [(then, start) for then, start in pairs if then - start <= window]
        if not pairs:
            break
        reached = [then for then, _ in pairs]
        took.append((pairs[0][0] - pairs[0][1] if len(starts) == 1 else min(b - a for b, a in pairs)).total_seconds())
    return took


@random
@given(workspaces())
def test_funnels(invented: Invented) -> None:
    for definition in ("first_touch", "any_touch"):
        expected = {}
        for group, contacts in invented.members(invented.since).items():
            paths = [path(invented.done([each], invented.since), definition, 5 * DAY) for each in contacts]
            hits = [sum(len(each) > step for each in paths) for step in range(len(STEPS))]
            for step, name in enumerate(STEPS if hits[0] else []):
                times = [each[step] for each in paths if len(each) > step and step]
                expected[(step + 1, *invented.key(group))] = {
                    "event": name,
                    "hits": hits[step],
                    "n": hits[0],
                    "value": hits[step] / hits[0],
                    "of_previous": hits[step] / hits[step - 1] if step and hits[step - 1] else None,
                    "median_seconds": median(times) if times else None,
                }
        same(invented.answer("funnel", ("step",), definition=definition, steps=STEPS, window="5d"), expected)


@random
@given(workspaces())
def test_support_load(invented: Invented) -> None:
    expected = {}
    for company in COMPANIES:
        talks = [t for t in invented.talks if t["company_id"] == company["id"] and t["created_at"] >= invented.since]
        replies = [t["time_to_admin_reply"] for t in talks if (t["time_to_admin_reply"] or 0) >= 0]
        replies = [each for each in replies if each is not None]
        rated = [t["rating"] for t in talks if t["rating"] is not None and t["rating"] <= 5]
        spend = company["monthly_spend"]
        expected[(company["name"],)] = {
            "value": len(talks),
            "n": 1,
            "writing_companies": min(len(talks), 1),
            "per_1000_spend": 1000 * len(talks) / spend if spend else None,
            "first_response_time": median(replies) if replies else None,
            "csat": sum(each >= 4 for each in rated) / len(rated) if rated else None,
        }
    same(invented.answer("support_load", by=("company",)), expected)


@random
@given(workspaces())
def test_account_health_and_churn_risk(invented: Invented) -> None:
    now, since, scores, risks = invented.now, invented.since, {}, {}
    weights = {"usage": 10, "engagement": 0, "support": 30, "outcome": 5}
    for company in COMPANIES:
        people = [each for each in invented.contacts if company["id"] in (each["company_ids"] or [])]
        seen = [each["last_seen_at"] for each in people if each["last_seen_at"]]
        talks = [t for t in invented.talks if t["company_id"] == company["id"] and t["created_at"] >= since]
        rated = [t["rating"] for t in talks if t["rating"] is not None and t["rating"] <= 5]
        waits = [t for t in talks if t["state"] != "closed" and t["waiting_since"] and now - t["waiting_since"] > DAY]
        troubled = [t for t in talks if t in waits or (t["count_reopens"] or 0) > 0]
        judged = [t for t in talks if t in waits or t["count_reopens"] is not None]
        parts = {
            "usage": sum(each >= since for each in seen) / len(people) if people else None,
            "engagement": max(1 - (now - max(seen)) / (30 * DAY), 0) if seen else None,
            "support": 1 - len(troubled) / len(judged) if judged else None,
            "outcome": sum(each >= 4 for each in rated) / len(rated) if rated else None,
        }
        known = sum(weights[part] for part, value in parts.items() if value is not None)
        points = {
            part: 100 * value * weights[part] / known for part, value in parts.items() if value is not None and known
        }
        scores[(company["name"],)] = parts | {
            **{f"{part}_points": points.get(part) for part in parts},
            "value": sum(points.values()) if known else None,
        }
        middle, done = since + (now - since) / 2, [e["created_at"] for e in invented.done(people, since)]
        recent = sum(each >= middle for each in done)
        reasons = {
            "nobody seen for 30 days": bool(seen) and now - max(seen) > 30 * DAY,
            "rated 2 or less": any(each <= 2 for each in rated),
            "a conversation open for over 7 days": any(
                t["state"] != "closed" and now - t["created_at"] > 7 * DAY for t in talks
            ),
            "a conversation tagged as cancelling": any("Cancellation" in (t["tag_names"] or []) for t in talks),
            "activity fell by more than half": recent * 2 < len(done) - recent,
        }
        found = tuple(reason for reason, holds in reasons.items() if holds)
        if found:
            risks[(company["name"],)] = {"reasons": found, "value": len(found), "n": len(people)}
    same(invented.answer("account_health", by=("company",), weights=weights), scores)
    same(invented.answer("churn_risk", by=("company",), definition="events"), risks)


def test_every_metric_of_engagement_is_restated() -> None:
    restated = {"active_contacts", "contact_rate", "stickiness", "active_days", "feature_adoption", "active_share"}
    restated |= {"company_activity", "segment_comparison"}  # as active_share, by other groups
    restated |= {"retention", "lifecycle", "funnel", "support_load", "account_health", "churn_risk"}
    assert {name for name, metric in METRICS.items() if metric.subject.alias in ("contact", "company")} <= restated
