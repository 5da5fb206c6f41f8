"""What is not done yet: the backlog over time, and who waits now."""

from dataclasses import dataclass

from intercom_kit.metrics.asking import Asked, select
from intercom_kit.metrics.metric import CALENDAR, Definition, Metric, Shape
from intercom_kit.metrics.periods import instant, quarter_of
from intercom_kit.metrics.support.sources import MISSING, STATISTICS, WITHOUT_STATISTICS, WROTE, seconds


@dataclass(frozen=True)
class Stock(Shape):
    """What is there at the end of each period: what came before it ended, less what was gone by then."""

    columns: tuple[str, ...] = ("value", "n", "opened", "closed")

    def bounds(self, asked: Asked) -> str:
        """Ask for what was there at any time in the span."""
        began = instant(asked.begins)
        # Of some Intercom does not tell when they were closed; parts may, also where the customer never wrote.
        there = f"conversation.state <> 'closed' or conversation.last_close_at >= {began}"
        untold, changed = "conversation.last_close_at is null", f"conversation.updated_at >= {began}"
        if asked.definition.name == "parts":
            there = f"({there} or ({untold} and {changed}))"
        else:  # three conditions, so that Intercom is asked for all of these in one search
            there = "\nand ".join(f"({there} or {also})" for also in (changed, WROTE.where, untold))
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
            **asked.definition.tables,
            "measured": asked.rows(asked.definition.measures, dated=False),
            "already": select(
                {**groups, "there": "count(*)"},
                f"from measured\nwhere came < {began} and (gone is null or gone >= {began})\ngroup by all",
            ),
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

    def notes(self, asked: Asked, rows: int) -> list[str]:  # noqa: ARG002
        """Say what each definition cannot tell."""
        if asked.definition.name == "parts":
            return [
                "Of a conversation with more than 500 parts Intercom gives the newest: earlier closings are unknown."
            ]
        return ["Closed and opened again counts as open in between: approximate for the past."]


def _flow(asked: Asked, name: str, moment: str) -> str:
    """Write how many came or went in each period and group."""
    columns = {"period": "calendar.period", **{group: group for group in asked.groups}, name: "count(*)"}
    return select(columns, f"from measured\njoin calendar on calendar.quarter = {quarter_of(moment)}\ngroup by all")


# From each opening to the closing that follows it. Snoozed is not done yet: who snoozes what was closed opens it again.
# Nothing happens before a conversation begins; of two parts of one second the one with the greater id is the later.
_SPELLS = {
    "turns": select(
        {
            "talk": "part.conversation_id",
            "part": "part.id",
            "moment": "greatest(part.created_at, asked.created_at)",
            "closes": "part.part_type = 'close'",
        },
        "from asked\njoin conversation_parts as part on part.conversation_id = asked.id\n"
        "where part.part_type in ('close', 'open') or part.part_type like '%reopen' or part.part_type like '%snooze%'\n"
        "union all\nselect id, '', created_at, false from asked",
    ),
    "spells": select(
        {
            "talk": "talk",
            "came": "moment",
            "closed": "min(if(closes, moment, null)) over (talks rows between current row and unbounded following)",
        },
        "from turns\n"
        "window talks as (partition by talk order by moment, length(part), part)\n"
        "qualify not closes and lag(closes) over talks is distinct from false",
    ),
}

_UNTOLD = "conversation.state = 'closed' and conversation.last_close_at is null"

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
            "conversation that was closed and opened again counts as open in between, so the past is approximate. What "
            "was closed before a customer wrote does not count.",
            STATISTICS,
            measures={
                "came": f"case when not ({_UNTOLD}) then conversation.created_at end",
                "gone": f"case when conversation.state = 'closed' and not ({_UNTOLD}) "
                "then greatest(conversation.last_close_at, conversation.created_at) end",
            },
            left_out={f"{MISSING}: closed, but not told when": _UNTOLD},
        ),
        "parts": Definition(
            "From its creation until a part closes it, and from each that opens it again (open, assign_and_reopen or "
            "snoozed) until the next one closes it: exact for the past, too. `opened` and `closed` count each time. It "
            "costs a request for each conversation that was there in the span.",
            "the API's conversation parts; Intercom gives the newest 500 of each conversation",
            measures={
                "came": f"case when spells.closed is not null or not ({_UNTOLD}) then spells.came end",
                "gone": f"coalesce(spells.closed, case when conversation.state = 'closed' and not ({_UNTOLD}) "
                "then greatest(conversation.last_close_at, spells.came) end)",
            },
            left_out={f"{MISSING}: closed, but not told when": f"spells.closed is null and {_UNTOLD}"},
            tables=_SPELLS,
            join="join spells on spells.talk = conversation.id",
            needs=("conversation_parts",),
        ),
    },
    period="day",
)


_BANDS = """(values
    (1, 'under 1 hour', 0, 3600),
    (2, '1 to 4 hours', 3600, 14400),
    (3, '4 to 24 hours', 14400, 86400),
    (4, 'over 24 hours', 86400, null)
) as bands(band, waiting, low, high)"""


@dataclass(frozen=True)
class Waits(Shape):
    """Rows by how long they have been waiting, in four bands."""

    columns: tuple[str, ...] = ("waiting", "value", "n", "longest")
    order: str = "band"

    def bounds(self, asked: Asked) -> str:  # noqa: ARG002
        """Ask for what is so now, whenever it began."""
        return ""

    def tables(self, asked: Asked) -> dict[str, str]:
        """Write the tables."""
        groups = ", ".join(asked.groups) or "true as any_row"
        every = f"(select distinct {groups} from measured where seconds is not null) as every_group"
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
            where=f"conversation.state = 'open' and (conversation.waiting_since is not null or {WITHOUT_STATISTICS})",
            left_out={
                "waiting since a time to come": "conversation.waiting_since > {now}",
                f"{MISSING}, and since when the customer waits": "conversation.waiting_since is null",
            },
        )
    },
    window="0h",
    periods=False,
    compares=False,
)


WAITING = (BACKLOG, WAITING_NOW)
