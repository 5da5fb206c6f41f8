"""How conversations end: ratings, reopenings, service levels."""

from intercom_kit.metrics.metric import Definition, Metric
from intercom_kit.metrics.shapes import Share
from intercom_kit.metrics.support.sources import STATISTICS

RATING = "case when conversation.rating between 1 and 5 then conversation.rating end"

CSAT = Metric(
    name="csat",
    title="Customer satisfaction",
    question="How many of the ratings are good?",
    unit="share",
    denominator="conversations that were rated",
    shape=Share(),
    definitions={
        "intercom": Definition(
            "Ratings of 4 and 5 among all ratings of 1 to 5. A conversation counts where it started.",
            "Intercom's CSAT report, as third parties describe it (UNCONFIRMED)",
            f"({RATING}) >= 4",
            left_out={
                "not rated": "conversation.rating is null",
                "a rating outside 1 to 5": "conversation.rating not between 1 and 5",
            },
        )
    },
)

REOPEN_RATE = Metric(
    name="reopen_rate",
    title="Reopen rate",
    question="How many of the closed conversations had to be opened again?",
    unit="share",
    denominator="conversations that have been closed",
    shape=Share(),
    definitions={
        "intercom": Definition(
            "Conversations reopened at least once after the customer's first message, among those ever closed.",
            STATISTICS,
            "case when conversation.first_close_at is not null then coalesce(conversation.count_reopens, 0) > 0 end",
            left_out={
                "never closed": "conversation.first_close_at is null",
                "reopened, but never closed": "conversation.first_close_at is null and conversation.count_reopens > 0",
            },
        )
    },
)

OUTCOMES = (CSAT, REOPEN_RATE)
