"""What the doctor finds out of tickets, activity logs, articles and calls, and why it leaves something open."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from intercom_kit.doctor import activity, articles, tickets
from intercom_kit.doctor.questions import NOT_PERMITTED, PLAN
from intercom_kit.doctor.report import MOST, shared
from intercom_kit.sandbox import Sandbox, serve

from ..conftest import Begin
from .conftest import examined, results

HOUR, DAY = 3_600, 86_400
OF_TICKETS = ("ticket-type-key", "list-options", "attribute-dates", "ticket-state-words", "ticket-updated")
OF_LOGS = ("activity-since", "activity-page", "away-by")


@pytest.fixture(scope="module")
def desk() -> Iterator[Sandbox]:
    """A sandbox with tickets, logs, articles and calls, whose behaviours change and whose rows do not."""
    with serve(conversations=150, contacts=40, companies=10, tickets=40, seed=7) as running:
        yield running


@pytest.mark.parametrize(
    "choices",
    [
        {"ticket-type-key": "data", "activity-since": "required", "article-key": "conversations"},
        {"ticket-type-key": "own", "activity-since": "optional", "article-key": "conversions"},
    ],
)
def test_each_choice_is_named_right(desk: Sandbox, choices: dict[str, str]) -> None:
    desk.behaves("documented", *(f"{name}={choice}" for name, choice in choices.items()))
    report = examined(desk)
    told = results(report)
    assert {name: told[name, ""][0] for name in choices} == choices
    assert report.attrs["doctor"]["requests"] <= MOST


def test_what_has_no_choices_is_described_in_intercoms_own_words(desk: Sandbox) -> None:
    desk.behaves("documented")
    told = {name: found for (name, _), (found, _) in results(examined(desk)).items()}
    assert told["list-options"] == "null"
    assert told["attribute-dates"] in ("a number", "text", "a number or text")
    assert told["ticket-state-words"] == tickets.WORDS
    assert told["ticket-updated"] == "yes"
    assert told["activity-page"] == "100 where 250 are asked for"
    assert told["calls"] == "times as seconds and text, in descending order"
    desk.behaves("measured")
    assert results(examined(desk))["activity-page", ""][0] == "250 are refused"


def test_the_report_names_no_article(desk: Sandbox) -> None:
    report = examined(desk)
    assert "GET /articles/{id}" in [each["endpoint"] for each in report.attrs["doctor"]["endpoints"]]
    assert not any(id_ in json.dumps(shared(report)) for id_ in desk.workspace.simple["articles"]._rows)


def test_what_the_token_or_the_plan_lacks_is_said(begin: Begin) -> None:
    _, ws = begin(missing_scopes=["read_tickets", "read_articles"], missing_features=["activity_logs"])
    told = results(ws.doctor())
    for name in OF_TICKETS:
        assert told[name, ""] == (None, f"{NOT_PERMITTED} “Read tickets” (401)")
    for name in OF_LOGS:
        assert told[name, ""] == (None, f"{PLAN} (403)")
    assert told["article-key", ""][1].startswith(NOT_PERMITTED)


def test_an_empty_workspace_shows_nothing_of_them(begin: Begin) -> None:
    _, ws = begin(records={})
    told = results(ws.doctor())
    why = {
        "ticket-type-key": tickets.NO_TYPES,
        "list-options": tickets.NO_LISTS,
        "attribute-dates": tickets.NO_DATES,
        "ticket-state-words": tickets.NO_STATE,
        "ticket-updated": tickets.NO_PARTS,
        "activity-page": activity.TOO_FEW,
        "away-by": activity.NOT_BY_OTHERS,
        "article-key": articles.NO_ARTICLE,
        "calls": articles.NO_CALL,
    }
    assert {name: told[name, ""] for name in why} == {name: (None, each) for name, each in why.items()}


def test_a_part_later_than_its_tickets_last_change_shows_that_parts_do_not_change_it(begin: Begin) -> None:
    part = {"id": "9", "type": "ticket_part", "part_type": "comment", "created_at": 1_700_000_900}
    parts = {"type": "ticket_part.list", "ticket_parts": [part], "total_count": 1}
    times = {"created_at": 1_700_000_000, "updated_at": 1_700_000_500}
    _, ws = begin(records={"tickets": [{"id": str(n), "ticket_parts": parts, **times} for n in range(3)]})
    assert results(ws.doctor())["ticket-updated", ""][0] == "no"


# --- whose entry it is if one teammate sets another away ----------------------------------------------


def entry(number: int, who: int, by: int, at: int, *, away: bool) -> dict[str, Any]:
    return {
        "id": str(number),
        "created_at": at,
        "activity_type": activity.AWAY,
        "performed_by": {"type": "admin", "id": str(who), "email": f"{who}@example.com"},
        "metadata": {"away_mode": away, "update_by": by, "update_by_name": f"name {by}"},
    }


def logged(*changes: tuple[int, int, bool]) -> dict[str, Any]:
    """Return logs of who was set away or back by whom, an hour apart, and the two teammates."""
    first = int(time.time()) - DAY
    admins = [{"type": "admin", "id": str(id_), "name": f"name {id_}", "email": f"{id_}@example.com"} for id_ in (1, 2)]
    logs = [entry(number, who, by, first + number * HOUR, away=away) for number, (who, by, away) in enumerate(changes)]
    return {"admins": admins, "activity_logs": logs}


SET_AWAY = ((1, 2, True), (1, 1, False), (2, 2, True))  # 2 sets 1 away, who comes back; then 2 goes away


@pytest.mark.parametrize("choice", ["performed_by", "update_by"])
def test_who_comes_back_next_was_away(begin: Begin, choice: str) -> None:
    _, ws = begin(records=logged(*SET_AWAY), behaves=f"away-by={choice}")
    assert results(ws.doctor())["away-by", ""] == (choice, "")


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        (((1, 1, True), (1, 1, False), (2, 2, True)), activity.NOT_BY_OTHERS),
        (((1, 2, True), (1, 1, False)), activity.NOT_BY_OTHERS),
        (((1, 2, True), (1, 1, False), (2, 2, False)), activity.NOT_BY_OTHERS),
        ((*SET_AWAY, (2, 1, True), (1, 1, False), (2, 2, True)), activity.CONTRADICTION),
    ],
    ids=["nobody did", "no next change of the other", "both come back", "two entries contradict each other"],
)
def test_anything_else_shows_nothing(begin: Begin, changes: Any, why: str) -> None:
    _, ws = begin(records=logged(*changes))
    assert results(ws.doctor())["away-by", ""] == (None, why)
