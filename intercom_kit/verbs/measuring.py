"""Metrics over live rows, with their definition, sample and excluded rows in the frame's attributes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol

import pandas as pd

from intercom_kit.api.identity import Identity
from intercom_kit.errors import BadFilterError, BadMetricError, BadQueryError, BadRequestError
from intercom_kit.frames.frame import Frame, receipt_of, with_receipt
from intercom_kit.frames.receipt import Receipt
from intercom_kit.frames.receipt import plain as as_json
from intercom_kit.hints import hint
from intercom_kit.live import masking
from intercom_kit.live.masking import ID
from intercom_kit.live.memory import Fresh
from intercom_kit.live.query_call import QueryCall
from intercom_kit.metrics import MetricQuery, ask, compared_values, find
from intercom_kit.metrics.conditions import with_instants
from intercom_kit.metrics.engagement.population import NARROWER
from intercom_kit.metrics.given.frames import require_other_names, with_frames
from intercom_kit.metrics.metric import Metric
from intercom_kit.tables.privacy import Privacy
from intercom_kit.values.plain import plain
from intercom_kit.values.times import Time, clock, span
from intercom_kit.verbs import schedules
from intercom_kit.verbs.schedules import Answering

# Requests allowed for checking that a name exists.
_REQUESTS_FOR_NAMES = 10


class Asked(Protocol):
    """Where a metric is asked: of which workspace, how its personal data is stored, and as of when its rows are."""

    @property
    def identity(self) -> Identity: ...

    @property
    def privacy(self) -> Privacy: ...

    @property
    def now(self) -> datetime: ...


@dataclass(frozen=True)
class MetricCall:
    """The arguments of one call of a metric; `name=` is a filter where the metric is named before it."""

    name: str | None
    by: str | Iterable[str] | None
    period: str | None
    since: Time | None
    until: Time | None
    definition: str | None
    compare: str | None
    filters: Mapping[str, Any]
    during: Time | None = None
    timezone: Any = None
    frames: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    weight: str | None = None

    def __post_init__(self) -> None:
        filters = dict(self.filters)
        if self.name is None:
            object.__setattr__(self, "name", filters.pop("name", None))
        object.__setattr__(self, "filters", plain(filters))

    @property
    def metric(self) -> Metric:
        """Return the metric; raise BadMetricError with the nearest names where there is none of this name."""
        if self.name is None:
            raise BadMetricError("Give the name of a metric first, such as 'csat': metrics() lists them.")
        metric = find(self.name)
        return replace(metric, subject=with_frames(metric.subject, self.frames)) if len(self.frames) else metric


def question_of(session: Asked, call: MetricCall) -> MetricQuery:
    """Return a call's arguments, read and checked; raise BadMetricError, BadFilterError or BadTimeError."""
    metric, now = call.metric, session.now
    zone = session.identity.zone if call.timezone is None else clock(call.timezone)
    if metric.lifetime and not call.since is call.until is call.during is None:
        raise BadMetricError(f"{metric.name} counts over whole lifetimes, without dates: leave since and until out.")
    filters = with_instants(metric.subject, call.filters, zone, now)
    begins = metric.window if call.since is None and call.during is None else call.since
    since, until = span(begins, call.until, zone, now, call.during)
    assert since is not None  # noqa: S101 - the window is a time
    masking.check_groups(compared_values(metric, filters), session.privacy)
    return ask(
        metric,
        since=since,
        until=until,
        now=now,
        zone=zone,
        by=call.by,
        period=call.period,
        definition=call.definition,
        compare=call.compare,
        filters=filters,
        weight=call.weight,
    )


def measure(session: Asked, queries: Answering, call: MetricCall, max_requests: int, fresh: Fresh) -> Frame:
    """Fetch what a metric needs, and return its frame."""
    call, listed = _with_hours(queries, call, fresh)
    question = question_of(session, call)
    require_other_names(call.frames, question.sql())
    try:
        asked = QueryCall(question.sql(), frames=call.frames, max_requests=max_requests, fresh=fresh)
        answer = queries.sql(asked)
    except BadQueryError as error:
        if error.plan is None or "contacts" not in question.request.options:
            raise
        raise BadQueryError(f"{error}\n{NARROWER}", plan=error.plan) from None
    excluding = replace(asked, query=question.exclusions_sql(), fresh="session")
    account = queries.sql(excluding)
    counts = {str(name): int(count) for name, count in account.iloc[0].items()}
    if fresh == "live" and session.privacy == "full":
        _require_listed(queries, question, dict(call.filters), nothing=counts["rows"] == 0)
    receipt, description = receipt_of(answer), question.metadata(counts) | {"filters": dict(call.filters)}
    if call.frames:
        description["frames"] = sorted(call.frames)
    if listed:
        receipt.add(listed)
    if note := session.identity.note:
        description["notes"].append(f"{note.rstrip('.')}.")
        receipt.notes.append(note)
    description["notes"] += _begun_before(question, call)
    receipt.metric = as_json(description)
    receipt.notes += question.agreement(counts)
    receipt.notes += _unused_steps(session, queries, question, call, answer)
    if fresh == "live" and counts["rows"] == 0:
        receipt.notes += _unknown_groups(session, queries, question, call)
    if "period" in answer:
        answer["period"] = answer["period"].dt.tz_convert(question.request.zone)
    return with_receipt(answer, receipt)


def _begun_before(question: MetricQuery, call: MetricCall) -> list[str]:
    """Return a note if the first period began before the time that the call names."""
    request = question.request
    if request.since == request.asked or call.since is call.during is None:
        return []
    began = request.since.astimezone(request.zone)
    return [f"The first {request.period} is counted whole: it began on {began:%Y-%m-%d at %H:%M}, before since."]


def _with_hours(queries: Answering, call: MetricCall, fresh: Fresh) -> tuple[MetricCall, Receipt | None]:
    """Return a call with its office hours as text, and the receipt of the schedules if these were fetched."""
    if not call.metric.definition(call.definition).own_hours:
        return call, None
    hours, receipt = schedules.office_hours(queries, call.filters.get("hours"), fresh)
    return replace(call, filters={**call.filters, "hours": str(hours)}), receipt


def _require_listed(queries: Answering, question: MetricQuery, filters: dict[str, Any], nothing: bool) -> None:
    """Raise BadFilterError for a filter that names a team, company or the like that does not exist.

    The lists are cached already, since the query compared their names. Only a company given as `contacts` was fetched
    by its name alone, so the list of companies is fetched only if the result was `nothing`.
    """
    population = question.request.options.get("contacts")
    filters |= population if nothing and isinstance(population, Mapping) else {}
    for name, value in filters.items():
        dimension = question.metric.subject.dimensions.get(name)
        if not dimension or not dimension.names:
            continue
        try:
            listed = queries.sql(QueryCall(dimension.names, max_requests=_REQUESTS_FOR_NAMES, fresh="session"))
        except BadQueryError:
            continue  # the list is too long for this check
        names = dict(zip(listed["id"], listed["label"], strict=True))
        for each in value if isinstance(value, list | tuple | set) else [value]:
            if str(each) in names:
                called = names[str(each)]
                raise BadFilterError(f"A {name} is given by its name, here {called!r}, not by its id {str(each)!r}.")
            if isinstance(each, str) and each not in names.values() and not ID.fullmatch(each):
                known = [label for label in names.values() if isinstance(label, str)]
                there_are = f"there are {', '.join(known[:10])}{' and others' * (len(known) > 10)}."
                raise BadFilterError(f"There is no {name} {each!r}: {hint(each, known, there_are)}")


def _unused_steps(
    session: Asked, queries: Answering, question: MetricQuery, call: MetricCall, answer: pd.DataFrame
) -> list[str]:
    """Return notes on the funnel's steps that none of these contacts performed, with the events that they did."""
    taken = answer.loc[answer["hits"] > 0, "event"].tolist() if "step" in answer else []
    missing = [step for step in question.request.options.get("steps", ()) if step not in taken]
    if not missing:
        return []
    filters = {name: value for name, value in call.filters.items() if name not in ("steps", "window")}
    adoption = replace(call, name="feature_adoption", by=None, definition=None, filters=filters)
    try:
        done = measure(session, queries, adoption, _REQUESTS_FOR_NAMES, "session")["event"].tolist()
    except BadRequestError:
        return []  # not all of their events could be fetched
    they_did = f"they did {', '.join(done[:10])}." if done else "they did nothing at all."
    return [f"Nobody did {each!r}: {hint(each, done, they_did)}" for each in missing if each not in done]


def _unknown_groups(session: Asked, queries: Answering, question: MetricQuery, call: MetricCall) -> list[str]:
    """Return notes on texts among the filters that no group is called, with those that there are in this span."""
    notes = []
    for name, value in call.filters.items():
        dimension = question.metric.subject.dimensions.get(name)
        wanted = [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, str)]
        if dimension is None or dimension.names or not wanted:
            continue
        others = {other: each for other, each in call.filters.items() if other != name}
        grouped = replace(call, by=name, period=None, compare=None, filters=others)
        try:
            labels = measure(session, queries, grouped, _REQUESTS_FOR_NAMES, "session").iloc[:, 0].dropna().astype(str)
        except BadRequestError:
            continue  # it would take too many requests
        there_are = f"there are {', '.join(labels[:10])}." if len(labels) else "nothing else is here either."
        missing = [each for each in wanted if each not in set(labels)]
        notes += [f"No {name} here is {each!r}: {hint(each, labels, there_are)}" for each in missing]
    return notes


def explain(session: Asked, queries: Answering, call: MetricCall) -> str:
    """Return the SQL of a metric, under its definition."""
    call, _ = _with_hours(queries, call, "session")
    question = question_of(session, call)
    return f"{question.heading()}\n{question.sql()}"
