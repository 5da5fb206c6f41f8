"""Every planted cause of a difference is named, and nothing is left unexplained that has a cause."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from intercom_kit import Workspace, connect
from intercom_kit.reports.comparisons import COMPARISONS
from intercom_kit.reports.proof import Proof
from intercom_kit.sandbox import Sandbox, serve
from intercom_kit.sandbox.reporting.rows import ROWS, Context, rating_rows
from intercom_kit.sandbox.reporting.story import Story
from tests.conftest import Begin
from tests.reports.conftest import SIZE, SPAN

EVERY = [(each.metric, how) for each in COMPARISONS.values() for how in each.definitions or (None,)]
OTHERS = ("csat", "sla_hit_rate", "fin_resolution")
# Every metric by every definition as documented; as measured those that words and times change.
VARIANTS = [("documented", *each) for each in EVERY] + [("measured", *each) for each in EVERY if each[0] in OTHERS]
Planted = tuple[Sandbox, Workspace, dict[str, str]]
MOMENT = "conversation_rating_sent_at"
BEGINS, ENDS = 1_791_586_800, 1_795_132_800  # the span in Dublin


def inside(sandbox: Sandbox) -> list[dict[str, Any]]:
    """Give the conversations that started in the middle of the span."""
    records = sandbox.workspace.conversations.records()
    return [each for each in records if BEGINS + 86_400 < each["created_at"] < ENDS - 86_400]


@pytest.fixture(scope="module")
def planted() -> Iterator[Planted]:
    """Serve a workspace with three deleted conversations, one of them rated, and a late rating of an old one."""
    with serve(**SIZE, rate_limit=100_000) as sandbox:
        records = inside(sandbox)
        rated = next(each for each in records if each["conversation_rating"])
        answered = [each for each in records if each["statistics"] and each["statistics"]["time_to_last_close"]]
        ticket = next(each for each in records if each["ticket"] and each["state"] == "closed")
        before = [each for each in sandbox.workspace.conversations.records() if each["created_at"] < BEGINS - 86_400]
        old = next(each for each in before if each["conversation_rating"])
        for id_ in {rated["id"], answered[-1]["id"], ticket["id"]}:
            sandbox.delete("conversations", id_, retain_metrics=True)
        late = {**old["conversation_rating"], "created_at": BEGINS + 500_000, "updated_at": BEGINS + 500_500}
        sandbox.upsert("conversations", {"id": old["id"], "conversation_rating": late})
        ids = {"rated": rated["id"], "answered": answered[-1]["id"], "ticket": ticket["id"], "old": old["id"]}
        with connect(sandbox.token, base_url=sandbox.base_url) as ws:
            yield sandbox, ws, ids


@pytest.fixture(autouse=True)
def _as_documented(sandbox: Sandbox) -> None:
    sandbox.behaves("documented")


def reasons(proof: Proof) -> dict[str, str]:
    return dict(zip(proof.differences["id"], proof.differences["reason"], strict=True))


@pytest.mark.parametrize(("preset", "metric", "definition"), VARIANTS)
def test_every_difference_has_a_reason_that_something_shows(
    planted: Planted, preset: str, metric: str, definition: str | None
) -> None:
    sandbox, ws, ids = planted
    sandbox.behaves(preset)
    proof = ws.prove(metric, definition=definition, **SPAN)
    assert proof["intercom"].iloc[0] > 0
    found = reasons(proof)
    assert "unexplained" not in found.values(), proof.differences.to_string()
    assert proof.differences["evidence"].str.len().min() > 10 or not found
    deleted = {id_ for id_, reason in found.items() if reason == "deleted there"}
    assert deleted <= set(ids.values())
    assert deleted or metric in ("sla_hit_rate", "fin_resolution", "handling_time")


def test_a_deleted_conversation_is_named(planted: Planted) -> None:
    _, ws, ids = planted
    assert reasons(ws.prove("csat", **SPAN))[ids["rated"]] == "deleted there"
    assert reasons(ws.prove("ticket_time_to_resolve", **SPAN))[ids["ticket"]] == "deleted there"


def test_what_started_before_the_span_is_named_with_its_times(
    planted: Planted,
) -> None:
    _, ws, ids = planted
    proof = ws.prove("csat", **SPAN)
    (row,) = proof.differences[proof.differences["id"] == ids["old"]].to_dict("records")
    assert row["reason"] == "started before"
    assert row["evidence"].endswith("by conversation_rating_sent_at, 2026-10-15 17:53:20 UTC"), row["evidence"]


def test_the_wait_in_the_bot_inbox_is_told_from_office_hours(
    planted: Planted,
) -> None:
    sandbox, ws, _ = planted
    around_the_clock = reasons(ws.prove("first_response_time", definition="calendar", **SPAN))
    fin = {each["id"] for each in sandbox.workspace.conversations.records() if each["ai_agent_participated"]}
    waited = {id_ for id_, reason in around_the_clock.items() if reason == "bot inbox"}
    assert waited
    assert waited <= fin
    by_office = Counter(reasons(ws.prove("first_response_time", **SPAN)).values())
    assert by_office["office hours"] > 0
    assert by_office["bot inbox"] + by_office["bot inbox and office hours"] > 0


def test_the_numbers_are_those_of_the_metric(planted: Planted) -> None:
    _, ws, _ = planted
    proof, metric = ws.prove("time_to_close", **SPAN), ws.metric("time_to_close", fresh="session", **SPAN)
    assert proof["ours"].tolist() == [metric["value"].iloc[0]] * 4
    assert proof["n_ours"].tolist() == [metric["n"].iloc[0]] * 4
    office = proof[proof["number"] == "office hours"].iloc[0]
    assert office["differing"] == Counter(proof.differences["reason"])["deleted there"] == 3
    assert proof["difference"].tolist() == (proof["intercom"] - proof["ours"]).tolist()


def test_words_of_another_language_are_understood_and_said(sandbox: Sandbox, ws: Workspace) -> None:
    sandbox.behaves("report-words=portuguese")
    fin = ws.prove("fin_resolution", **SPAN)
    assert fin["difference"].iloc[0] == 0
    assert "'encaminhado' was read as open, as " in fin.receipt


def test_unknown_words_for_actions_are_learnt_by_their_moments(
    sandbox: Sandbox, ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = {"Reply": "Antworten", "Close": "Schließen"}
    monkeypatch.setattr("intercom_kit.sandbox.reporting.writing.PORTUGUESE", words)
    sandbox.behaves("report-words=portuguese")
    proof = ws.prove("teammate_closes", since="2026-11-10", until="2026-11-20")
    assert proof["intercom"].sum() > 0
    assert proof["difference"].abs().sum() == 0
    assert "'schließen' was read as close" in proof.receipt


def test_before_version_2_16_conversations_without_a_reply_of_a_customer_are_missing_there(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("intercom_kit.sandbox.endpoints.reporting.WITHOUT_REPLIES_SINCE", (2, 17))
    proof = ws.prove("conversations", definition="calendar", **SPAN)
    assert set(proof.differences["reason"]) == {"not user-replied"}
    assert proof.differences["intercom"].isna().all()
    assert proof["n_ours"].iloc[0] - proof["n_intercom"].iloc[0] == len(proof.differences) > 2


def test_tickets_that_the_token_may_not_read_are_named(begin: Begin) -> None:
    _, ws = begin(**SIZE, missing_scopes=["read_tickets"], rate_limit=100_000)
    proof = ws.prove("conversations", definition="calendar", **SPAN)
    assert set(proof.differences["reason"]) == {"ticket not readable"}
    assert len(proof.differences) > 2


def test_a_change_that_the_search_does_not_show_yet_is_index_lag(begin: Begin) -> None:
    sandbox, ws = begin(**SIZE, behaves="conversations.index-lag=600", rate_limit=100_000)
    rated = next(each for each in inside(sandbox) if each["conversation_rating"])
    other = 1 if rated["conversation_rating"]["rating"] > 3 else 5
    change = {"conversation_rating": {**rated["conversation_rating"], "rating": other}, "updated_at": ENDS + 9}
    sandbox.upsert("conversations", {"id": rated["id"], **change})
    found = ws.prove("csat", **SPAN).differences
    (row,) = found[found["id"] == rated["id"]].to_dict("records")
    assert row["reason"] == "index lag"
    assert row["evidence"].endswith(", which the search does not show yet")


def test_a_conversation_with_several_ratings_counts_once_here_and_is_named(
    sandbox: Sandbox, ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    rated = next(each for each in inside(sandbox) if each["conversation_rating"])

    def twice(story: Story, context: Context) -> Iterator[dict[str, Any]]:
        for row in rating_rows(story, context):
            if story.id == rated["id"]:
                yield {**row, "conversation_rating": 6 - row["conversation_rating"], MOMENT: row[MOMENT] - 60}
            yield row

    monkeypatch.setitem(ROWS, "conversation_rating_sent", twice)
    proof = ws.prove("csat", **SPAN)
    assert reasons(proof)[rated["id"]] == "several there"
    n_intercom, n_ours = proof[["n_intercom", "n_ours"]].iloc[0]
    others = [reason for reason in reasons(proof).values() if reason != "several there"]
    late = int(proof.differences["intercom"].isna().sum())
    assert n_intercom - n_ours == 1 + len(others) - 2 * late


def test_what_nothing_shows_is_unexplained(sandbox: Sandbox, ws: Workspace) -> None:
    chosen = next(each for each in inside(sandbox) if each["statistics"] and each["statistics"]["last_close_at"])
    wrong = {**chosen["statistics"], "last_close_at": chosen["statistics"]["last_close_at"] + 77}
    sandbox.upsert("conversations", {"id": chosen["id"], "statistics": wrong})
    ws.forget()
    proof = ws.prove("time_to_close", definition="calendar", **SPAN)
    sandbox.upsert("conversations", {"id": chosen["id"], "statistics": chosen["statistics"]})
    ws.forget()
    assert reasons(proof) == {chosen["id"]: "unexplained"}
    assert proof.differences["evidence"].isna().all()
    assert "differing: 1 unexplained" in proof.receipt
