"""The verb that holds a metric beside Intercom's own report of it."""

from pathlib import Path

import pandas as pd

from intercom_kit.reports.jobs import LONGEST
from intercom_kit.reports.proof import Proof
from intercom_kit.subjects.organisation import Organisation
from intercom_kit.values.times import Time
from intercom_kit.verbs.arguments import Times
from intercom_kit.verbs.proving import ProofCall, proved


class Proving(Organisation):
    """A workspace whose metrics can be held beside Intercom's own reports."""

    def prove(
        self,
        metric: str,
        /,
        since: Time | None = None,
        until: Time | None = None,
        definition: str | None = None,
        *,
        during: Time | None = None,
        report: pd.DataFrame | str | Path | None = None,
        wait: float = LONGEST,
        max_requests: int = 2_000,
    ) -> Proof:
        """Hold a metric beside Intercom's own report of it, with every conversation that differs and why.

        One row per number that the report has, the first as Intercom's report shows it: `number` (what it counts),
        `intercom`, `ours`, `difference`, `n_intercom`, `n_ours` (conversations), `differing`. `differences` of the
        result has a row per conversation that differs from the first number: `id`, `intercom`, `ours`, `reason`,
        `evidence`, `url`. Reasons are "office hours", "bot inbox", "started before", "not user-replied", "deleted
        there", "ticket not readable", "index lag", "more than 500 parts", "several there", each only where something
        shows it, and "unexplained".

        Metrics are conversations, first_response_time, time_to_first_close, time_to_close, handling_time, csat,
        rating_response_rate, sla_hit_rate, fin_involvement, fin_resolution, fin_automation, ticket_time_to_resolve;
        and, with one row per teammate, teammate_replies and teammate_closes, which fetch the parts of every
        conversation. `definition` is the metric's. The default of `since` is the metric's own.

        Without `report`, Intercom makes the report now, which takes seconds, at most `wait`; the token needs the scope
        export_reporting_data. `report` is instead a file that Intercom's own pages exported, or its frame of
        `read_report`; the span is then the days that it covers, unless given.

        Costs about five requests for the report, what the metric costs, and a few for conversations that differ. Raises
        ScopeMissingError, PlanRestrictedError, ReportMissingError, ReportFailedError, ReportLateError,
        TooManyReportsError, UnreadableReportError, BadMetricError and BadTimeError.
        """
        call = ProofCall(metric, Times(since, until, during), definition, report, wait, max_requests)
        return proved(self._session, self._queries, call)
