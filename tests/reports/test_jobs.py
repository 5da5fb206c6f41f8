"""A report is waited for within limits, and whatever goes wrong with it is an error that says what to do."""

import threading
import time
from dataclasses import replace
from typing import Any

import pytest

import intercom_kit as ik
from intercom_kit import Workspace
from intercom_kit.api.asking import Request
from intercom_kit.api.heads import Page
from intercom_kit.api.transport import Transport
from intercom_kit.concurrency.stopping import Stop, Stopped, stoppable
from intercom_kit.sandbox import Sandbox
from intercom_kit.sandbox.reporting.jobs import Jobs
from tests.conftest import Begin
from tests.reports.conftest import SPAN


@pytest.fixture(autouse=True)
def jobs(sandbox: Sandbox) -> Jobs:
    """Begin without jobs, and as documented."""
    sandbox.workspace.report_jobs = jobs = Jobs()
    sandbox.behaves("documented")
    return jobs


@pytest.mark.parametrize(
    "behaviour",
    [
        "report-status=completed,report-dress=gzip,report-header=qualified",
        "report-job=late,report-dress=bom,report-zone=workspace",
    ],
)
def test_a_report_is_read_whatever_its_dress(sandbox: Sandbox, ws: Workspace, behaviour: str) -> None:
    sandbox.behaves(behaviour)
    proof = ws.prove("conversations", since="2026-11-01", until="2026-11-20", definition="calendar")
    assert proof["n_intercom"].iloc[0] == proof["n_ours"].iloc[0] > 20
    assert proof.differences.empty


def test_a_failed_job_is_an_error(ws: Workspace, jobs: Jobs) -> None:
    jobs.fails = True
    with pytest.raises(ik.ReportFailedError, match=r"could not make the report \(its job job1 failed\): try again"):
        ws.prove("csat", **SPAN)


def test_an_endless_job_is_given_up_after_its_time(ws: Workspace, jobs: Jobs) -> None:
    jobs.stays_pending = True
    with pytest.raises(ik.ReportLateError, match=r"not ready after 0 seconds: .* wait="):
        ws.prove("csat", **SPAN, wait=0.1)


def test_a_job_that_nobody_knows_any_more_is_an_error(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox
) -> None:
    monkeypatch.setattr("intercom_kit.sandbox.reporting.jobs.UNKNOWN_POLLS", 100)
    sandbox.behaves("report-job=late")
    with pytest.raises(ik.ReportFailedError, match="did not know it any more"):
        ws.prove("csat", **SPAN)


def test_waiting_can_be_interrupted(ws: Workspace, jobs: Jobs) -> None:
    jobs.stays_pending = True
    stop, began = Stop(), time.monotonic()
    threading.Timer(0.2, stop.ask).start()
    with stoppable(stop), pytest.raises(Stopped):
        ws.prove("csat", **SPAN)
    assert time.monotonic() - began < 5


def test_five_pending_jobs_are_waited_for(ws: Workspace, jobs: Jobs) -> None:
    for _ in range(5):
        jobs.add(b"", late=False).polls = float("inf")
    with pytest.raises(ik.TooManyReportsError, match="makes only five at once"):
        ws.prove("csat", **SPAN, wait=0.1)
    threading.Timer(0.3, jobs.jobs.clear).start()
    assert len(ws.prove("csat", **SPAN)) == 1


def test_a_missing_permission_is_named(begin: Begin) -> None:
    _, ws = begin(missing_scopes=["export_reporting_data"])
    with pytest.raises(ik.ScopeMissingError) as caught:
        ws.prove("csat")
    assert caught.value.scope == "export_reporting_data"


def test_a_plan_without_reports_is_named(begin: Begin) -> None:
    _, ws = begin(missing_features=["reporting"])
    with pytest.raises(ik.PlanRestrictedError, match="include the export of reporting data"):
        ws.prove("csat")


def test_a_workspace_without_the_report_or_its_attribute_says_what_it_has(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from intercom_kit.sandbox.reporting import datasets

    ratings = datasets.RATING._replace(
        attributes=tuple(each for each in datasets.RATING.attributes if each.id != "conversation_rating")
    )
    monkeypatch.setitem(datasets.DATASETS, "conversation_rating_sent", ratings)
    with pytest.raises(ik.ReportMissingError, match="has no 'conversation_rating': did you mean"):
        ws.prove("csat", **SPAN)
    monkeypatch.delitem(datasets.DATASETS, "conversation_rating_sent")
    with pytest.raises(ik.ReportMissingError, match="no report 'conversation_rating_sent': it has conversation, "):
        ws.prove("csat", **SPAN)


@pytest.mark.parametrize(("cut", "says"), [(0, "is empty"), (300, "ends within a line"), (-1, "ends within a line")])
def test_a_file_that_is_empty_or_cut_is_never_a_short_answer(ws: Workspace, jobs: Jobs, cut: int, says: str) -> None:
    jobs.cut_at = cut
    with pytest.raises(ik.UnreadableReportError, match=says):
        ws.prove("csat", **SPAN)


def test_a_compressed_file_that_breaks_off_is_an_error(ws: Workspace, jobs: Jobs, sandbox: Sandbox) -> None:
    sandbox.behaves("report-dress=gzip")
    jobs.cut_at = -4
    with pytest.raises(ik.UnreadableReportError, match="breaks off"):
        ws.prove("csat", **SPAN)


def test_a_file_that_was_cut_on_its_way_is_downloaded_again(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, sizes = Transport.send, iter([40, None])

    async def cut(self: Transport, request: Request, **options: Any) -> Page:
        page = await whole(self, request, **options)
        return replace(page, data=page.data[: next(sizes)]) if request.file else page

    monkeypatch.setattr(Transport, "send", cut)
    assert ws.prove("csat", **SPAN)["n_intercom"].iloc[0] > 0
    assert list(sizes) == []


def test_a_span_without_conversations_is_empty_and_typed(ws: Workspace) -> None:
    proof = ws.prove("time_to_close", since="2020-01-01", until="2020-02-01")
    assert proof["n_intercom"].tolist() == [0, 0, 0, 0]
    assert proof["intercom"].isna().all()
    assert list(proof.differences.columns) == ["id", "intercom", "ours", "reason", "evidence", "url"]
    assert proof.differences.empty
    assert list(ws.prove("teammate_closes", since="2020-01-01", until="2020-02-01")) == [
        "teammate_id",
        "teammate",
        "intercom",
        "ours",
        "difference",
        "differing",
    ]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("reopen_rate",), "No report of Intercom's is known to show 'reopen_rate'"),
        (("csta",), "did you mean 'csat'"),
        (("csat", None, None, "dbt"), "is proved by the definition 'intercom', not by 'dbt'"),
        (("teammate_closes", None, None, "calendar"), "is proved by the definition none"),
    ],
)
def test_what_cannot_be_proved_is_refused_with_what_can(ws: Workspace, arguments: tuple[str, ...], says: str) -> None:
    with pytest.raises(ik.BadMetricError, match=says):
        ws.prove(*arguments)


def test_a_wait_that_is_none_is_refused(ws: Workspace) -> None:
    with pytest.raises(ik.BadRequestError, match=r"wait=0 must be seconds"):
        ws.prove("csat", wait=0)
