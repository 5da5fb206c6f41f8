"""The endpoints of the reporting export: datasets, jobs, and the files that they make."""

import json
from collections.abc import Iterator
from typing import Any

from intercom_kit.sandbox import versions
from intercom_kit.sandbox.call import Call
from intercom_kit.sandbox.contents.record import Record
from intercom_kit.sandbox.contents.zones import zone
from intercom_kit.sandbox.errors import ApiError, not_found
from intercom_kit.sandbox.reporting.datasets import DATASETS, Attribute, Dataset
from intercom_kit.sandbox.reporting.hours import ReportHours
from intercom_kit.sandbox.reporting.jobs import MOST_PENDING, Job
from intercom_kit.sandbox.reporting.rows import ROWS, Context, Row, ticket_row
from intercom_kit.sandbox.reporting.story import Story
from intercom_kit.sandbox.reporting.writing import Style

QUALIFIED_SINCE = WITHOUT_REPLIES_SINCE = (2, 16)


def list_datasets(call: Call) -> Record:
    versions.require(call.version, (2, 14))
    qualified = call.version >= QUALIFIED_SINCE
    return {"type": "list", "data": [dataset.record(qualified=qualified) for dataset in DATASETS.values()]}


def enqueue(call: Call) -> Record:
    """Begin a job; its file is worked out at once, since nothing else here takes time."""
    versions.require(call.version, (2, 14))
    body = _body(call)
    dataset, attributes = _requested(call, body)
    start, end = (int(body[name]) for name in ("start_time", "end_time"))
    jobs = call.workspace.report_jobs
    if jobs.full:
        message = f"Exceeded rate limit of {MOST_PENDING} pending reporting dataset export jobs"
        raise ApiError(429, "rate_limit_exceeded", message)
    rows = (row for row in _rows(call, dataset) if row.get(dataset.time) and start <= row[dataset.time] <= end)
    data = _style(call).written(attributes, rows)
    return _job(call, jobs.add(data, late=call.behaviours.of("report-job") == "late"))


def show_job(call: Call) -> Record:
    versions.require(call.version, (2, 14))
    job = call.workspace.report_jobs.poll(call.path["job"])
    if job is None:
        raise _unknown(call)
    return _job(call, job)


def download(call: Call) -> bytes:
    versions.require(call.version, (2, 14))
    job = call.workspace.report_jobs.jobs.get(call.path["job"])
    if job is None or job.pending or job.fails:
        raise _unknown(call)
    return job.data


def _unknown(call: Call) -> ApiError:
    return not_found(f"Export job not found for identifier: {call.path['job']}")


def _job(call: Call, job: Job) -> Record:
    """Return a job; what a complete one is called is UNCONFIRMED [report-status]."""
    status = "pending" if job.pending else "failed" if job.fails else call.behaviours.of("report-status")
    address = f"{call.address.partition('/export/')[0]}/download/reporting_data/{job.id}"
    ready = not job.pending and not job.fails
    return {
        "job_identifier": job.id,
        "status": status,
        "download_url": address if ready else "",
        "download_expires_at": "2099-01-01T00:00:00Z" if ready else "",
    }


def _body(call: Call) -> Record:
    try:
        body = json.loads(call.body)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise _bad("Request body must be a JSON object")
    return body


def _bad(message: str) -> ApiError:
    return ApiError(400, "bad_request", message)


def _requested(call: Call, body: Record) -> tuple[Dataset, list[Attribute]]:
    """Return the dataset and the attributes of a job; since 2.16 these need qualified ids."""
    for name in ("dataset_id", "attribute_ids", "start_time", "end_time"):
        if name not in body:
            raise _bad(f"'{name}' is a required parameter")
    dataset, ids = DATASETS.get(body["dataset_id"]), body["attribute_ids"]
    if dataset is None:
        raise _bad(f"{body['dataset_id']} is not a valid dataset_id")
    if not isinstance(ids, list):
        raise _bad("'attribute_ids' not an array must be of type Array")
    if not ids:
        raise _bad("attribute_ids must contain at least one attribute_id")
    if not all(type(body[name]) is int for name in ("start_time", "end_time")):
        raise _bad("start_time and end_time must be integers")
    qualified = call.version >= QUALIFIED_SINCE
    known = {each.qualified_id if qualified else each.id: each for each in reversed(dataset.attributes)}
    if wrong := [str(id_) for id_ in ids if id_ not in known]:
        raise _bad(f"attribute_ids invalid for {dataset.id} dataset: {', '.join(wrong)}")
    return dataset, [known[id_] for id_ in ids]


def _rows(call: Call, dataset: Dataset) -> Iterator[Row]:
    """Yield all rows of a dataset; deleted conversations stay if their metrics were retained."""
    workspace = call.workspace
    schedules = list(workspace.simple["office_hours_schedules"].records())
    context = Context(ReportHours(schedules, workspace.timezone), workspace.now)
    for story in map(Story, (*workspace.conversations.records(), *workspace.retained)):
        if dataset.id == "tickets":
            if ticket := _ticket(call, story):
                yield ticket_row(story, ticket)
        elif dataset.id != "conversation" or story.written_at is not None or call.version >= WITHOUT_REPLIES_SINCE:
            yield from ROWS[dataset.id](story, context)


def _ticket(call: Call, story: Story) -> Record | None:
    if not story.record.get("ticket"):
        return None
    return call.workspace.tickets.get(story.id) or dict(story.record["ticket"])


def _style(call: Call) -> Style:
    workspace, behaviours = call.workspace, call.behaviours
    names: dict[str, Any] = {
        str(record["id"]): record.get("name")
        for kind in ("admins", "teams")
        for record in workspace.simple[kind].records()
    }
    place = zone("UTC") if behaviours.of("report-zone") == "utc" else workspace.zone
    words, dress = behaviours.of("report-words"), behaviours.of("report-dress")
    return Style(place, words, dress, behaviours.of("report-header"), names)
