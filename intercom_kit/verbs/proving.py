"""A metric beside Intercom's own report of it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from intercom_kit.errors import BadMetricError, BadRequestError
from intercom_kit.fetch.session import Session
from intercom_kit.frames.frame import Frame, receipt_of
from intercom_kit.frames.receipt import Receipt
from intercom_kit.hints import hint
from intercom_kit.live.query import Queries
from intercom_kit.metrics import METRICS, MetricQuery
from intercom_kit.reports import report as reports
from intercom_kit.reports.comparisons import COMPARISONS, Comparison
from intercom_kit.reports.jobs import LONGEST
from intercom_kit.reports.ours import Ours
from intercom_kit.reports.proof import Proof, prove, span_of
from intercom_kit.reports.reading import read_report
from intercom_kit.tables.privacy import Privacy
from intercom_kit.values.times import instant
from intercom_kit.verbs.arguments import Times
from intercom_kit.verbs.measuring import MetricCall, measure, question_of

_WINDOW = "28d"


@dataclass(frozen=True)
class ProofCall:
    """The arguments of one call of `prove`."""

    metric: str
    times: Times
    definition: str | None
    report: Any
    wait: float
    max_requests: int

    @property
    def comparison(self) -> Comparison:
        """Return which report shows the metric; raise BadMetricError where none does."""
        if not isinstance(self.metric, str) or self.metric not in COMPARISONS:
            there_are = f"those that can be proved are {', '.join(COMPARISONS)}."
            nearest = hint(self.metric, COMPARISONS, there_are)
            raise BadMetricError(f"No report of Intercom's is known to show {self.metric!r}: {nearest}")
        found = COMPARISONS[self.metric]
        if self.definition is not None and self.definition not in found.definitions:
            which = " or ".join(map(repr, found.definitions)) or "none"
            raise BadMetricError(f"{self.metric} is proved by the definition {which}, not by {self.definition!r}.")
        if not isinstance(self.wait, int | float) or not self.wait > 0:
            raise BadRequestError(f"wait={self.wait!r} must be seconds, such as {LONGEST:.0f}.")
        return found


def proved(session: Session, queries: Queries, call: ProofCall) -> Proof:
    """Return a metric beside Intercom's report, from a job of now or from a file."""
    comparison, zone = call.comparison, session.identity.zone
    now = datetime.now(UTC).replace(microsecond=0)
    since, until = call.times.read(session, now)
    receipt = Receipt("prove", filters={"metric": call.metric, **call.times.named()})
    if call.report is None:
        window = METRICS[call.metric].window if call.metric in METRICS else _WINDOW
        since, until = since or instant(window, zone, now), until or now
        report = reports.export(session, comparison, since, until, call.wait, receipt)
    else:
        report = reports.from_frame(_frame(call.report, session.privacy), comparison)
        since, until = _span(report, since, until, zone)
        receipt.notes.append(f"from {since.astimezone(zone):%Y-%m-%d %H:%M} to {until.astimezone(zone):%Y-%m-%d %H:%M}")
    ours, answer = _ours(session, queries, call, comparison, since, until, receipt)
    return prove(session, report, ours, answer)


def _ours(
    session: Session,
    queries: Queries,
    call: ProofCall,
    comparison: Comparison,
    since: datetime,
    until: datetime,
    receipt: Receipt,
) -> tuple[Ours, Frame | None]:
    """Return our side, and the metric's answer where there is a metric."""
    ours = Ours(queries, comparison, since, until, receipt, call.max_requests)
    if comparison.ours:
        return ours, None
    definition = call.definition or comparison.definitions[0]
    asked = MetricCall(call.metric, None, None, since, until, definition, None, {})
    answer = measure(session, queries, asked, call.max_requests, "live")
    told = receipt_of(answer)
    receipt.add(told)
    receipt.metric = told.metric
    ours.question, ours.ask = question_of(session, asked), _asking(session, asked)
    return ours, answer


def _asking(session: Session, call: MetricCall) -> Callable[[str], MetricQuery]:
    return lambda definition: question_of(session, replace(call, definition=definition))


def _frame(report: Any, privacy: Privacy) -> pd.DataFrame:
    if isinstance(report, pd.DataFrame):
        return report
    if isinstance(report, str | Path):
        return read_report(report, privacy=privacy)
    raise BadRequestError("report= takes the path of a file that Intercom exported, or a frame of read_report().")


def _span(
    report: reports.Report, since: datetime | None, until: datetime | None, zone: Any
) -> tuple[datetime, datetime]:
    try:
        return span_of(report, since, until, zone)
    except ValueError:
        raise BadRequestError(
            "The report does not say when its conversations started: give since= and until= as in Intercom."
        ) from None
