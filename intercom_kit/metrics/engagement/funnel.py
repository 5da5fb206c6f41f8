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
from intercom_kit.metrics.sql import SQL, join, partition, qualified, same, sql, step
from intercom_kit.metrics.subjects import OF_CONTACTS

# One row for each contact, with the moments of each step's events as numbers: lists of these take a fraction of the
# memory that as many rows would, and no order of all rows is needed.
_DONE = """
    measured as (
        {done}
        where event.event_name in ({names})
        group by contact.id
    ),
    step_1 as (
        select *, {reached} as reached_1 from measured
    )
"""
_NEXT_STEP = {
    "first_touch": """
        step_{number} as (
            select
                *,
                list_min(list_filter(
                    done_{number},
                    lambda moment: moment {is_after} reached_{last} and moment <= reached_{last} + {window}
                )) as reached_{number}
            from step_{last}
        )
    """,
    # Before a moment at some place in order, the nth of its kind, there are as many of the other kind as the place less
    # n. Of two at the same time, the even one comes first.
    "any_touch": """
        in_order_{number} as (
            select
                *,
                list_sort(list_concat(
                    list_transform(reached_{last}, lambda moment: 2 * moment + {before}),
                    list_transform(done_{number}, lambda moment: 2 * moment + {after})
                )) as moments_{number}
            from step_{last}
        ),
        apart_{number} as (
            select
                *,
                list_filter(moments_{number}, lambda moment: moment % 2 = {before}) as earlier_{number},
                list_filter(moments_{number}, lambda moment: moment % 2 = {after}) as later_{number},
                list_filter(
                    list_transform(
                        moments_{number}, lambda moment, place: case when moment % 2 = {after} then place end
                    ),
                    lambda place: place is not null
                ) as places_{number}
            from in_order_{number}
        ),
        since_{number} as (
            select
                *,
                list_transform(
                    places_{number},
                    lambda place, nth: later_{number}[nth] // 2 - earlier_{number}[place - nth] // 2
                ) as gaps_{number}
            from apart_{number}
        ),
        step_{number} as (
            select
                *,
                list_transform(
                    list_filter(later_{number}, lambda moment, nth: gaps_{number}[nth] <= {window}),
                    lambda moment: moment // 2
                ) as reached_{number},
                list_min(list_filter(gaps_{number}, lambda gap: gap <= {window})) as gap_{number}
            from since_{number}
        )
    """,
}
_REACHED = """
    reached as (
        select person, unnest([{steps}]) as step, unnest([{hits}]) as hit, unnest([{took}]) as took
        from step_{last}
    ),
    counted as (
        select {groups:,} step, count(*) as hits, median(took) as took
        from people
        join reached using (person)
        where hit
        group by {groups:,} step
    )
"""
_ANSWER = """
    firsts as (
        select * from counted where step = 1
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
            step("people", request.rows("contact.id as person", dated=False, distinct=True)),
            *_steps(request, events, window),
            _reached(request, len(events)),
            _answer(request.groups, events),
        ]


def _steps(request: MetricRequest, events: Sequence[str], window: int) -> list[SQL]:
    """Return the steps up to that with when each contact reached each step of the funnel, in microseconds."""
    touch = request.definition.name
    done = [
        sql(
            "list(epoch_us(event.created_at)) filter (where event.event_name = {event}) as {column}",
            event=event,
            column=SQL(f"done_{number}"),
        )
        for number, event in enumerate(events, 1)
    ]
    first = SQL("done_1" if touch == "any_touch" else "list_min(done_1)")
    steps = [sql(_DONE, done=request.events(join(",\n    ", done)), names=events, reached=first)]
    for number, (event_before, event) in enumerate(pairwise(events), 2):
        again = event == event_before  # an event is not its own successor
        order = {"is_after": SQL(">" if again else ">="), "before": int(again), "after": int(not again)}
        steps.append(sql(_NEXT_STEP[touch], number=number, last=number - 1, window=window * 1_000_000, **order))
    return steps


def _reached(request: MetricRequest, last: int) -> SQL:
    """Return the steps that count who reached each step of the funnel, and how long they took for it."""
    numbers = range(1, last + 1)
    if request.definition.name == "any_touch":
        hits, took = "coalesce(len(reached_{0}), 0) > 0", "gap_{0} / 1000000"
    else:
        hits, took = "reached_{0} is not null", "(reached_{0} - reached_{1}) / 1000000"
    return sql(
        _REACHED,
        steps=list(numbers),
        hits=join(", ", (hits.format(number) for number in numbers)),
        took=join(", ", ["null::double", *(took.format(number, number - 1) for number in numbers[1:])]),
        last=last,
        groups=request.groups,
    )


def _answer(groups: tuple[SQL, ...], events: Sequence[str]) -> SQL:
    names = [sql("({number}, {event})", number=number, event=event) for number, event in enumerate(events, 1)]
    return sql(
        _ANSWER,
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
