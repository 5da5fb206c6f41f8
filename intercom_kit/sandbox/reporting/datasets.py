"""The datasets of the reporting export: their attributes, each with the prefix of its qualified id.

Which attributes a plan has, and which prefixes are stable, is UNCONFIRMED [report-datasets].
"""

from typing import NamedTuple

from intercom_kit.sandbox.contents.record import Record


class Attribute(NamedTuple):
    """One attribute; `kind` says how its value is written: text, instant, seconds, team, teammate or word."""

    prefix: str
    id: str
    name: str
    kind: str = "text"

    @property
    def qualified_id(self) -> str:
        return f"{self.prefix}.{self.id}"

    def record(self, *, qualified: bool) -> Record:
        """Return it as get_datasets lists it."""
        more = {"qualified_id": self.qualified_id} if qualified else {}
        return {"id": self.id, **more, "name": self.name}


class Dataset(NamedTuple):
    """One dataset; jobs select its rows by the attribute `time`."""

    id: str
    name: str
    time: str
    attributes: tuple[Attribute, ...]

    def record(self, *, qualified: bool) -> Record:
        """Return it as get_datasets lists it; older versions know no qualified ids."""
        return {
            "id": self.id,
            "name": self.name,
            "description": f"{self.name}, one row each",
            "default_time_attribute_id": self.time,
            "attributes": [each.record(qualified=qualified) for each in self.attributes],
        }


def _text(prefix: str, *pairs: tuple[str, str]) -> tuple[Attribute, ...]:
    return tuple(Attribute(prefix, id_, name) for id_, name in pairs)


def _instants(*pairs: tuple[str, str]) -> tuple[Attribute, ...]:
    return tuple(Attribute("timestamp", id_, name, "instant") for id_, name in pairs)


def _seconds(*pairs: tuple[str, str]) -> tuple[Attribute, ...]:
    return tuple(Attribute("duration", id_, name, "seconds") for id_, name in pairs)


def _words(*pairs: tuple[str, str]) -> tuple[Attribute, ...]:
    return tuple(Attribute("standard", id_, name, "word") for id_, name in pairs)


def _person(id_: str, name: str, kind: str = "teammate") -> tuple[Attribute, ...]:
    """Return a column of names and its twin of ids; two teammates of one name merge in the first."""
    return Attribute(kind, id_, name, kind), Attribute(kind, f"{id_}_raw_id", f"{name} ID")


SHARED = (
    *_text(
        "conversation",
        ("conversation_id", "Conversation ID"),
        ("channel", "Channel"),
        ("Brand", "Brand"),
        ("AI Issue summary", "AI Issue summary"),
    ),
    *_text(
        "people", ("user_id", "User ID"), ("user_name", "User name"), ("user_email", "User email"), ("Brand", "Brand")
    ),
    *_words(("current_conversation_state", "Current conversation state")),
    *_text("standard", ("ticket_type_id", "Ticket type")),
    *_person("currently_assigned_teammate_id", "Teammate currently assigned"),
    *_person("currently_assigned_team_id", "Team currently assigned", "team"),
)

IOH, BOT = "_in_office_hours", "_excluding_bot_inbox"


def _measured(id_: str, name: str, plain: str = "") -> tuple[Attribute, ...]:
    """Return a duration in its four forms: all hours or office hours, with or without the bot inbox."""
    return _seconds(
        (plain or id_, f"{name} (seconds)"),
        (f"{id_}{IOH}", f"{name}, in office hours (seconds)"),
        (f"{id_}{BOT}", f"{name}, excluding bot inbox (seconds)"),
        (f"{id_}{BOT}{IOH}", f"{name}, excluding bot inbox, in office hours (seconds)"),
    )


CONVERSATION = Dataset(
    "conversation",
    "Conversation",
    "conversation_started_at",
    (
        *SHARED,
        *_instants(
            ("conversation_started_at", "Conversation started at"),
            ("conversation_first_closed_at", "Conversation first closed at"),
            ("conversation_last_closed_at", "Conversation last closed at"),
            ("conversation_first_teammate_reply_at", "Conversation first teammate reply at"),
        ),
        *_measured("first_response_time", "First response time", "conversation_first_response_time"),
        *_measured("time_to_close", "Time to close", "conversation_time_to_close"),
        *_measured("time_to_first_close", "Time to first close"),
        *_seconds(("conversation_handling_time", "Handling time (seconds)")),
        *_text("standard", ("teammate_replies_count", "Teammate replies")),
        *_text("standard", ("fin_ai_agent_participated", "Fin AI Agent involved")),
        *_words(("fin_ai_agent_resolution_state", "Fin AI Agent resolution state")),
    ),
)
PART = Dataset(
    "consolidated_conversation_part",
    "Conversation actions",
    "action_time",
    (
        *SHARED,
        *_text("standard", ("action_id", "Action ID")),
        *_instants(("action_time", "Action time")),
        *_words(("action_type", "Action type")),
        *_text("standard", ("action_by_automation", "Action by automation")),
        *_person("action_performed_by_teammate_id", "Action performed by"),
    ),
)
RATING = Dataset(
    "conversation_rating_sent",
    "Conversation rating sent",
    "conversation_rating_sent_at",
    (
        *SHARED,
        *(
            Attribute("conversation-rating-sent", id_, name, kind)
            for id_, name, kind in (
                ("conversation_rating_id", "Conversation rating ID", "text"),
                ("conversation_rating", "Conversation rating", "text"),
                ("conversation_rating_remark", "Conversation rating remark", "text"),
                ("conversation_rating_sent_at", "Conversation rating sent at", "instant"),
                ("conversation_rating_updated_at", "Conversation rating updated at", "instant"),
            )
        ),
        *_person("rated_teammate_id", "Last teammate rated"),
    ),
)
SLA = Dataset(
    "conversation_sla_status_log",
    "Conversation SLA status log",
    "sla_started_at",
    (
        *SHARED,
        *_text("standard", ("sla_id", "SLA")),
        *_words(("sla_metric_type", "SLA metric type"), ("sla_state", "SLA state")),
        *_instants(
            ("sla_started_at", "SLA started at"), ("sla_hit_at", "SLA hit at"), ("sla_missed_at", "SLA missed at")
        ),
    ),
)
HANDLING = Dataset(
    "teammate_handling_conversation",
    "Teammate handling conversation",
    "conversation_started_at",
    (
        *SHARED,
        *_instants(("conversation_started_at", "Conversation started at")),
        *_person("handling_teammate_id", "Handling teammate"),
        *_seconds(
            ("teammate_handling_time", "Teammate handling time (seconds)"),
            (f"teammate_handling_time{IOH}", "Teammate handling time, in office hours (seconds)"),
        ),
    ),
)
TICKETS = Dataset(
    "tickets",
    "Tickets",
    "ticket_created_at",
    (
        *SHARED,
        *_text("standard", ("ticket_id", "Ticket ID"), ("ticket_title", "Ticket title"), ("ticket_url", "Ticket URL")),
        *_instants(("ticket_created_at", "Ticket created"), ("ticket_last_resolved_at", "Ticket last resolved")),
        *_seconds(("ticket_time_to_resolve", "Ticket time to resolve (seconds)")),
        *_words(("current_ticket_state_category", "Current ticket state category")),
    ),
)
DATASETS = {each.id: each for each in (CONVERSATION, PART, RATING, SLA, HANDLING, TICKETS)}
