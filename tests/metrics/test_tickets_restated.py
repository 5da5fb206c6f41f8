"""Metrics of tickets equal their restatement, over random tickets in several timezones and over the sandbox's."""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from statistics import fmean, median
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intercom_kit import Workspace, charts, connect
from intercom_kit.errors import BadFilterError
from intercom_kit.metrics import METRICS
from intercom_kit.sandbox import Sandbox, serve
from intercom_kit.zones import zone as timezone
from tests.conftest import NOW
from tests.metrics.restated import distribution, label, labels, share
from tests.metrics.restated_tickets import (
    DURATIONS,
    STATES,
    TicketQuestion,
    assignments,
    in_states,
    reopened,
    unresolved,
)
from tests.metrics.test_restated import CHANGES, WORLD
from tests.metrics.world import Row

Cells = dict[tuple[Any, ...], list[Row]]
BY: list[tuple[str, ...]] = [(), ("type",), ("resolver",), ("first_resolver", "state")]
OF_TICKETS = [name for name, metric in METRICS.items() if metric.subject.alias == "ticket"]
PERIODS = ["hour", "day", "week", "month", None]


@st.composite
def tickets(draw: st.DrawFn, number: int, change: datetime) -> tuple[Row, list[Row]]:
    """Invent a ticket some days about a change of clocks, whose parts mostly lead from one state to the next."""
    created = change + timedelta(seconds=draw(st.integers(-9 * 86_400, 3 * 86_400)))
    parts, state, seconds = [], draw(st.sampled_from(["submitted", "submitted", "in_progress"])), -600
    for place in range(draw(st.integers(0, 7))):
        seconds += draw(st.sampled_from([0, 600, 3_600, 50_000, 200_000]))
        kind = draw(st.sampled_from(["moved", "moved", "moved", "same", "assignment", "assign_and_reopen", "comment"]))
        after = draw(st.sampled_from(STATES)) if kind == "moved" else state
        moved = kind in ("moved", "same")
        parts.append(
            {
                "id": f"{number}{place + 8}",  # ids of two lengths
                "ticket_id": f"t{number}",
                "created_at": created + timedelta(seconds=seconds),
                "part_type": "ticket_state_updated_by_admin" if moved else kind,
                "state": after if moved else None,
                "previous_state": draw(st.sampled_from([state] * 9 + [None])) if moved else None,
                "author_type": draw(st.sampled_from(["admin", "bot", "user", "lead"])),
            }
        )
        state = after
    row = {
        "id": f"t{number}",
        "created_at": created,
        "updated_at": change + timedelta(days=9),
        "state": draw(st.sampled_from([state] * 5 + ["resolved", "in_progress"])),
        "ticket_type_name": draw(st.sampled_from(["Bug", "Refund", None])),
        "part_count": draw(st.sampled_from([len(parts)] * 5 + [600, None])),
    }
    return row, parts


@st.composite
def questions(draw: st.DrawFn) -> tuple[TicketQuestion, list[Row]]:
    """Invent tickets and a question about them."""
    zone = draw(st.sampled_from(list(CHANGES)))
    made = [draw(tickets(number, CHANGES[zone])) for number in range(draw(st.integers(0, 12)))]
    since = CHANGES[zone] - timedelta(days=6, minutes=50)
    now = CHANGES[zone] + timedelta(days=5, hours=5)
    rows, parts = [row for row, _ in made], {row["id"]: some for row, some in made}
    every_part = [part for some in parts.values() for part in some]
    WORLD.hold(zone, now, tickets=rows, ticket_parts=every_part)
    by = draw(st.sampled_from(BY))
    return TicketQuestion(since, now, timezone(zone), draw(st.sampled_from(PERIODS)), by, parts), rows


def keyed(question: TicketQuestion, rows: Iterable[Row], *more: str) -> dict[tuple[Any, ...], Row]:
    """Return rows by their period, groups and more."""
    found = {}
    for row in rows:
        row.pop("complete", None)
        period = row.pop("period", None)
        period = period[:10] if period and question.period != "hour" else period
        found[period, *(row.pop(name) for name in (*question.by, *more))] = row
    return found


def same(found: dict[tuple[Any, ...], Row], expected: dict[tuple[Any, ...], Row], name: str) -> None:
    assert set(found) == set(expected), name
    for key, row in expected.items():
        assert found[key] == {each: pytest.approx(value) for each, value in row.items()}, (name, key)


def restated(question: TicketQuestion, cells: Cells) -> Iterator[tuple[str, str, dict[tuple[Any, ...], Row]]]:
    """Restate every metric whose rows are those of periods and groups."""
    parts = question.parts
    for (name, definition), measure in DURATIONS.items():
        yield (
            name,
            definition,
            {
                key: distribution([measure(t, parts[t["id"]]) for t in rows], negative=False)
                for key, rows in cells.items()
            },
        )
    hits = {key: share([reopened(t, parts[t["id"]]) for t in rows]) for key, rows in cells.items()}
    yield "tickets_reopened", "parts", hits
    yield "tickets", "calendar", {key: {"value": len(rows), "n": len(rows)} for key, rows in cells.items()}
    counts = {key: [assignments(t, parts[t["id"]]) for t in rows] for key, rows in cells.items()}
    yield "ticket_reassignments", "parts", {key: counted(some) for key, some in counts.items()}


def counted(times: list[int | None]) -> Row:
    kept = [each for each in times if each is not None]
    return {
        "value": fmean(kept) if kept else None,
        "n": len(kept),
        "total": len(times),
        "assignments": sum(kept),
        "reassigned": sum(each > 1 for each in kept),
    }


def by_state(question: TicketQuestion, cells: Cells) -> dict[tuple[Any, ...], Row]:
    """Restate the time in each state."""
    found = {}
    for key, rows in cells.items():
        spent = [in_states(t, question.parts[t["id"]], question.now) for t in rows]
        for state in STATES:
            seconds = [each[state] for each in spent if state in each]
            found[*key, state] = {
                "value": fmean(seconds) if seconds else None,
                "n": len(seconds),
                "median": median(seconds) if seconds else None,
                "seconds": sum(seconds),
            }
    return found


def backlog(question: TicketQuestion, rows: list[Row]) -> dict[tuple[Any, ...], int]:
    """Restate how many were not resolved at the end of each period."""
    assert question.period
    periods = labels(question.since, question.now, question.period, question.zone)

    def place(moment: datetime | None) -> float:
        """Return the period of a moment: before all of them, or after."""
        if moment is None or moment >= question.now:
            return len(periods)
        name = label(moment, question.period or "", question.zone)
        return periods.index(name) if name in periods else -1

    spans = [(question.groups(t)[0], *each) for t in rows for each in unresolved(t, question.parts[t["id"]])]
    return {
        (period, *group): sum(place(came) <= number < place(gone) for each, came, gone in spans if each == group)
        for number, period in enumerate(periods)
        for group in {question.groups(t)[0] for t in rows}
    }


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(questions())
def test_random_tickets(asked: tuple[TicketQuestion, list[Row]]) -> None:
    question, rows = asked
    cells = question.divided(rows)
    given: dict[str, Any] = {"by": question.by, "period": question.period}
    for name, definition, expected in restated(question, cells):
        answer = WORLD.rows(name, question.since, definition=definition, **given)
        same(keyed(question, answer), expected, f"{name} {definition}")
    spent = WORLD.rows("ticket_time_in_state", question.since, **given)
    same(keyed(question, spent, "in_state"), by_state(question, cells), "ticket_time_in_state")
    if question.period:
        there = keyed(question, WORLD.rows("ticket_backlog", question.since, **given))
        assert {key: row["n"] for key, row in there.items()} == backlog(question, rows)


@pytest.fixture(scope="module")
def served() -> Iterator[Sandbox]:
    """A sandbox with tickets."""
    with serve(tickets=150, conversations=10, contacts=20, companies=8, seed=7, now=NOW) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def ticketed(served: Sandbox) -> Iterator[Workspace]:
    """A workspace connected to it."""
    with connect(served.token, base_url=served.base_url) as ws:
        yield ws


def plain(frame: pd.DataFrame) -> list[Row]:
    """Return rows with None for what is missing, and datetimes."""
    kept = pd.DataFrame(frame).astype("object")
    rows: list[Row] = kept.where(kept.notna(), None).to_dict("records")
    moments = [name for name in kept if str(name).endswith("_at")]
    return [row | {name: row[name].to_pydatetime() for name in moments if row[name] is not None} for row in rows]


def test_the_sandboxes_tickets(ticketed: Workspace) -> None:
    rows = plain(ticketed.tickets(limit=None))
    every_part = plain(ticketed.ticket_parts([row["id"] for row in rows]))
    parts = {row["id"]: [part for part in every_part if part["ticket_id"] == row["id"]] for row in rows}
    since, now = min(row["created_at"] for row in rows), datetime.now(UTC)
    question = TicketQuestion(since, now, timezone(ticketed.identity.timezone), None, ("type", "resolver"), parts)
    cells = question.divided(rows)
    assert {key[2] for key in cells} == {"admin", "bot", None}
    for name, definition, expected in restated(question, cells):
        answer = ticketed.metric(name, definition=definition, since=since, by=question.by, fresh="session")
        same(keyed(question, plain(answer)), expected, f"{name} {definition}")
    answer = ticketed.metric("ticket_time_to_resolve", since=since, by="type", fresh="session")
    assert answer["n"].sum() > 80


@pytest.mark.parametrize("name", OF_TICKETS)
def test_the_sql_of_a_metric_gives_the_metric_of_nothing_too(ticketed: Workspace, name: str) -> None:
    for definition in METRICS[name].definitions:
        asked = {"definition": definition, "since": "2026-10-01", "until": "2026-11-01", "by": "resolver"}
        frame = ticketed.metric(name, **asked, fresh="session")
        pasted = ticketed.sql(ticketed.explain_metric(name, **asked), fresh="session")
        if "period" in frame:
            frame["period"] = frame["period"].dt.tz_convert("UTC")
        assert len(frame) > 0
        pd.testing.assert_frame_equal(pd.DataFrame(frame), pd.DataFrame(pasted))
    none = ticketed.metric(name, **asked, id="nobody", fresh="session")
    assert len(none) == 0
    assert none.dtypes.drop("period", errors="ignore").equals(frame.dtypes.drop("period", errors="ignore"))


def test_a_metric_over_parts_costs_no_request_besides_those_for_tickets(ticketed: Workspace) -> None:
    asked = {"since": "2026-10-01", "by": ("type", "resolver")}
    ticketed.metric("tickets", since="2026-10-01", fresh="refetch")
    assert ticketed.metric("ticket_waiting_share", **asked, fresh="session").attrs["intercom"]["requests"] == 0


def test_groups_that_are_personal_are_masked_and_those_of_tickets_are_not(served: Sandbox, ticketed: Workspace) -> None:
    with connect(served.token, base_url=served.base_url, privacy="masked") as masked:
        for by in ("teammate", "attributes.Severity"):
            shown, hidden = (set(ws.metric("tickets", by=by, since="400d")[by].dropna()) for ws in (ticketed, masked))
            assert len(shown) == len(hidden) > 2
            assert not shown & hidden
        asked = {"by": ("type", "resolver"), "since": "400d"}
        pd.testing.assert_frame_equal(*(pd.DataFrame(ws.metric("tickets", **asked)) for ws in (ticketed, masked)))
        with pytest.raises(BadFilterError, match="--pii full"):
            masked.metric("tickets", attributes={"Severity": "High"})


@pytest.mark.parametrize(
    ("asked", "says"),
    [({"type": "Bgu"}, "no type 'Bgu': did you mean 'Bug'?"), ({"resolver": "boot"}, "did you mean 'bot'?")],
)
def test_a_filter_by_what_tickets_do_not_have_is_refused(ticketed: Workspace, asked: dict[str, str], says: str) -> None:
    with pytest.raises(BadFilterError, match=re.escape(says)):
        ticketed.metric("tickets", **asked)


@pytest.mark.parametrize(
    ("draw", "name", "asked"),
    [
        (charts.volume, "tickets", {"by": "type", "period": "week"}),
        (charts.backlog, "ticket_backlog", {}),
        (charts.waiting_times, "ticket_time_to_resolve", {"period": "week"}),
        (charts.shares, "tickets_reopened", {"by": "type"}),
    ],
)
def test_the_charts_of_conversations_draw_tickets_too(
    ticketed: Workspace, draw: Callable[[pd.DataFrame], charts.Chart], name: str, asked: dict[str, Any]
) -> None:
    figure = draw(ticketed.metric(name, since="90d", fresh="session", **asked))
    assert len(figure.data) > 0
    assert figure.layout.title.subtitle.text.replace("<br>", " ").startswith(METRICS[name].title)


def test_every_metric_of_tickets_is_restated() -> None:
    names = {name for name, _ in DURATIONS} | {"tickets", "tickets_reopened", "ticket_reassignments"}
    names |= {"ticket_time_in_state", "ticket_backlog"}
    assert set(OF_TICKETS) == names
