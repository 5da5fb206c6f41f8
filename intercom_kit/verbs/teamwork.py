"""The verbs for teammates' activity and for when they were away."""

import math
from datetime import UTC, datetime
from typing import Any

from intercom_kit.errors import BadFilterError
from intercom_kit.fetch.listing import created_in
from intercom_kit.fetch.session import Session
from intercom_kit.frames.frame import Frame
from intercom_kit.live.query import Queries
from intercom_kit.live.query_call import QueryCall
from intercom_kit.metrics.teammates.sources import AWAY_STATES
from intercom_kit.search.filters import Selection
from intercom_kit.search.spans import Span
from intercom_kit.tables import ACTIVITY_LOGS
from intercom_kit.values.plain import plain
from intercom_kit.verbs.arguments import Times, checked_limit

# One row per period in which a teammate was away, from the entries of the log since a time.
AWAY_PERIODS = f"""
with {AWAY_STATES.format(since="$since", until="$until")},
states as (
    select *,
        lag(away_mode) over by_admin as was_away,
        coalesce(away_mode and was_away and reason is not distinct from lag(reason) over by_admin, false) as goes_on
    from away_states
    window by_admin as (partition by admin_id order by created_at)
),
turns as (
    select *, lead(created_at) over (partition by admin_id order by created_at) as following
    from states
    where not goes_on and (away_mode or was_away is distinct from false)
)
select admin_id,
    case when away_mode then created_at end as began,
    case when away_mode then following else created_at end as ended,
    case when away_mode then reason end as reason,
    case when away_mode then how end as how
from turns
where away_mode or was_away is null
order by coalesce(began, ended), admin_id
"""


def activity_logs(session: Session, times: Times, type: Any, limit: int | None) -> Frame:
    """Return what teammates did between two times, of some types."""
    limit = checked_limit(limit)
    selection, created = _between(session, times)
    filters = times.named()
    if type is not None:
        filters["type"] = types = _types(type)
        selection.where.append('"activity_type" in (select unnest($types::varchar[]))')
        selection.parameters["types"] = types
    assert ACTIVITY_LOGS.listing is not None  # noqa: S101 - declared
    work = created_in(ACTIVITY_LOGS.listing, created, limit)
    return session.fetch(ACTIVITY_LOGS, work, limit=limit, selection=selection, filters=filters)


def away_periods(queries: Queries, times: Times) -> Frame:
    """Return the periods in which teammates were away, as far as the log since a time tells."""
    since, until = times.read(queries.session)
    return queries.sql(QueryCall(AWAY_PERIODS, {"since": since, "until": until or datetime.now(UTC)}))


def _between(session: Session, times: Times) -> tuple[Selection, Span]:
    """Return the selection of what was created between two times, and the span to request."""
    first, last = times.read(session)
    assert first is not None  # noqa: S101 - Intercom lists activity logs only since a given time
    selection = Selection(where=['"created_at" >= $since'], parameters={"since": first})
    if last is not None:
        selection.where.append('"created_at" < $until')
        selection.parameters["until"] = last
    return selection, Span(math.floor(first.timestamp()), None if last is None else math.ceil(last.timestamp()))


def _types(type: Any) -> list[str]:
    """Return types of activity as a list; any text is taken, since Intercom adds types from time to time."""
    found = plain(type)
    types = found if isinstance(found, list) else [found]
    if not all(isinstance(each, str) for each in types):
        raise BadFilterError(f"type={type!r} must be a type of activity as text, or several: see activity_type.")
    return types
