"""One job of the reporting export: begun, waited for within limits, and its file downloaded."""

import asyncio
import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from intercom_kit.api.asking import Asking, Request
from intercom_kit.api.quoting import quoted
from intercom_kit.errors import (
    NotFoundError,
    NotIntercomError,
    ReportFailedError,
    ReportLateError,
    TooManyReportsError,
    UnreadableReportError,
)
from intercom_kit.fetch.meter import Meter
from intercom_kit.paging.paths import filled
from intercom_kit.reports.datasets import Attribute, Dataset
from intercom_kit.reports.sheet import Sheet, read_sheet

FIRST_WAIT, LONGEST_WAIT = 1.0, 5.0  # seconds between two questions; most jobs take about four
LONGEST = 600.0  # seconds until a report has to be ready
DOWNLOADS = 3  # of one file, in case that it is cut on its way

# UNCONFIRMED [report-job]: a job may not be found right after it was enqueued.
UNKNOWN_AT_MOST = 5

# UNCONFIRMED [report-status]
COMPLETE = ("complete", "completed")
_JOB, _FILE = "/export/reporting_data/{id}", "/download/reporting_data/{id}"


@dataclass(frozen=True)
class Job:
    """What a job is asked for: a dataset's attributes, of the rows between two Unix seconds."""

    dataset: Dataset
    attributes: Sequence[Attribute]
    start: int
    end: int

    @property
    def body(self) -> dict[str, Any]:
        """Return the body of the request."""
        return {
            "dataset_id": self.dataset.id,
            "attribute_ids": [each.requested_as for each in self.attributes],
            "start_time": self.start,
            "end_time": self.end,
        }


class Waits:
    """The pauses of one report, longer and longer, until its time is up."""

    def __init__(self, longest: float) -> None:
        self.longest = longest
        self._ends = time.monotonic() + longest
        self._next = FIRST_WAIT

    async def pause(self) -> bool:
        """Wait a little; return whether there is time left."""
        left = self._ends - time.monotonic()
        if left <= 0:
            return False
        await asyncio.sleep(min(self._next, left))
        self._next = min(self._next * 1.5, LONGEST_WAIT)
        return True


async def exported(transport: Asking, job: Job, meter: Meter, longest: float) -> Sheet:
    """Return the file of a job. Costs a request to begin it, one per look whether it is ready, and the download.

    Raises TooManyReportsError, ReportFailedError and ReportLateError, and UnreadableReportError if it is cut each time.
    """
    waits = Waits(longest)
    id_ = await _begun(transport, job, meter, waits)
    await _ready(transport, id_, meter, waits)
    meter.label = f"report {job.dataset.id}: download"
    for _ in range(DOWNLOADS - 1):
        with contextlib.suppress(UnreadableReportError):
            return await _downloaded(transport, id_, job)
    return await _downloaded(transport, id_, job)


async def _downloaded(transport: Asking, id_: str, job: Job) -> Sheet:
    page = await transport.send(Request("GET", filled(_FILE, id_), file=True))
    return await asyncio.to_thread(read_sheet, page.data, f"The report {job.dataset.id!r}")


async def _begun(transport: Asking, job: Job, meter: Meter, waits: Waits) -> str:
    """Begin a job, once as few others are pending as Intercom allows, and return its id."""
    while True:
        try:
            answer = await transport.send(Request("POST", "/export/reporting_data/enqueue", body=job.body))
            break
        except TooManyReportsError as error:
            meter.label = f"report {job.dataset.id}: waiting for other reports"
            if not await waits.pause():
                raise TooManyReportsError(
                    f"Other reports of this workspace were still being made after {waits.longest:,.0f} seconds, and "
                    f"Intercom makes only five at once. Try again later, or allow more time with wait=.",
                    status=429,
                    request_id=error.request_id,
                ) from None
    whole = answer.whole()
    id_ = whole.get("job_identifier") if isinstance(whole, dict) else None
    if not isinstance(id_, str | int) or not str(id_).strip():
        raise NotIntercomError("A report was begun without an id: check that `base_url` is Intercom's API.")
    return str(id_)


async def _ready(transport: Asking, id_: str, meter: Meter, waits: Waits) -> None:
    """Wait until a job is complete."""
    unknown = 0
    meter.label = "report: waiting until it is made"
    while True:
        try:
            whole = (await transport.get(filled(_JOB, id_))).whole()
            status = str(whole.get("status") or "") if isinstance(whole, dict) else ""
        except NotFoundError as error:
            unknown += 1
            if unknown > UNKNOWN_AT_MOST:
                raise ReportFailedError(
                    "Intercom began the report, and then did not know it any more: try again.",
                    request_id=error.request_id,
                ) from None
            status = "pending"
        if status in COMPLETE:
            return
        if status != "pending":
            said = "failed" if status == "failed" else f"is {quoted(status, 40)!r}"
            raise ReportFailedError(
                f"Intercom could not make the report (its job {quoted(id_, 80)} {said}): try again, or a shorter span."
            )
        if not await waits.pause():
            raise ReportLateError(
                f"The report was not ready after {waits.longest:,.0f} seconds: try again later, take a shorter span, "
                "or allow more time with wait=."
            )
