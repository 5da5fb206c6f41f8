"""Answer a metric with live rows, and say what its number is: by which definition, of what, and what does not count."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from intercom_kit.errors import BadFilterError, BadQueryError, BadRequestError, hint
from intercom_kit.fetch.session import Session
from intercom_kit.frames.frame import Frame
from intercom_kit.frames.receipt import plain as as_json
from intercom_kit.live import masking
from intercom_kit.live.masking import ID
from intercom_kit.live.memory import Fresh
from intercom_kit.live.query import Queries
from intercom_kit.metrics import MetricQuery, ask, find
from intercom_kit.metrics.conditions import is_time
from intercom_kit.metrics.engagement.population import NARROWER
from intercom_kit.values.plain import plain
from intercom_kit.values.times import Time, in_order, instant

# To find out whether a filter names something that there is, lists are read that are no longer than this.
_REQUESTS_FOR_NAMES = 10


@dataclass(frozen=True)
class Wanted:
    """What the caller of a metric said."""

    name: str
    by: str | Iterable[str] | None
    period: str | None
    since: Time | None
    until: Time | None
    definition: str | None
    compare: str | None
    filters: Mapping[str, Any]

    def __post_init__(self) -> None:
        object.__setattr__(self, "filters", plain(self.filters))


def asked(session: Session, wanted: Wanted) -> MetricQuery:
    """Read what the caller said as a question; raise BadMetricError, BadFilterError or BadTimeError."""
    metric, zone, now = find(wanted.name), session.identity.zone, datetime.now(UTC).replace(microsecond=0)
    read = {
        name: instant(value, zone, now) if is_time(metric.subject, name) else value
        for name, value in wanted.filters.items()
    }
    since = instant(metric.window if wanted.since is None else wanted.since, zone, now)
    until = None if wanted.until is None else instant(wanted.until, zone, now)
    in_order(since, until)
    question = ask(
        metric,
        since=since,
        until=until,
        now=now,
        zone=zone,
        by=wanted.by,
        period=wanted.period,
        definition=wanted.definition,
        compare=wanted.compare,
        filters=read,
    )
    masking.check_groups(question.request.compared, session.privacy)
    return question


def measure(session: Session, queries: Queries, wanted: Wanted, most_requests: int, fresh: Fresh) -> Frame:
    """Ask Intercom for what a metric needs, and work it out."""
    question = asked(session, wanted)
    try:
        answer = queries.sql(question.sql(), None, {}, most_requests, fresh, None)
    except BadQueryError as error:
        if error.plan is None or "contacts" not in question.request.options:
            raise
        raise BadQueryError(f"{error}\n{NARROWER}", plan=error.plan) from None
    account = queries.sql(question.exclusions_sql(), None, {}, most_requests, "session", None)
    counted = {str(name): int(count) for name, count in account.iloc[0].items()}
    if fresh == "live" and session.privacy == "full":
        _require_listed(queries, question, dict(wanted.filters), nothing=counted["rows"] == 0)
    told = question.metadata(counted) | {"filters": dict(wanted.filters)}
    if note := session.identity.note:
        told["notes"].append(f"{note.rstrip('.')}.")
        answer.attrs["intercom"]["notes"].append(note)
    answer.attrs["intercom"]["metric"] = as_json(told)
    answer.attrs["intercom"]["notes"] += _steps_in_vain(session, queries, question, wanted, answer)
    if "period" in answer:
        answer["period"] = answer["period"].dt.tz_convert(question.request.zone)
    return answer


def _require_listed(queries: Queries, question: MetricQuery, filters: dict[str, Any], nothing: bool) -> None:
    """Raise BadFilterError for a filter that names a team, company or the like that there is not.

    The lists are here, since their names were compared; but a company whose members alone were asked about is looked
    for by its name, so the others are asked for only where there was `nothing`.
    """
    population = question.request.options.get("contacts")
    filters |= population if nothing and isinstance(population, Mapping) else {}
    for name, value in filters.items():
        dimension = question.metric.subject.dimensions.get(name)
        if not dimension or not dimension.names:
            continue
        try:
            listed = queries.sql(dimension.names, None, {}, _REQUESTS_FOR_NAMES, "session", None)
        except BadQueryError:
            continue  # so many have names that looking for one takes too long
        names = dict(zip(listed["id"], listed["label"], strict=True))
        for each in value if isinstance(value, list | tuple | set) else [value]:
            if each in names:
                raise BadFilterError(f"A {name} is told by its name, as {names[each]!r}, and not by its id {each!r}.")
            if isinstance(each, str) and each not in names.values() and not ID.fullmatch(each):
                known = [label for label in names.values() if isinstance(label, str)]
                there_are = f"there are {', '.join(known[:10])}{' and others' * (len(known) > 10)}."
                raise BadFilterError(f"There is no {name} {each!r}: {hint(each, known, there_are)}")


def _steps_in_vain(
    session: Session, queries: Queries, question: MetricQuery, wanted: Wanted, answer: pd.DataFrame
) -> list[str]:
    """Say which steps of a funnel are events that nobody did who was asked about, with those that they did."""
    taken = answer.loc[answer["hits"] > 0, "event"].tolist() if "step" in answer else []
    missing = [step for step in question.request.options.get("steps", ()) if step not in taken]
    if not missing:
        return []
    filters = {name: value for name, value in wanted.filters.items() if name not in ("steps", "window")}
    adoption = replace(wanted, name="feature_adoption", by=None, definition=None, filters=filters)
    try:
        done = measure(session, queries, adoption, _REQUESTS_FOR_NAMES, "session")["event"].tolist()
    except BadRequestError:
        return []  # their events are not all here, as where some could not be asked for
    they_did = f"they did {', '.join(done[:10])}." if done else "they did nothing at all."
    return [f"Nobody did {each!r}: {hint(each, done, they_did)}" for each in missing if each not in done]


def explained(session: Session, wanted: Wanted) -> str:
    """Write the SQL of a metric, under the words of its definition."""
    question = asked(session, wanted)
    return f"{question.heading()}\n{question.sql()}"
