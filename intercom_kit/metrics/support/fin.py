"""How much work Intercom's AI agent, Fin, takes on."""

from intercom_kit.metrics.aggregates import Share
from intercom_kit.metrics.definition import Definition
from intercom_kit.metrics.metric import Metric
from intercom_kit.metrics.support.sources import WROTE

_HELP = "Intercom help, Fin's performance, article 7837533"
_INVOLVED = "coalesce(conversation.ai_agent_participated, false)"
_RESOLVED = (
    f"{_INVOLVED} and coalesce(conversation.ai_agent_resolution_state "
    "in ('confirmed_resolution', 'assumed_resolution'), false)"
)
_IN_PROGRESS = {"with Fin still in progress": f"{_INVOLVED} and conversation.ai_agent_resolution_state is null"}

FIN_INVOLVEMENT = Metric(
    name="fin_involvement",
    title="Fin involvement",
    question="In how many conversations does Fin take part?",
    unit="share",
    denominator="new conversations",
    calculation=Share(),
    definitions={
        "intercom": Definition(
            "Conversations in which Fin took part, among new ones: those in which a customer wrote.",
            _HELP,
            _INVOLVED,
            at="first_contact_reply_at",
            instead=WROTE,
        )
    },
)

FIN_RESOLUTION = Metric(
    name="fin_resolution",
    title="Fin resolution",
    aliases=("fin resolution rate", "ai resolution rate"),
    question="How many of the conversations that Fin takes part in does it resolve?",
    unit="share",
    denominator="conversations in which Fin took part",
    calculation=Share(),
    definitions={
        "intercom": Definition(
            "Resolved, as the customer confirmed or by their silence for a day, among conversations in which Fin took "
            "part. A conversation in progress counts as not resolved.",
            "Intercom help, Fin's resolutions, article 8205718",
            f"case when {_INVOLVED} then {_RESOLVED} end",
            at="first_contact_reply_at",
            instead=WROTE,
            left_out={"without Fin": f"not {_INVOLVED}", **_IN_PROGRESS},
        )
    },
)

FIN_AUTOMATION = Metric(
    name="fin_automation",
    title="Fin automation",
    aliases=("fin automation rate", "automation rate"),
    question="How many of all new conversations does Fin resolve?",
    unit="share",
    denominator="new conversations",
    calculation=Share(),
    definitions={
        "intercom": Definition(
            "Involvement times resolution: conversations that Fin resolved, among new ones.",
            "Intercom help, Fin's automation rate, article 13560797",
            _RESOLVED,
            at="first_contact_reply_at",
            instead=WROTE,
        )
    },
)

FIN = (FIN_INVOLVEMENT, FIN_RESOLUTION, FIN_AUTOMATION)
