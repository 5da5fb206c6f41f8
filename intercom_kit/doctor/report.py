"""The report of a check: a row per behaviour and type of object, and general facts about the API."""

import statistics
from datetime import UTC, datetime
from importlib.metadata import version
from time import perf_counter
from typing import Any

import pandas as pd

from intercom_kit.api.regions import API_VERSION, HOSTS
from intercom_kit.api.transport import Transport
from intercom_kit.concurrency import loop
from intercom_kit.doctor.examination import examine
from intercom_kit.doctor.questions import Questions
from intercom_kit.doctor.results import Results
from intercom_kit.errors import BadRequestError
from intercom_kit.fetch.session import Session
from intercom_kit.frames.frame import Frame, with_receipt
from intercom_kit.frames.receipt import Receipt
from intercom_kit.live.status import status_frame
from intercom_kit.search.learning import Learning

MOST = 40
COLUMNS = ["behaviour", "object", "documented", "measured", "found", "note", "at", "matters"]


def doctor(session: Session, max_requests: int = MOST) -> Frame:
    """Check a workspace with at most `max_requests`, remember the findings, and return the report."""
    if not 1 <= max_requests <= MOST:
        raise BadRequestError(f"max_requests={max_requests} must be a number from 1 to {MOST}.")
    session.transport.require_open()
    begun, questions = perf_counter(), Questions(session.transport, max_requests)
    results = loop.run(examine(questions, session.learning.zone))
    _learn(session.learning, results)
    receipt = Receipt("doctor", requests=questions.sent, seconds=round(perf_counter() - begun, 3))
    report = with_receipt(_rows(session.learning, results), receipt)
    session.receipts.append(receipt)
    report.attrs["doctor"] = _facts(session, questions)
    return report


def shared(report: pd.DataFrame) -> dict[str, Any]:
    """Return a report as JSON values, to be shared: it has no data of the workspace."""
    rows = report.drop(columns="matters").assign(at=report["at"].dt.strftime("%Y-%m-%d"))
    behaviours = rows.astype("object").where(rows.notna(), None).to_dict("records")
    return {"intercom_kit": version("intercom_kit"), **report.attrs["doctor"], "behaviours": behaviours}


def _learn(learning: Learning, results: Results) -> None:
    """Remember the findings; of a lag, the longest ever observed."""
    for (name, object_type), result in results.items():
        known = learning.findings.of(name, object_type)
        if result.found and not (name == "index-lag" and known and int(known) >= int(result.found)):
            learning.saw(name, result.found, object_type)


def _rows(learning: Learning, results: Results) -> pd.DataFrame:
    """Return the findings of this check or an earlier one as a frame; if earlier, the note says why."""
    rows = status_frame(learning.findings)
    notes = []
    for name, object_type, found in zip(rows["behaviour"], rows["object"], rows["found"], strict=True):
        result = results.of(name, object_type)
        before = result.found is None and isinstance(found, str)
        notes.append(f"found before; now {result.note}" if before else result.note)
    rows["note"] = pd.array(notes, dtype="str")
    return rows[COLUMNS]


def _facts(session: Session, questions: Questions) -> dict[str, Any]:
    """Return facts about the API: timings, limits, versions, and which endpoints answered."""
    transport, waits = session.transport, questions.waits
    identity = session.known_identity
    return {
        "checked_on": f"{datetime.now(UTC):%Y-%m-%d}",
        "requests": questions.sent,
        "at_most": questions.max_requests,
        "seconds": {
            "median": round(statistics.median(waits), 3) if waits else None,
            "max": round(max(waits), 3) if waits else None,
        },
        "rate_limit": transport.budget.limit,
        "region": (identity.region if identity else "") or session.region or "",
        "host": _host(transport),
        "api_version": {"asked": API_VERSION, "answered": transport.version},
        "endpoints": [
            {"endpoint": name, "state": each.state, "statuses": sorted(each.statuses), "permission": each.scope}
            for name, each in questions.endpoints.items()
        ],
        "datasets": questions.datasets,
    }


def _host(transport: Transport) -> str:
    """Return Intercom's host, or "another": a proxy's or sandbox's address is private."""
    return next((host.removeprefix("https://") for host in HOSTS.values() if host == transport.base_url), "another")
