"""How far contacts get along a path of events."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from intercom_kit.errors import BadMetricError
from intercom_kit.metrics.aggregates import share
from intercom_kit.metrics.engagement.activity import of_events
from intercom_kit.metrics.engagement.population import SEEN, OverEvents, require_events
from intercom_kit.metrics.metric import Metric
from intercom_kit.metrics.request import MetricRequest
from intercom_kit.metrics.sql import SQL, group_by, join, partition, qualified, same, sql, step
from intercom_kit.metrics.subjects import OF_CONTACTS

_FIRST_STEP = {
    "first_touch": """
        step_1 as (
            select person, min(done_at) as reached_at, null::double as took
            from measured
            where event = {event}
            group by person
        )
    """,
    "any_touch": """
        step_1 as (
            select person, done_at as reached_at, null::double as took
            from measured
            where event = {event}
        )
    """,
}
_NEXT_STEP = {
    "first_touch": """
        {step} as (
            select
                done.person,
                min(done_at) as reached_at,
                epoch(min(done_at)) - epoch(min(last.reached_at)) as took
            from (select * from measured where event = {event}) as done
            join {last} as last on done.person = last.person and done.done_at {after} last.reached_at
            where done.done_at <= last.reached_at + interval '{window} seconds'
            group by done.person
        )
    """,
    "any_touch": """
        {step} as (
            select done.person, done_at as reached_at, epoch(done_at) - epoch(last.reached_at) as took
            from (select * from measured where event = {event}) as done
            asof join {last} as last on done.person = last.person and done.done_at {after} last.reached_at
            where done.done_at <= last.reached_at + interval '{window} seconds'
        )
    """,
}
_COUNTED = """
    select {groups:,} {number} as step, count(*) as hits, median(took) as took
    from people
    join (select person, min(took) as took from {step} group by person) using (person)
    {by_group}
"""
_ANSWER = """
    counted as (
        {counted}
    ),
    firsts as (
        select * from counted where step = 1 and hits > 0
    ),
    answer as (
        select
            {groups:,}
            names.step,
            names.event,
            {share},
            coalesce(counted.hits, 0) / nullif(lag(coalesce(counted.hits, 0)) over steps, 0) as of_previous,
            counted.took as median_seconds
        from firsts
        cross join (values {names}) as names(step, event)
        left join counted on counted.step = names.step and {of_group}
        window steps as ({by_group} order by names.step)
    )
"""


@dataclass(frozen=True)
class Funnel(OverEvents):
    """The share of those who took the first step that reached each further one, soon enough after the one before."""

    columns: tuple[str, ...] = ("step", "event", "value", "n", "hits", "low", "high", "of_previous", "median_seconds")
    order: str = "step"

    def steps(self, request: MetricRequest) -> list[SQL]:
        """Return the steps, among them one for each step of the funnel."""
        require_events(request)
        events, window = _events(request.options["steps"]), _window(request.options["window"])
        return [
            *self.selection(request),
            step("people", request.rows("contact.id as person", dated=False, events=False, distinct=True)),
            step("measured", request.events("event.event_name as event, event.created_at as done_at")),
            *_reached(request.definition.name, events, window),
            _answer(request.groups, events),
        ]


def _reached(touch: str, events: Sequence[str], window: int) -> list[SQL]:
    """Return a step of the WITH clause for each step of the funnel: who reached it, when, and how long it took."""
    steps = [sql(_FIRST_STEP[touch], event=events[0])]
    for number, (event_before, event) in enumerate(pairwise(events), 2):
        after = SQL(">" if event == event_before else ">=")  # an event is not its own successor
        names = {"step": SQL(f"step_{number}"), "last": SQL(f"step_{number - 1}")}
        steps.append(sql(_NEXT_STEP[touch], event=event, after=after, window=window, **names))
    return steps


def _answer(groups: tuple[SQL, ...], events: Sequence[str]) -> SQL:
    counted = [
        sql(_COUNTED, groups=groups, by_group=group_by(groups), number=number, step=SQL(f"step_{number}"))
        for number in range(1, len(events) + 1)
    ]
    names = [sql("({number}, {event})", number=number, event=event) for number, event in enumerate(events, 1)]
    return sql(
        _ANSWER,
        counted=join("\nunion all\n", counted),
        groups=qualified("firsts", groups),
        share=share("coalesce(counted.hits, 0)", "firsts.hits"),
        names=names,
        of_group=same("counted", "firsts", groups),
        by_group=partition(qualified("firsts", groups)),
    )


def _events(steps: object) -> Sequence[str]:
    if isinstance(steps, list | tuple) and len(steps) > 1 and all(isinstance(each, str) for each in steps):
        return steps
    raise BadMetricError(
        "A funnel needs the names of two events or more, in order, as steps=['logged-in', 'created-project'], "
        f"not {steps!r}. feature_adoption lists the events that exist."
    )


def _window(window: object) -> int:
    """Return a window in seconds."""
    units = {"h": 3600, "d": 86_400, "w": 604_800}
    if isinstance(window, str) and window[:-1].isdigit() and window[-1] in units:
        return int(window[:-1]) * units[window[-1]]
    raise BadMetricError(f"{window!r} is no window for a funnel: give hours, days or weeks, as '12h', '7d' or '2w'.")


_BETWEEN = (
    "Events of other kinds in between do not matter. Contacts who took a step less than `window` ago may still take "
    "the next."
)

FUNNEL = Metric(
    name="funnel",
    title="Funnel",
    question="How many of those who take the first step take the next ones?",
    unit="share",
    denominator="contacts who took the first step in the span",
    calculation=Funnel(),
    definitions={
        "first_touch": of_events(
            "From each contact's first event of the first kind: each step is the first such event after the one before "
            f"it, within `window` of that. {_BETWEEN}",
            "the ordered funnel of product-analytics tools, first touch",
        ),
        "any_touch": of_events(
            "From any event of the first kind: each step is such an event within `window` of some event that took the "
            f"step before. {_BETWEEN}",
            "the ordered funnel of product-analytics tools, any touch",
        ),
    },
    subject=OF_CONTACTS,
    periods=False,
    compares=False,
    options={"steps": None, "window": "7d", **SEEN},
)
