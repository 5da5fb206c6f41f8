"""How far contacts get along a path of events."""

from collections.abc import Sequence
from dataclasses import dataclass

from intercom_kit.errors import BadMetricError
from intercom_kit.metrics.asking import Asked, select
from intercom_kit.metrics.engagement.activity import of_events
from intercom_kit.metrics.engagement.population import SEEN, OverEvents, require_events
from intercom_kit.metrics.engagement.sources import columns, done, once, same
from intercom_kit.metrics.metric import Metric
from intercom_kit.metrics.shapes import share
from intercom_kit.metrics.subjects import OF_CONTACTS, text


@dataclass(frozen=True)
class Funnel(OverEvents):
    """The share of those who took the first step that came to each further one, soon enough after the last."""

    columns: tuple[str, ...] = ("step", "event", "value", "n", "hits", "low", "high", "of_previous", "median_seconds")
    order: str = "step"

    def tables(self, asked: Asked) -> dict[str, str]:
        """Write the tables, one for each step."""
        require_events(asked)
        steps, window = _steps(asked.options["steps"]), _seconds(asked.options["window"])
        groups = columns(asked.groups)
        first_touch = asked.definition.name == "first_touch"
        moment, each_once = ("min(done_at)", "\ngroup by all") if first_touch else ("done_at", "")
        reached = {
            "step_1": select(
                {"person": "person", "reached_at": moment, "took": "null::double"},
                f"from measured\nwhere event = {text(steps[0])}{each_once}",
            )
        }
        for number, event in enumerate(steps[1:], 2):
            last, after = f"step_{number - 1}", ">" if event == steps[number - 2] else ">="
            joined = "join" if first_touch else "asof join"
            reached[f"step_{number}"] = select(
                {
                    "person": "done.person",
                    "reached_at": moment,
                    "took": f"epoch({moment}) - epoch({'min(reached_at)' if first_touch else f'{last}.reached_at'})",
                },
                f"from (select * from measured where event = {text(event)}) as done\n"
                f"{joined} {last} on done.person = {last}.person and done.done_at {after} {last}.reached_at\n"
                f"where done.done_at <= {last}.reached_at + interval '{window} seconds'{each_once}",
            )
        counted = "\nunion all\n".join(
            select(
                {**groups, "step": str(number), "hits": "count(*)", "took": "median(took)"},
                f"from people\njoin (select person, min(took) as took from step_{number} group by person) "
                "using (person)\ngroup by all",
            )
            for number in range(1, len(steps) + 1)
        )
        names = ", ".join(f"({number}, {text(event)})" for number, event in enumerate(steps, 1))
        each = f"partition by {', '.join(f'firsts.{group}' for group in groups)} " if groups else ""
        hits = "coalesce(counted.hits, 0)"
        return {
            **asked.asked(),
            **asked.names(),
            "people": once(asked.rows({"person": "contact.id"}, dated=False, events=False)),
            "measured": done(asked, {"event": "event.event_name", "done_at": "event.created_at"}),
            **reached,
            "counted": counted,
            "firsts": "select * from counted where step = 1 and hits > 0",
            "answer": select(
                {
                    **{group: f"firsts.{group}" for group in groups},
                    "step": "names.step",
                    "event": "names.event",
                    **share(hits, "firsts.hits"),
                    "of_previous": f"{hits} / nullif(lag({hits}) over ({each}order by names.step), 0)",
                    "median_seconds": "counted.took",
                },
                f"from firsts\ncross join (values {names}) as names(step, event)\n"
                f"left join counted on counted.step = names.step and {same('counted', 'firsts', groups)}",
            ),
        }


def _steps(steps: object) -> Sequence[str]:
    if isinstance(steps, list | tuple) and len(steps) > 1 and all(isinstance(each, str) for each in steps):
        return steps
    raise BadMetricError(
        "A funnel needs the names of two events or more, in order, as steps=['logged-in', 'created-project'], "
        f"not {steps!r}. feature_adoption lists the events that there are."
    )


def _seconds(window: object) -> int:
    units = {"h": 3600, "d": 86_400, "w": 604_800}
    if isinstance(window, str) and window[:-1].isdigit() and window[-1] in units:
        return int(window[:-1]) * units[window[-1]]
    raise BadMetricError(f"{window!r} is no window for a funnel: give hours, days or weeks, as '12h', '7d' or '2w'.")


_BETWEEN = (
    "Events of other kinds in between do not matter. Who took a step less than `window` ago may yet take the next."
)

FUNNEL = Metric(
    name="funnel",
    title="Funnel",
    question="How many of those who take the first step take the next ones?",
    unit="share",
    denominator="contacts who took the first step in the span",
    shape=Funnel(),
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
