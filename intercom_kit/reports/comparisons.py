"""Which report shows a metric: one declaration per metric, with the attributes that hold its value.

Names are ends of ids, or display names as ids; the first that a report has is taken. Sources: help articles 7022438,
4549035 and 2672572, and public clients of the export (UNCONFIRMED [report-datasets]).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from intercom_kit.metrics.support.sources import TEAMMATE_REPLIED

OFFICE, BOT = "office hours", "bot inbox"

# Words of reports in languages whose reports others have published; others are learnt from the data.
SLA_STATES = {
    **dict.fromkeys(("hit", "cumprido", "atingido"), "hit"),
    **dict.fromkeys(("missed", "fixed", "perdido"), "missed"),
}
ACTIONS = {"reply": "reply", "responder": "reply", "close": "close", "fechar": "close"}
RESOLUTIONS = {
    **dict.fromkeys(("confirmed resolution", "assumed resolution"), "resolved"),
    **dict.fromkeys(("resolução confirmada", "resolução presumida"), "resolved"),
    **dict.fromkeys(("escalated", "routed to team", "abandoned", "negative feedback", "procedure handoff"), "open"),
}


@dataclass(frozen=True)
class Number:
    """One way in which a report has the value of a row.

    `sql` is of the report's columns, all text. `basis` says what is counted, and `reasons` what makes the value differ
    from the first number of the comparison, if our value equals this one.
    """

    basis: str
    columns: Mapping[str, tuple[str, ...]]
    sql: str
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class Words:
    """A column of words in the workspace's language, with the meaning of known ones.

    `learnt` is the SQL of our conversations that says what an unknown word means. With `lists`, a cell holds several
    words, which are those of actions.
    """

    column: str
    known: Mapping[str, str]
    learnt: str = ""
    lists: bool = False


@dataclass(frozen=True)
class Comparison:
    """A metric and the report that shows it.

    The first of the `numbers` is what Intercom's report shows. Rows of one conversation are `fold`ed into one. `keep`
    is the condition under which a row counts. Rows may be of several kinds, of which those count that are called as
    `alike` says. `teammate` names the columns with a teammate's id, for numbers per teammate; `ours` is then the SQL
    of our side, since no metric has them. `moment` is by which of the API's times the report counts a conversation.
    `only_with` names the column that the rows of a file need, if the file has more rows than the report.
    """

    metric: str
    dataset: str
    numbers: tuple[Number, ...]
    value: Literal["median", "share", "count"]
    definitions: tuple[str, ...] = ("intercom",)
    fold: Literal["max", "sum"] = "max"
    keep: str = ""
    words: Words | None = None
    alike: tuple[str, ...] = ()
    teammate: tuple[str, ...] = ()
    ours: str = ""
    moment: Literal["created_at", "written_at", "rating_requested_at"] = "created_at"
    only_with: tuple[str, ...] = ()
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def asked(self) -> dict[str, tuple[str, ...]]:
        """Return all columns of the report that this reads, by the names that the SQL has for them."""
        found: dict[str, tuple[str, ...]] = {}
        for number in self.numbers:
            found |= number.columns
        return found | dict(self.columns) | ({"teammate": self.teammate} if self.teammate else {})


def _duration(basis: str, *names: str, reasons: tuple[str, ...] = ()) -> Number:
    column = names[0]
    return Number(basis, {column: names}, f'"{column}"::double', reasons)


def _four(plain: tuple[str, ...], name: str, first: Literal["bot excluded", "plain"]) -> tuple[Number, ...]:
    """Return the four forms of a duration: with and without the bot inbox, in all hours and in office hours."""
    excluded = first == "bot excluded"
    with_bot, without_bot = ((BOT,), ()) if excluded else ((), (BOT,))
    ioh, no_bot = "_in_office_hours", f"{name}_excluding_bot_inbox"
    bare = name.removeprefix("conversation_")
    all_hours = _duration("all hours", *plain, reasons=with_bot)
    without = _duration("all hours, without the bot inbox", no_bot, reasons=without_bot)
    office = _duration("office hours", f"{bare}{ioh}", reasons=(OFFICE, *with_bot))
    neither = _duration("office hours, without the bot inbox", f"{no_bot}{ioh}", reasons=(OFFICE, *without_bot))
    # Of two numbers that equal ours, the one with fewer reasons comes first.
    return (without, neither, all_hours, office) if excluded else (all_hours, office, without, neither)


_BOTH = ("intercom", "calendar")
FIRST_RESPONSE = Comparison(
    "first_response_time",
    "conversation",
    _four(("conversation_first_response_time", "first_response_time"), "first_response_time", "bot excluded"),
    "median",
    _BOTH,
)
TIME_TO_CLOSE = Comparison(
    "time_to_close",
    "conversation",
    _four(("conversation_time_to_close", "time_to_close"), "time_to_close", "plain"),
    "median",
    _BOTH,
)
TIME_TO_FIRST_CLOSE = Comparison(
    "time_to_first_close",
    "conversation",
    _four(("time_to_first_close", "conversation_time_to_first_close"), "time_to_first_close", "plain"),
    "median",
    _BOTH,
)
HANDLING = Comparison(
    "handling_time",
    "teammate_handling_conversation",
    (
        _duration("all hours, all teammates together", "teammate_handling_time"),
        _duration("office hours, all teammates together", "teammate_handling_time_in_office_hours", reasons=(OFFICE,)),
    ),
    "median",
    fold="sum",
)
_RATING = {"rating": ("conversation_rating", "last_teammate_rating")}
CSAT = Comparison(
    "csat",
    "conversation_rating_sent",
    (Number("ratings of 4 and 5", _RATING, "(rating::double >= 4)::int::double"),),
    "share",
    moment="rating_requested_at",
)
RESPONSE_RATE = Comparison(
    "rating_response_rate",
    "conversation_rating_sent",
    (Number("surveys with a rating", _RATING, "(rating is not null)::int::double"),),
    "share",
    only_with=("last_survey_sent", "last_survey_sent_action_id", "conversation_rating_sent_at"),
    moment="rating_requested_at",
)
SLA = Comparison(
    "sla_hit_rate",
    "conversation_sla_status_log",
    (Number("SLAs for the first response that were hit", {"state": ("sla_state",)}, "(word = 'hit')::int::double"),),
    "share",
    words=Words("state", SLA_STATES, "sla_status"),
    columns={"kind": ("sla_metric_type",)},
    alike=("first response time", "tempo de primeira resposta"),
    moment="written_at",
)
_INVOLVED = {"involved": ("fin_ai_agent_participated", "fin_ai_agent_involved")}
_STATE = {**_INVOLVED, "state": ("fin_ai_agent_resolution_state",)}
_YES = "lower(involved) in ('true', 'yes', '1')"
_FIN_WORDS = Words(
    "state",
    RESOLUTIONS,
    "if(ai_agent_resolution_state in ('confirmed_resolution', 'assumed_resolution'), 'resolved', 'open')",
)
FIN_INVOLVEMENT = Comparison(
    "fin_involvement",
    "conversation",
    (Number("conversations with Fin", _INVOLVED, f"({_YES})::int::double"),),
    "share",
)
FIN_RESOLUTION = Comparison(
    "fin_resolution",
    "conversation",
    (
        Number(
            "resolved, of those with Fin", _STATE, f"case when {_YES} then (coalesce(word, '') = 'resolved')::int end"
        ),
    ),
    "share",
    words=_FIN_WORDS,
)
FIN_AUTOMATION = Comparison(
    "fin_automation",
    "conversation",
    (Number("resolved by Fin, of all", _STATE, f"({_YES} and coalesce(word, '') = 'resolved')::int::double"),),
    "share",
    words=_FIN_WORDS,
)
CONVERSATIONS = Comparison(
    "conversations",
    "conversation",
    (Number("conversations that started", {}, "1.0"),),
    "count",
    _BOTH,
)
TICKET_TIME_TO_RESOLVE = Comparison(
    "ticket_time_to_resolve",
    "tickets",
    (_duration("until the last resolution, all hours", "ticket_time_to_resolve"),),
    "median",
    ("last",),
)


def _actions(metric: str, word: str, condition: str) -> Comparison:
    """Return the comparison of what each teammate did: in how many conversations."""
    ours = f"""
        select part.conversation_id as id, part.author_id as teammate_id, 1.0 as value
        from conversations as conversation
        join conversation_parts as part on part.conversation_id = conversation.id
        where conversation.updated_at >= $since and conversation.created_at < $until
            and part.created_at >= $since and part.created_at < $until
            and ({condition})
        group by part.conversation_id, part.author_id
    """
    return Comparison(
        metric,
        "consolidated_conversation_part",
        (Number(f"conversations with a {word}", {"action": ("action_type",)}, "1.0"),),
        "count",
        (),
        keep=f"list_contains(words, '{word}') and teammate is not null",
        words=Words("action", ACTIONS, lists=True),
        teammate=(
            "action_performed_by_teammate_id_raw_id",
            "action_performed_by_teammate_raw_id",
            "action_performed_by_id",
        ),
        ours=ours,
    )


TEAMMATE_REPLIES = _actions("teammate_replies", "reply", TEAMMATE_REPLIED)
TEAMMATE_CLOSES = _actions("teammate_closes", "close", "part.author_type = 'admin' and part.part_type = 'close'")

COMPARISONS = {
    each.metric: each
    for each in (
        CONVERSATIONS,
        FIRST_RESPONSE,
        TIME_TO_FIRST_CLOSE,
        TIME_TO_CLOSE,
        HANDLING,
        CSAT,
        RESPONSE_RATE,
        SLA,
        FIN_INVOLVEMENT,
        FIN_RESOLUTION,
        FIN_AUTOMATION,
        TICKET_TIME_TO_RESOLVE,
        TEAMMATE_REPLIES,
        TEAMMATE_CLOSES,
    )
}
