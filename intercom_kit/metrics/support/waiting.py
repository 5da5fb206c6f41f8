"""What is not done yet: the backlog over time, and who waits now."""

from dataclasses import dataclass

from intercom_kit.metrics.asking import Asked, select
from intercom_kit.metrics.metric import CALENDAR, Definition, Metric, Shape
from intercom_kit.metrics.periods import instant, quarter_of
from intercom_kit.metrics.support.sources import STATISTICS, seconds


@dataclass(frozen=True)
class Stock(Shape):
    """Count what is there at the end of each period: what came before it ended, less what was gone by then."""

    columns: tuple[str, ...] = ("value", "n", "opened", "closed")

    def bounds(self, asked: Asked) -> str:
        """Ask for what was there at any time in the span."""
        there = f"(conversation.state <> 'closed' or conversation.last_close_at >= {instant(asked.begins)})"
        return f"{there} and conversation.created_at < {instant(asked.until)}" if asked.until else there

    def tables(self, asked: Asked) -> dict[str, str]:
        """Write the tables."""
        began = instant(asked.begins)
        groups = {group: group for group in asked.groups}
        of_group = [f"already.{group} is not distinct from spread.{group}" for group in asked.groups]
        each = f"partition by {', '.join(f'spread.{group}' for group in groups)} " if groups else ""
        there = (
            f"coalesce(there, 0) + sum(coalesce(opened, 0) - coalesce(closed, 0)) over ({each}order by spread.period)"
        )
        matched = f"left join already on {' and '.join(of_group) or 'true'}"
        for flow in ("arrivals", "departures"):
            matched += f"\nleft join {flow} on {asked.matched('spread', flow)}"
        return {
            **asked.asked(),
            **asked.names(),
            **asked.calendar(),
            "measured": asked.rows(asked.definition.measures, dated=False),
            "already": select({**groups, "there": "count(*)"}, f"from measured\nwhere came < {began}\ngroup by all"),
            "arrivals": _flow(asked, "opened", "came"),
            "departures": _flow(asked, "closed", "gone"),
            **asked.spread(),
            "answer": select(
                {
                    "spread.*": "spread.*",
                    "n": f"({there})::bigint",
                    "value": "n::double",
                    "opened": "coalesce(opened, 0)",
                    "closed": "coalesce(closed, 0)",
                },
                f"from spread\n{matched}",
            ),
        }


def _flow(asked: Asked, name: str, moment: str) -> str:
    """Write how many came or went in each period and group."""
    columns = {"period": "calendar.period", **{group: group for group in asked.groups}, name: "count(*)"}
    return select(columns, f"from measured\njoin calendar on calendar.quarter = {quarter_of(moment)}\ngroup by all")


BACKLOG = Metric(
    name="backlog",
    title="Backlog",
    question="How many conversations are not done at the end of each day?",
    unit="conversations",
    denominator="conversations that are open or snoozed at the end of the period, or now",
    shape=Stock(),
    definitions={
        "calendar": Definition(
            "Created before the end of the period, and not closed for good by then. From statistics alone: a "
            "conversation that was closed and opened again counts as open in between, so the past is approximate.",
            STATISTICS,
            measures={
                "came": "conversation.created_at",
                "gone": "case when conversation.state = 'closed' "
                "then greatest(conversation.last_close_at, conversation.created_at) end",
            },
        )
    },
    period="day",
    notes=("Closed and opened again counts as open in between: approximate for the past.",),
)


_BANDS = """(values
    (1, 'under 1 hour', 0, 3600),
    (2, '1 to 4 hours', 3600, 14400),
    (3, '4 to 24 hours', 14400, 86400),
    (4, 'over 24 hours', 86400, null)
) as bands(band, waiting, low, high)"""


@dataclass(frozen=True)
class Waits(Shape):
    """Count rows by how long they have been waiting, in four bands."""

    columns: tuple[str, ...] = ("waiting", "value", "n", "longest")
    order: str = "band"

    def bounds(self, asked: Asked) -> str:  # noqa: ARG002
        """Ask for what is so now, whenever it began."""
        return ""

    def tables(self, asked: Asked) -> dict[str, str]:
        """Write the tables."""
        every = f"(select distinct {', '.join(asked.groups) or 'true as any_row'} from measured) as every_group"
        within = "measured.seconds >= bands.low and (measured.seconds < bands.high or bands.high is null)"
        for group in asked.groups:
            within += f" and measured.{group} is not distinct from every_group.{group}"
        return {
            **asked.asked(),
            **asked.names(),
            "measured": asked.rows({"seconds": asked.definition.measure}, dated=False),
            "answer": select(
                {
                    "every_group.*": "every_group.*",
                    "band": "band",
                    "waiting": "waiting",
                    "n": "count(seconds)",
                    "value": "count(seconds)::double",
                    "longest": "max(seconds)",
                },
                f"from {_BANDS}\ncross join {every}\nleft join measured on {within}\ngroup by all",
            ),
        }


WAITING_NOW = Metric(
    name="waiting_now",
    title="Waiting now",
    question="Who waits for an answer now, and for how long?",
    unit="conversations",
    denominator="open conversations in which the customer waits",
    shape=Waits(),
    definitions={
        "calendar": Definition(
            "Open conversations in which the customer wrote last, by how long ago; `longest` is in seconds.",
            "the API's waiting_since",
            seconds("conversation.waiting_since", "{now}"),
            hours=CALENDAR,
            where="conversation.state = 'open' and conversation.waiting_since is not null",
            left_out={"waiting since a time to come": "conversation.waiting_since > {now}"},
        )
    },
    window="0h",
    periods=False,
    compares=False,
)


WAITING = (BACKLOG, WAITING_NOW)
