"""Conversations that are not done: the backlog over time, and who waits now."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from intercom_kit.metrics.aggregates import named
from intercom_kit.metrics.calculation import Calculation
from intercom_kit.metrics.definition import CALENDAR, Definition
from intercom_kit.metrics.metric import Metric
from intercom_kit.metrics.periods import quarter_of
from intercom_kit.metrics.request import MetricRequest
from intercom_kit.metrics.sql import SQL, group_by, join, partition, qualified, same, sql
from intercom_kit.metrics.support.sources import MISSING, STATISTICS, WITHOUT_STATISTICS, WROTE, seconds

_FLOWS = """
    measured as (
        {measured}
    ),
    already as (
        select {groups:,} count(*) as there
        from measured
        where came < {begins} and (gone is null or gone >= {begins})
        {by_group}
    ),
    arrivals as (
        select calendar.period, {groups:,} count(*) as opened
        from measured
        join calendar on calendar.quarter = {quarter_it_came}
        group by {groups:,} calendar.period
    ),
    departures as (
        select calendar.period, {groups:,} count(*) as closed
        from measured
        join calendar on calendar.quarter = {quarter_it_went}
        group by {groups:,} calendar.period
    )
"""
_STOCK = """
    stock as (
        select
            spread.*,
            (
                coalesce(there, 0)
                + sum(coalesce(opened, 0) - coalesce(closed, 0)) over ({by_group} order by spread.period)
            )::bigint as n,
            coalesce(opened, 0) as opened,
            coalesce(closed, 0) as closed
        from spread
        left join already on {already_in_group}
        left join arrivals on {arrivals_in_key}
        left join departures on {departures_in_key}
    ),
    answer as (
        select *, n::double as value from stock
    )
"""


@dataclass(frozen=True)
class Stock(Calculation):
    """The number of rows at the end of each period: those that came before it ended, less those gone by then."""

    columns: tuple[str, ...] = ("value", "n", "opened", "closed")

    def bounds(self, request: MetricRequest) -> SQL:
        """Return the condition of rows that were not done at any time in the span."""
        not_done = sql(
            "conversation.state <> 'closed' or conversation.last_close_at >= {begins}", begins=request.begins
        )
        # Of some conversations Intercom does not say when they were closed, but parts may, as where no customer wrote.
        unknown = SQL("conversation.last_close_at is null")
        changed = sql("conversation.updated_at >= {begins}", begins=request.begins)
        if request.definition.name == "parts":
            bounds = SQL(f"({not_done} or ({unknown} and {changed}))")
        else:  # three conditions, so that Intercom is asked for all of these in one search
            bounds = join("\nand ", (f"({not_done} or {also})" for also in (changed, WROTE.where, unknown)))
        if request.until is None:
            return bounds
        return sql("{bounds} and conversation.created_at < {until}", bounds=bounds, until=request.until)

    def steps(self, request: MetricRequest) -> list[SQL]:
        flows = sql(
            _FLOWS,
            measured=request.rows(named(request.definition.measures), dated=False),
            groups=request.groups,
            by_group=group_by(request.groups),
            begins=request.begins,
            quarter_it_came=quarter_of("came"),
            quarter_it_went=quarter_of("gone"),
        )
        stock = sql(
            _STOCK,
            by_group=partition(qualified("spread", request.groups)),
            already_in_group=same("already", "spread", request.groups),
            arrivals_in_key=same("spread", "arrivals", request.keys),
            departures_in_key=same("spread", "departures", request.keys),
        )
        steps = [*self.selection(request), *request.calendar(), SQL(request.definition.steps), flows]
        return [*steps, request.spread(), stock]

    def notes(self, request: MetricRequest, rows: int) -> list[str]:  # noqa: ARG002
        """Return what each definition cannot know."""
        if request.definition.name == "parts":
            return [
                "Of a conversation with more than 500 parts Intercom returns the newest: earlier closes are unknown."
            ]
        return ["Conversations closed and opened again count as open in between: the past is approximate."]


# From each opening to the close that follows it. A snoozed conversation is not done: snoozing a closed one opens it
# again. Nothing happens before a conversation begins; of two parts of the same second the greater id is the later one.
_SPELLS = """
    turns as (
        select
            part.conversation_id as talk,
            part.id as part,
            greatest(part.created_at, selected.created_at) as moment,
            part.part_type = 'close' as closes
        from selected
        join conversation_parts as part on part.conversation_id = selected.id
        where part.part_type in ('close', 'open')
            or part.part_type like '%reopen'
            or part.part_type like '%snooze%'
        union all
        select id as talk, '' as part, created_at as moment, false as closes
        from selected
    ),
    spells as (
        select
            talk,
            moment as came,
            min(if(closes, moment, null)) over (talks rows between current row and unbounded following) as closed
        from turns
        window talks as (partition by talk order by moment, length(part), part)
        qualify not closes and lag(closes) over talks is distinct from false
    )
"""

_WITHOUT_TIME = "conversation.state = 'closed' and conversation.last_close_at is null"

BACKLOG = Metric(
    name="backlog",
    title="Backlog",
    aliases=("open conversations",),
    question="How many conversations are not done at the end of each day?",
    unit="conversations",
    denominator="conversations that are open or snoozed at the end of the period, or now",
    calculation=Stock(),
    definitions={
        "calendar": Definition(
            "Created before the end of the period, and not closed for good by then. From statistics alone: a "
            "conversation that was closed and opened again counts as open in between, so the past is approximate. "
            "Conversations closed before a customer wrote do not count.",
            STATISTICS,
            measures={
                "came": f"case when not ({_WITHOUT_TIME}) then conversation.created_at end",
                "gone": f"case when conversation.state = 'closed' and not ({_WITHOUT_TIME}) "
                "then greatest(conversation.last_close_at, conversation.created_at) end",
            },
            left_out={"closed at an unknown time": _WITHOUT_TIME},
        ),
        "parts": Definition(
            "From its creation until a part closes it, and from each that opens it again (open, assign_and_reopen or "
            "snoozed) until the next one closes it: the past is exact, too. `opened` and `closed` count each time. It "
            "costs a request for each conversation that was not done at some time in the span.",
            "the API's conversation parts, the newest 500 of each conversation",
            measures={
                "came": f"case when spells.closed is not null or not ({_WITHOUT_TIME}) then spells.came end",
                "gone": f"coalesce(spells.closed, case when conversation.state = 'closed' and not ({_WITHOUT_TIME}) "
                "then greatest(conversation.last_close_at, spells.came) end)",
            },
            left_out={"closed at an unknown time": f"spells.closed is null and {_WITHOUT_TIME}"},
            steps=_SPELLS,
            join="join spells on spells.talk = conversation.id",
            needs=("conversation_parts",),
        ),
    },
    period="day",
)


_BANDS = """
    measured as (
        {measured}
    ),
    answer as (
        select
            {every_group:,}
            band,
            waiting,
            count(seconds) as n,
            count(seconds)::double as value,
            max(seconds) as longest
        from (values
            (1, 'under 1 hour', 0, 3600),
            (2, '1 to 4 hours', 3600, 14400),
            (3, '4 to 24 hours', 14400, 86400),
            (4, 'over 24 hours', 86400, null)
        ) as bands(band, waiting, low, high)
        cross join (select distinct {groups_or_none} from measured where seconds is not null) as every_group
        left join measured on measured.seconds >= bands.low
            and (measured.seconds < bands.high or bands.high is null)
            and {of_group}
        group by {every_group:,} band, waiting
    )
"""

_LIMITS = {
    "under 1 hour": (0, 3_600),
    "1 to 4 hours": (3_600, 14_400),
    "4 to 24 hours": (14_400, 86_400),
    "over 24 hours": (86_400, None),
}


@dataclass(frozen=True)
class Waits(Calculation):
    """Rows by how long they have been waiting, in four bands."""

    columns: tuple[str, ...] = ("waiting", "value", "n", "longest")
    order: str = "band"
    counted: ClassVar[Mapping[str, str]] = {"n": "seconds is not null"}

    def of_row(self, row: Mapping[str, Any]) -> list[SQL]:
        """Return the condition of the row's band."""
        low, high = _LIMITS[row["waiting"]]
        return [sql("seconds >= {low}", low=low), *([sql("seconds < {high}", high=high)] if high else [])]

    def bounds(self, request: MetricRequest) -> SQL:  # noqa: ARG002
        """Return no condition: those that wait now count, whenever they began."""
        return SQL()

    def steps(self, request: MetricRequest) -> list[SQL]:
        bands = sql(
            _BANDS,
            measured=request.rows(f"conversation.id, {request.definition.measure} as seconds", dated=False),
            groups_or_none=request.groups or SQL("true as any_row"),
            every_group=qualified("every_group", request.groups),
            of_group=same("measured", "every_group", request.groups),
        )
        return [*self.selection(request), bands]


WAITING_NOW = Metric(
    name="waiting_now",
    title="Waiting now",
    question="How many customers wait for an answer now, and for how long?",
    unit="conversations",
    denominator="open conversations in which the customer waits",
    calculation=Waits(),
    definitions={
        "calendar": Definition(
            "Open conversations in which the customer wrote last, by how long ago; `longest` is in seconds.",
            "the API's waiting_since",
            seconds("conversation.waiting_since", "{now}"),
            hours=CALENDAR,
            where=f"conversation.state = 'open' and (conversation.waiting_since is not null or {WITHOUT_STATISTICS})",
            left_out={
                "waiting since a time in the future": "conversation.waiting_since > {now}",
                f"{MISSING}: since when the customer waits is unknown": "conversation.waiting_since is null",
            },
        )
    },
    window="0h",
    periods=False,
    compares=False,
)


WAITING = (BACKLOG, WAITING_NOW)
