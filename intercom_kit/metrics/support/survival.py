"""How long it takes if those still waiting are counted, too: leaving them out makes every team look quicker."""

from dataclasses import dataclass

from intercom_kit.metrics.asking import Asked, select
from intercom_kit.metrics.intervals import Z
from intercom_kit.metrics.metric import CALENDAR, Definition, Metric, Shape
from intercom_kit.metrics.support.sources import ASKED, MISSING, NOBODY_WROTE, REPLIED, WITHOUT_STATISTICS

_DONE = "case when conversation.state = 'closed' then conversation.last_close_at end"
# Who was closed at a time that is not told has not waited until now.
_OPEN = "case when conversation.state is distinct from 'closed' then {now} end"
_CLOSED_UNTOLD = f"(conversation.state = 'closed' and conversation.last_close_at is null and {ASKED} is not null)"
_PERCENT = "floor(round(value * 100, 6))"


@dataclass(frozen=True)
class Survival(Shape):
    """Estimate by Kaplan and Meier which share still waits after some time, counting those whose end is not known yet.

    A row per percent that is lost; the interval is Greenwood's, on the scale of log(-log), and `median` is when half
    are done, NULL where that has not come.
    """

    columns: tuple[str, ...] = ("seconds", "value", "n", "at_risk", "low", "high", "median")
    order: str = "seconds"

    def tables(self, asked: Asked) -> dict[str, str]:
        """Write the tables."""
        keys = {key: key for key in asked.keys}
        each = f"partition by {', '.join(asked.keys)}" if keys else ""
        onward, backward = f"({each} order by seconds)", f"({each} order by seconds desc)"
        return {
            **asked.asked(),
            **asked.names(),
            **asked.calendar(),
            "measured": asked.rows(asked.definition.measures),
            "moments": select(
                {**keys, "seconds": "seconds", "leaving": "count(*)", "ends": "count(*) filter (where ended)"},
                "from measured\nwhere seconds >= 0\ngroup by all",
            ),
            "risks": select({"*": "*", "at_risk": f"sum(leaving) over {backward}"}, "from moments"),
            "curve": select(
                {
                    "*": "*",
                    "n": f"sum(leaving) over ({each})",
                    # What is a half must be one, whatever the last digits of the quotients are.
                    "value": f"round(product(1 - ends / at_risk) over {onward}, 9)",
                    "variance": f"sum(ends / nullif(at_risk * (at_risk - ends), 0)) over {onward}",
                },
                "from risks",
            ),
            "answer": select(
                {
                    **keys,
                    **({"complete": "true"} if asked.period else {}),
                    "seconds": "seconds",
                    "value": "value",
                    "n": "n::bigint",
                    "at_risk": "at_risk::bigint",
                    "low": _end(-Z),
                    "high": _end(Z),
                    "median": f"min(seconds) filter (where value <= 0.5) over ({each})",
                },
                f"from curve\nqualify {_PERCENT} is distinct from lag({_PERCENT}) over {onward}",
            ),
        }


def _end(z: float) -> str:
    """Write one end of the interval; without a loss, or with nothing left, there is none."""
    return f"case when value > 0 and value < 1 then value ** exp({z} * sqrt(variance) / ln(value)) end"


def _survival(name: str, title: str, question: str, text: str, until: str, ended: str, unknown: str) -> Metric:
    """Declare a metric of how long something takes; what is `unknown` of a conversation leaves it out."""
    elapsed = f"epoch({until}) - epoch({ASKED})"
    return Metric(
        name=name,
        title=title,
        question=question,
        unit="share",
        denominator="conversations in which a customer wrote",
        shape=Survival(),
        definitions={
            "calendar": Definition(
                text,
                "Kaplan and Meier's estimate, over the API's statistics",
                measures={"seconds": f"case when ({unknown}) is not true then {elapsed} end", "ended": ended},
                hours=CALENDAR,
                left_out={
                    MISSING: unknown,
                    NOBODY_WROTE: f"({unknown}) is not true and {ASKED} is null",
                    "its times contradict each other": f"({unknown}) is not true and {until} < {ASKED}",
                },
            )
        },
        compares=False,
    )


FIRST_RESPONSE_SURVIVAL = _survival(
    "first_response_survival",
    "Waiting for a first response",
    "Which share of customers still waits for the first reply after some time?",
    "Share without a reply of a teammate, by the time since the customer's first message. Who has none yet counts for "
    "as long as they have waited; a conversation closed without a reply counts until then.",
    f"coalesce(conversation.first_admin_reply_at, {_DONE}, {_OPEN})",
    "conversation.first_admin_reply_at is not null",
    f"{WITHOUT_STATISTICS} or (conversation.first_admin_reply_at is null and ({REPLIED} or {_CLOSED_UNTOLD}))",
)

TIME_TO_CLOSE_SURVIVAL = _survival(
    "time_to_close_survival",
    "Still open",
    "Which share of conversations is still open after some time?",
    "Share not closed for good, by the time since the customer's first message. One that is open or snoozed counts for "
    "as long as it has been.",
    f"coalesce({_DONE}, {_OPEN})",
    f"({_DONE}) is not null",
    f"{_CLOSED_UNTOLD} or ({WITHOUT_STATISTICS} and {ASKED} is null)",
)

SURVIVAL = (FIRST_RESPONSE_SURVIVAL, TIME_TO_CLOSE_SURVIVAL)
