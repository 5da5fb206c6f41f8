"""What may be asked of metrics, and what is refused with the remedy in a sentence."""

import json
import re
from typing import Any

import pandas as pd
import pytest

from intercom_kit import Workspace
from intercom_kit.errors import BadFilterError, BadMetricError, BadTimeError
from intercom_kit.fetch.session import Session
from intercom_kit.metrics import METRICS
from tests.metrics.world import with_hours

SINCE, UNTIL = "2026-10-01", "2026-11-01"
SPAN = {"since": "2026-11-01", "until": "2026-11-20"}

# Events are asked for contact by contact: a few contacts will do.
FEW: dict[str, dict[str, Any]] = {
    name: {"role": "lead"} for name, metric in METRICS.items() if metric.subject.alias == "contact"
}
for name in FEW:
    FEW[name] |= {"contacts": "all"} if "contacts" in METRICS[name].options else {}
FEW["funnel"] |= {"steps": ["logged-in", "created-project"]}


# This workspace has no tickets; their metrics are asked of one that has, in test_tickets_restated.
WITHOUT_TICKETS = [name for name, metric in METRICS.items() if metric.subject.alias != "ticket"]


def span(name: str, definition: str | None = None) -> dict[str, str]:
    """Return a span, without an end for definitions about the present; none for totals of a lifetime."""
    if METRICS[name].lifetime:
        return {}
    return {"since": SPAN["since"]} if METRICS[name].definition(definition).now else SPAN


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"name": "first_respons_time"}, "did you mean 'first_response_time'"),
        ({"name": "csat", "by": "teem"}, "did you mean 'team'?"),
        ({"name": "csat", "by": "contact.cuntry"}, "group conversations by 'contact.cuntry'"),
        ({"name": "csat", "period": "fortnight"}, "there are hour, day, week, month, quarter"),
        ({"name": "csat", "definition": "dbt"}, "it has 'intercom'"),
        ({"name": "csat", "compare": "last year"}, "compare='previous'"),
        ({"name": ["csat", "backlog"]}, "There is no metric ['csat', 'backlog']"),
        ({"name": "csat", "by": [None]}, "group conversations by None"),
    ],
)
def test_what_a_metric_does_not_have_is_refused_with_what_it_has(
    ws: Workspace, asked: dict[str, Any], says: str
) -> None:
    with pytest.raises(BadMetricError, match=re.escape(says)):
        ws.metric(**asked)


def test_a_filter_that_there_is_not_is_refused(ws: Workspace) -> None:
    with pytest.raises(BadFilterError, match="did you mean 'channel'"):
        ws.metric("csat", chanel="email")


def test_a_metric_is_named_first_or_by_name(ws: Workspace) -> None:
    assert (
        ws.explain_metric(name="csat", since="30d").splitlines()[1:]
        == (ws.explain_metric("csat", since="30d").splitlines()[1:])
    )
    assert "contact.name in ('Ann')" in ws.explain_metric("active_contacts", name="Ann")
    with pytest.raises(BadMetricError, match=re.escape("metrics() lists them")):
        ws.metric()


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"name": "csat", "defintion": "intercom"}, "'definition'"),
        ({"name": "csat", "perod": "week"}, "'period'"),
        ({"name": "funnel", "step": ["a", "b"]}, "'steps'"),
        ({"name": "csat", "rating": "seven"}, "rating='seven' must be a number"),
        ({"name": "csat", "rating_max": "two"}, "rating_max='two' must be a number"),
    ],
)
def test_a_misspelt_argument_is_refused_with_its_name(ws: Workspace, asked: dict[str, Any], says: str) -> None:
    with pytest.raises(BadFilterError, match=re.escape(says)):
        ws.metric(**asked)


def test_a_filter_by_what_is_no_value_is_refused(ws: Workspace) -> None:
    with pytest.raises(BadFilterError, match="cannot be compared"):
        ws.metric("csat", channel=object())


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"name": "csat", "state": "opne"}, "state is never 'opne': did you mean 'open'?"),
        ({"name": "csat", "direction": ["inbound", "in"]}, "direction is never 'in': did you mean 'inbound'?"),
        ({"name": "csat", "team": "Suport"}, "There is no team 'Suport': did you mean 'Support"),
        ({"name": "csat", "team": ["Success", "Suport"]}, "There is no team 'Suport': did you mean 'Support"),
        ({"name": "csat", "segment": "Actife"}, "There is no segment 'Actife': did you mean 'Active'?"),
        (
            {"name": "active_contacts", "contacts": {"company": "Acme Crop"}},
            "There is no company 'Acme Crop': did you mean 'Acme Corp'",
        ),
        ({"name": "active_contacts", "contacts": {"role": "uesr"}}, "role is never 'uesr': did you mean 'user'?"),
    ],
)
def test_a_filter_by_what_there_is_not_is_refused_with_what_there_is(
    ws: Workspace, asked: dict[str, Any], says: str
) -> None:
    with pytest.raises(BadFilterError, match=re.escape(says)):
        ws.metric(**asked, since="20d")


def test_a_team_is_not_told_by_its_id_unless_it_is_listed_no_more(ws: Workspace) -> None:
    id, name = ws.teams().loc[0, ["id", "name"]]
    with pytest.raises(BadFilterError, match=f"given by its name, here '{name}'"):
        ws.metric("csat", team=id)
    assert ws.metric("csat", team="777")["n"].sum() == 0


def test_a_filter_that_nothing_meets_is_answered_where_it_names_what_there_is(ws: Workspace) -> None:
    team = ws.teams()["name"][0]
    frame = ws.metric("conversations", team=team, since="2026-01-01", until="2026-01-01T00:01:00Z")
    assert frame["n"].sum() == 0


@pytest.mark.parametrize(
    ("steps", "notes"),
    [
        (["logged-in", "created-project"], []),
        (["loged-in", "created-project"], ["Nobody did 'loged-in': did you mean 'logged-in'?"]),
        (["logged-in", "created-projct"], ["Nobody did 'created-projct': did you mean 'created-project'?"]),
    ],
)
def test_a_step_that_nobody_took_is_noted_with_the_event_that_may_have_been_meant(
    ws: Workspace, steps: list[str], notes: list[str]
) -> None:
    frame = ws.metric("funnel", steps=steps, contacts={"company": "Acme Corp"}, since="80d")
    assert [note for note in frame.attrs["intercom"]["notes"] if "Nobody" in note] == notes


def test_a_time_that_cannot_be_read_is_refused(ws: Workspace) -> None:
    with pytest.raises(BadTimeError):
        ws.metric("csat", since="soon")


def test_metrics_lists_every_metric_with_its_definitions(ws: Workspace) -> None:
    listed = ws.metrics()
    assert listed.columns.tolist() == ["name", "title", "question", "unit", "definitions", "by", "needs", "aliases"]
    assert listed["name"].tolist() == list(METRICS)
    assert (listed.drop(columns="aliases").map(len) > 0).all(axis=None)


@pytest.mark.parametrize(
    ("called", "name"),
    [
        ("volume", "conversations"),
        ("FRT", "first_response_time"),
        ("CSAT score", "csat"),
        ("Reopen-Rate", "reopen_rate"),
    ],
)
def test_a_metric_is_found_by_what_the_field_calls_it(ws: Workspace, called: str, name: str) -> None:
    assert ws.metric(called, fresh="session").attrs["intercom"]["metric"]["name"] == name


def test_no_two_metrics_are_called_the_same() -> None:
    called = [[metric.name, metric.title.lower(), *metric.aliases] for metric in METRICS.values()]
    names = [name for each in called for name in {name.replace("_", " ") for name in each}]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("name", "definition"), [(name, each) for name in WITHOUT_TICKETS for each in METRICS[name].definitions]
)
def test_the_sql_of_a_metric_gives_the_metric(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch, name: str, definition: str
) -> None:
    # Both as of one moment: the health of an account is another a second later.
    monkeypatch.setattr(Session, "now", ws._session.now)
    asked = {**span(name, definition), **FEW.get(name, {}), "definition": definition, **with_hours(name, definition)}
    pasted = ws.sql(ws.explain_metric(name, **asked), fresh="session")
    frame = ws.metric(name, **asked, fresh="session")
    if "period" in frame:
        assert str(frame["period"].dt.tz) == ws.identity.timezone
        frame["period"] = frame["period"].dt.tz_convert("UTC")
    pd.testing.assert_frame_equal(pd.DataFrame(frame), pd.DataFrame(pasted))


@pytest.mark.parametrize("name", WITHOUT_TICKETS)
def test_a_metric_of_nothing_is_an_empty_frame_with_its_columns(ws: Workspace, name: str) -> None:
    nobody = {"id": "nobody"}
    some = ws.metric(name, **span(name), **FEW.get(name, {}), fresh="session")
    none = ws.metric(name, **span(name), **(FEW.get(name, {}) | nobody), fresh="session")
    assert len(none) == 0
    assert none.dtypes.to_dict() == some.dtypes.to_dict()


def test_a_metric_says_what_its_number_is(ws: Workspace) -> None:
    told = ws.metric("first_response_time", by="team", since=SINCE, until=UNTIL).attrs["intercom"]["metric"]
    assert told["definition"] == "intercom"
    assert told["unit"] == "seconds"
    assert told["hours"].startswith("office hours")
    assert told["timezone"] == ws.identity.timezone
    assert told["denominator"] == "conversations that a teammate has replied to"
    assert told["rows"] == len(ws.conversations(limit=None, since=SINCE, until=UNTIL))
    assert told["left_out"]["without a reply yet"] > 0


def test_only_the_conversations_of_the_span_are_asked_for_and_of_the_days_that_it_touches(ws: Workspace) -> None:
    ws.metric("csat", since=SINCE, until=UNTIL, channel="email", fresh="refetch")
    fetched = ws.fetches.iloc[-1]["rows"]
    first, last = (pd.Timestamp(each, tz="UTC") for each in (SINCE, UNTIL))
    spans = [(SINCE, UNTIL), (first - pd.Timedelta(days=1), last + pd.Timedelta(days=1))]
    least, most = (
        len(ws.conversations(limit=None, since=since, until=until, source_type="email")) for since, until in spans
    )
    assert least <= fetched <= most < len(ws.conversations(limit=None, source_type="email"))


def test_a_narrower_question_costs_no_second_search(ws: Workspace) -> None:
    ws.metric("csat", since=SINCE, until=UNTIL, fresh="refetch")
    again = ws.metric("reopen_rate", by="channel", since=SINCE, until=UNTIL, fresh="session")
    assert again.attrs["intercom"]["requests"] == 0


def test_a_metrics_frame_says_in_a_line_what_its_number_is(ws: Workspace) -> None:
    said = ws.metric("first_response_time", since="2026-11-01", until="2026-11-20").receipt
    assert said.startswith("First response time (intercom): seconds, office hours")
    assert f", 1 Nov 2026 to 20 Nov 2026 {ws.identity.timezone} · query: 1 row" in said
    assert ws.metric("csat", **SPAN).receipt.startswith("Customer satisfaction (intercom): share, 1 Nov 2026 to")


def test_what_a_frame_says_of_itself_can_be_written_as_json(ws: Workspace) -> None:
    for frame in (ws.metric("csat", by="team", since="20d"), ws.conversations(limit=2), ws.sql("select 1 as one")):
        assert json.loads(json.dumps(frame.attrs)) == frame.attrs
