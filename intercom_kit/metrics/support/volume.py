"""How much comes in."""

from intercom_kit.metrics.metric import Definition, Metric
from intercom_kit.metrics.shapes import Count

CONVERSATIONS = Metric(
    name="conversations",
    title="Conversations",
    question="How many conversations come in?",
    unit="conversations",
    denominator="conversations",
    shape=Count(),
    definitions={
        "intercom": Definition(
            "New conversations, inbound and outbound, on the day of the customer's first message. Outbound ones that "
            "nobody answered do not count.",
            "Intercom help, New conversations: https://www.intercom.com/help/en/articles/7837533",
            at="first_contact_reply_at",
        ),
        "calendar": Definition(
            "All conversations, on the day they were created, outbound ones that nobody answered included.",
            "the API's created_at",
        ),
    },
)

VOLUME = (CONVERSATIONS,)
