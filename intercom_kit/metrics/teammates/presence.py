"""How long teammates were available, and how much they replied then."""

from dataclasses import dataclass

from intercom_kit.metrics.aggregates import named
from intercom_kit.metrics.calculation import Calculation
from intercom_kit.metrics.definition import CALENDAR, Definition
from intercom_kit.metrics.metric import Metric
from intercom_kit.metrics.request import MetricRequest
from intercom_kit.metrics.sql import SQL, group_by, join, same, sql, step
from intercom_kit.metrics.subjects import OF_ADMINS
from intercom_kit.metrics.support.sources import TEAMMATE_REPLIED
from intercom_kit.metrics.teammates.sources import AWAY_STATES

LOGS = "the API's activity logs, admin_away_mode_change"
UNKNOWN = (
    "What a teammate was before their first change in the span is unknown: `unknown` has those hours, and nothing else "
    "counts them. Start the span earlier to know more."
)
NOT_WORKED = (
    "Available is not at work: somebody who does not go away at night, or never does, is available around the clock."
)
SET_BY_OTHERS = (
    "A change that somebody else made is taken as that of the teammate whom the log names first, `performed_by`, which "
    "nobody has confirmed."
)

_PRESENCE = """
    {away_states},
    stays as (
        select admin_id, away_mode as away, created_at as begins,
            coalesce(lead(created_at) over (partition by admin_id order by created_at), {ends}) as ends
        from away_states
    ),
    spans as (
        {spans}
    ),
    presence as (
        select admin_id, opens,
            sum(epoch(least(ends, closes)) - epoch(greatest(begins, opens))) filter (where not away) / 3600 as here,
            sum(epoch(least(ends, closes)) - epoch(greatest(begins, opens))) filter (where away) / 3600 as gone
        from spans
        join stays on begins < closes and ends > opens
        group by admin_id, opens
    )
"""
# Where clocks go back, a period may consist of two spans with another period between them.
_PERIODS = """
    select
        period,
        greatest(to_timestamp(min(quarter) * 900), {since}) as opens,
        least(to_timestamp((max(quarter) + 1) * 900), {ends}) as closes
    from (select *, quarter - row_number() over (partition by period order by quarter) as run from calendar)
    group by period, run
"""
_MEASURES = {
    "available": "if(presence.admin_id is null, null, coalesce(presence.here, 0))",
    "away": "if(presence.admin_id is null, null, coalesce(presence.gone, 0))",
    "whole": "(epoch(spans.closes) - epoch(spans.opens)) / 3600",
}
_SUMS = """
    sums as (
        select
            {keys:,}
            sum(available) as available,
            sum(away) as away,
            greatest(round(sum(whole) - coalesce(sum(available + away), 0), 6), 0) as unknown,
            count(distinct if(available is null, null, id)) as n
            {more}
        from measured
        {by_key}
    ),
    {spread},
    answer as (
        select
            spread.*,
            {value} as value,
            coalesce(n, 0) as n,
            available,
            away,
            unknown
            {shown}
        from spread
        left join sums on {of_key}
    )
"""

# A reply counts if it is known whether its author was away then; those while away count, too.
_REPLIES = """
    known as (
        select admin_id, min(begins) as since from stays group by admin_id
    ),
    replies as materialized (
        select part.author_id as admin_id, part.created_at as moment
        from conversations as conversation
        join conversation_parts as part on part.conversation_id = conversation.id
        where conversation.updated_at >= {since} and conversation.created_at < {ends}
            and {replied} and part.created_at >= {since} and part.created_at < {ends}
    ),
    sent as (
        select replies.admin_id, opens, count(*) as replies
        from replies
        join known on known.admin_id = replies.admin_id and moment >= known.since
        join spans on moment >= opens and moment < closes
        group by replies.admin_id, opens
    )
"""


@dataclass(frozen=True)
class Presence(Calculation):
    """What follows from the hours that teammates were available and away; `measure` is computed from their sums."""

    columns: tuple[str, ...] = ("value", "n", "available", "away", "unknown")
    replies: bool = False

    def bounds(self, request: MetricRequest) -> SQL:  # noqa: ARG002
        """Return no condition: teammates have no time of their own."""
        return SQL()

    def steps(self, request: MetricRequest) -> list[SQL]:
        also = "cross join spans\nleft join presence on presence.admin_id = admin.id and presence.opens = spans.opens"
        measures = dict(_MEASURES)
        if self.replies:
            also += "\nleft join sent on sent.admin_id = admin.id and sent.opens = spans.opens"
            measures["replies"] = "if(presence.admin_id is null, null, coalesce(sent.replies, 0))"
        period = [SQL("spans.period as period")] if request.period else []
        columns = join(",\n", [*period, SQL("admin.id as id"), named(measures)])
        return [
            *self.selection(request),
            *request.calendar(),
            self._presence(request),
            *([self._sent(request)] if self.replies else []),
            step("measured", request.rows(columns, also=also, dated=False)),
            self._summed(request),
        ]

    def _presence(self, request: MetricRequest) -> SQL:
        bounds = {"since": request.since, "ends": request.ends}
        spans = sql(_PERIODS if request.period else "select {since} as opens, {ends} as closes", **bounds)
        states = sql(AWAY_STATES, since=request.since, until=request.ends)
        return sql(_PRESENCE, away_states=states, spans=spans, ends=request.ends)

    def _sent(self, request: MetricRequest) -> SQL:
        return sql(_REPLIES, since=request.since, ends=request.ends, replied=TEAMMATE_REPLIED)

    def _summed(self, request: MetricRequest) -> SQL:
        return sql(
            _SUMS,
            keys=request.keys,
            more=SQL(", sum(replies)::bigint as replies" if self.replies else ""),
            by_key=group_by(request.keys),
            spread=request.spread(),
            value=SQL(request.definition.measure),
            shown=SQL(", replies" if self.replies else ""),
            of_key=same("spread", "sums", request.keys),
        )

    def notes(self, request: MetricRequest, rows: int) -> list[str]:  # noqa: ARG002
        """Return what logs cannot tell."""
        return [UNKNOWN, NOT_WORKED, SET_BY_OTHERS, "Teammates who were deleted are not listed, nor are their hours."]


AVAILABLE_HOURS = Metric(
    name="available_hours",
    title="Available hours",
    question="For how many hours was each teammate available?",
    unit="hours",
    denominator="teammates of whom it is known at some time in the period",
    calculation=Presence(),
    definitions={
        "calendar": Definition(
            "The hours in which a teammate was not away, from each change in the activity logs to the next; `away` has "
            "the others. Around the clock, whatever the office hours.",
            LOGS,
            "available",
            hours=CALENDAR,
            needs=("activity_logs",),
        )
    },
    subject=OF_ADMINS,
    by=("teammate",),
    compares=False,
)

AWAY_SHARE = Metric(
    name="away_share",
    title="Share of time away",
    question="For how much of the time was each teammate away?",
    unit="share",
    denominator="teammates of whom it is known at some time in the period",
    calculation=Presence(),
    definitions={
        "calendar": Definition(
            "The hours in which a teammate was away, among those of which it is known. Around the clock: nights count "
            "as away for those who go away then.",
            LOGS,
            "away / nullif(available + away, 0)",
            hours=CALENDAR,
            needs=("activity_logs",),
        )
    },
    subject=OF_ADMINS,
    by=("teammate",),
    compares=False,
)

REPLIES_PER_AVAILABLE_HOUR = Metric(
    name="replies_per_available_hour",
    title="Replies per available hour",
    question="How many replies do teammates send in an hour in which they are available?",
    unit="replies per available hour",
    denominator="teammates of whom it is known at some time in the period",
    calculation=Presence(
        columns=("value", "n", "available", "away", "unknown", "replies"),
        replies=True,
    ),
    definitions={
        "calendar": Definition(
            "Messages to customers, notes not included, divided by the hours in which their author was not away; those "
            "sent while away count, too. Left out is what was before a teammate's first change in the span. Rows are "
            "in the order of names, since this is no ranking: who takes the hard cases replies less often.",
            f"the API's conversation parts, one request for each conversation that changed since; {LOGS}",
            "replies / nullif(available, 0)",
            hours=CALENDAR,
            needs=("activity_logs", "conversations", "conversation_parts"),
        )
    },
    subject=OF_ADMINS,
    by=("teammate",),
    compares=False,
)

TEAMMATES = (AVAILABLE_HOURS, AWAY_SHARE, REPLIES_PER_AVAILABLE_HOUR)
