"""What support costs: by active contact, and by plan and spend."""

from dataclasses import dataclass

from intercom_kit.metrics.asking import Asked, select
from intercom_kit.metrics.engagement.activity import of_events
from intercom_kit.metrics.engagement.population import SEEN, OverEvents, listed
from intercom_kit.metrics.engagement.sources import activity, columns, of_conversations, same, visitors
from intercom_kit.metrics.metric import OFFICE_HOURS, Definition, Metric, Shape
from intercom_kit.metrics.shapes import share
from intercom_kit.metrics.subjects import OF_COMPANIES, OF_CONTACTS
from intercom_kit.metrics.support.sources import MISSING, UNMEASURED_REPLY


@dataclass(frozen=True)
class ContactRate(OverEvents):
    """Conversations per 100 contacts that were active in the same period."""

    columns: tuple[str, ...] = ("value", "n", "conversations")

    def tables(self, asked: Asked) -> dict[str, str]:
        """Write the tables."""
        keys, began = columns(asked.keys), asked.between("conversation.created_at")
        talk = f"join conversations as conversation on conversation.contact_id = contact.id and {began}"
        return {
            **asked.asked(),
            **asked.names(),
            **asked.calendar(),
            **activity(asked),
            **visitors(asked),
            "talks": asked.rows({"talk": "conversation.id"}, also=talk, at="conversation.created_at", events=False),
            "visits": "select * exclude (numbers), unnest(numbers) as number from measured",
            "came": select({**columns(asked.groups), "number": "number", "n": "count(*)"}, "from visits\ngroup by all"),
            "active_then": select(
                {**keys, "n": "n"}, "from came\njoin (select distinct number, period from numbered) using (number)"
            ),
            "wrote": select({**keys, "conversations": "count(*)"}, "from talks\ngroup by all"),
            **asked.spread("(from active_then select * exclude (n) union all from talks select * exclude (talk))"),
            "answer": select(
                {
                    "spread.*": "spread.*",
                    "value": listed(asked, "spread.period", "100 * coalesce(conversations, 0) / nullif(n, 0)"),
                    "n": "coalesce(n, 0)",
                    "conversations": "coalesce(conversations, 0)",
                },
                f"from spread\nleft join active_then on {asked.matched('spread', 'active_then')}\n"
                f"left join wrote on {asked.matched('spread', 'wrote')}",
            ),
        }


CONTACT_RATE = Metric(
    name="contact_rate",
    title="Contact rate",
    question="How many conversations come from 100 active contacts?",
    unit="conversations per 100 active contacts",
    denominator="contacts with an event in the period",
    shape=ContactRate(),
    definitions={
        "events": of_events(
            "Conversations created in the period whose first contact is among those chosen, for 100 of them that had "
            "an event in it. Who wrote need not have had an event."
        )
    },
    subject=OF_CONTACTS,
    period="week",
    options=SEEN,
)


@dataclass(frozen=True)
class SupportLoad(Shape):
    """What companies ask of support beside what they pay."""

    columns: tuple[str, ...] = (
        *("value", "n", "conversations", "writing_companies", "monthly_spend", "per_1000_spend"),
        *("first_response_time", "csat", "rated"),
    )
    order: str = "value desc nulls last"

    def bounds(self, asked: Asked) -> str:  # noqa: ARG002
        """Ask for all companies: those that ask for nothing count, too."""
        return ""

    def left_out(self, asked: Asked) -> dict[str, str]:
        """Name the companies of whose conversations not all is told."""
        untold = f"conversation.time_to_admin_reply is null and ({UNMEASURED_REPLY[MISSING]})"
        return {f"companies with conversations of which {MISSING}": of_conversations(asked, untold)}

    def tables(self, asked: Asked) -> dict[str, str]:
        """Write the tables."""
        groups = columns(asked.groups)
        reply = "conversation.time_to_admin_reply"
        rated = "conversation.rating between 1 and 5"
        good = share("rated_4_or_5", "rated")["value"]
        return {
            **asked.asked(),
            **asked.names(),
            "talks": f"select * from conversations as conversation where {asked.between('conversation.created_at')}",
            "spending": asked.rows(
                {"company": "company.id", "spend": "greatest(company.monthly_spend, 0)"}, dated=False
            ),
            "measured": asked.rows(
                {
                    "reply": f"case when {reply} >= 0 then {reply} end",
                    "rating": f"case when {rated} then conversation.rating end",
                    "company": "company.id",
                    "talk": "conversation.id",
                },
                also="join talks as conversation on conversation.company_id = company.id",
                dated=False,
            ),
            "paid": select(
                {**groups, "n": "count(*)", "monthly_spend": "sum(spend)"}, "from spending\ngroup by all\nhaving n > 0"
            ),
            "asked_for": select(
                {
                    **groups,
                    "conversations": "count(talk)",
                    "writing_companies": "count(distinct company)",
                    "first_response_time": "median(reply)",
                    "rated": "count(rating)",
                    "rated_4_or_5": "count(*) filter (where rating >= 4)",
                },
                "from measured\ngroup by all",
            ),
            "answer": select(
                {
                    **{group: f"paid.{group}" for group in groups},
                    "n": "n",
                    "value": "coalesce(conversations, 0) / n",
                    "conversations": "coalesce(conversations, 0)",
                    "writing_companies": "coalesce(writing_companies, 0)",
                    "monthly_spend": "monthly_spend",
                    "per_1000_spend": "1000 * coalesce(conversations, 0) / nullif(monthly_spend, 0)",
                    "first_response_time": "first_response_time",
                    "csat": good,
                    "rated": "coalesce(rated, 0)",
                },
                f"from paid\nleft join asked_for on {same('asked_for', 'paid', groups)}",
            ),
        }


SUPPORT_LOAD = Metric(
    name="support_load",
    title="Support load",
    question="What do companies ask of support, beside what they pay?",
    unit="conversations per company",
    denominator="companies that Intercom lists",
    shape=SupportLoad(),
    definitions={
        "intercom": Definition(
            "Conversations created in the span that Intercom counts to a company, per company and per 1,000 of its "
            "monthly spend; first response time is the median, in seconds, csat the share of ratings of 4 and 5.",
            "the API's conversations and companies",
            hours=OFFICE_HOURS,
            left_out={"companies with a spend below zero, counted as none": "company.monthly_spend < 0"},
            needs=("conversations",),
        )
    },
    subject=OF_COMPANIES,
    by=("plan",),
    periods=False,
    compares=False,
)

LOAD = (CONTACT_RATE, SUPPORT_LOAD)
