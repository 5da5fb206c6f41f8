"""The rows of each dataset, from the stories of conversations; durations are whole seconds."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from intercom_kit.sandbox.contents.record import Record
from intercom_kit.sandbox.reporting.datasets import BOT, IOH
from intercom_kit.sandbox.reporting.hours import ReportHours
from intercom_kit.sandbox.reporting.story import Step, Story

Row = dict[str, Any]
TARGETS = {"Enterprise first reply": 3_600, "Growth first reply": 4 * 3_600}  # office seconds
WORDS = {"close": "Close", "assignment": "Assign", "note": "Note", "open": "Reopen"}


@dataclass(frozen=True)
class Context:
    """What rows depend on beside their conversation."""

    hours: ReportHours
    now: int


def shared(story: Story) -> Row:
    """Return the attributes that every dataset about conversations has; one of them with a line break."""
    record = story.record
    person = (record.get("source") or {}).get("author") or {}
    customer = person if person.get("type") in ("user", "lead", "contact") else {}
    topic = (record.get("custom_attributes") or {}).get("Topic")
    ticket = record.get("ticket") or {}
    return {
        "conversation_id": story.id,
        "channel": (record.get("channel") or {}).get("current"),
        "conversation.Brand": "Northwind",
        "people.Brand": "Northwind Cloud",
        "AI Issue summary": f'The customer asks about "{topic}".\nA teammate takes it on.' if topic else None,
        "user_id": customer.get("id"),
        "user_name": customer.get("name"),
        "user_email": customer.get("email"),
        "current_conversation_state": str(record.get("state") or "").capitalize(),
        "ticket_type_id": (ticket.get("ticket_type") or {}).get("id"),
        "currently_assigned_teammate_id": record.get("admin_assignee_id") or None,
        "currently_assigned_team_id": record.get("team_assignee_id") or None,
    }


def conversation_rows(story: Story, context: Context) -> Iterator[Row]:
    """Yield one row: durations run from the customer's first message, or from when it left the bot inbox."""
    answer, closes = next(iter(story.answers), None), story.closes
    agent = story.record.get("ai_agent") or {}
    state = str(agent.get("resolution_state") or "").replace("_", " ").capitalize()
    stints = [(since, until) for _, since, until in story.stints()] if closes else []
    row = shared(story) | {
        "conversation_started_at": story.started_at,
        "conversation_first_closed_at": closes[0].at if closes else None,
        "conversation_last_closed_at": closes[-1].at if closes else None,
        "conversation_first_teammate_reply_at": answer and answer.at,
        "conversation_handling_time": sum(until - since for since, until in stints) if stints else None,
        "teammate_replies_count": len(story.answers),
        "fin_ai_agent_participated": "true" if story.record.get("ai_agent_participated") else "false",
        "fin_ai_agent_resolution_state": state or None,
    }
    row |= _durations("first_response_time", story, context, answer)
    row |= _durations("time_to_first_close", story, context, closes[0] if closes else None)
    row |= _durations("time_to_close", story, context, closes[-1] if closes else None)
    for name in ("first_response_time", "time_to_close"):
        row[f"conversation_{name}"] = row[name]
    yield row


def _durations(name: str, story: Story, context: Context, end: Step | None) -> Row:
    found: Row = {}
    for suffix, since in (("", story.written_at), (BOT, story.left_bot_at)):
        known = end is not None and since is not None and end.at >= since
        found[name + suffix] = end.at - since if known else None  # type: ignore[union-attr, operator]
        found[name + suffix + IOH] = context.hours.between(since, end.at) if known else None  # type: ignore[union-attr, arg-type]
    return found


def part_rows(story: Story, context: Context) -> Iterator[Row]:  # noqa: ARG001
    """Yield one row per action: what somebody does within one second is one, of several types."""
    for (at, author), steps in groupby(story.steps, key=lambda step: (step.at, step.author)):
        together = list(steps)
        teammate = together[0].by == "teammate"
        replies = teammate and any(step.says and step.kind != "note" for step in together)
        types = ["Reply"] * replies + [WORDS[step.kind] for step in together if step.kind in WORDS]
        if together[0].by == "customer" or not types:
            continue
        yield shared(story) | {
            "action_id": together[0].id,
            "action_time": at,
            "action_type": ", ".join(dict.fromkeys(types)),
            "action_by_automation": "false" if teammate else "true",
            "action_performed_by_teammate_id": author if teammate else None,
        }


def rating_rows(story: Story, context: Context) -> Iterator[Row]:  # noqa: ARG001
    """Yield one row if a rating was asked for; it is empty where nobody answered."""
    rating = story.record.get("conversation_rating")
    if not rating or not rating.get("created_at"):
        return
    given = rating.get("rating")
    yield shared(story) | {
        "conversation_rating_id": f"r{story.id}",
        "conversation_rating": given,
        "conversation_rating_remark": rating.get("remark"),
        "conversation_rating_sent_at": rating["created_at"],
        "conversation_rating_updated_at": rating.get("updated_at") if given else None,
        "rated_teammate_id": (rating.get("teammate") or {}).get("id"),
    }


def sla_rows(story: Story, context: Context) -> Iterator[Row]:
    """Yield one row if the first reply had a target that was met or missed."""
    name = (story.record.get("sla_applied") or {}).get("sla_name")
    since, answer = story.written_at, next(iter(story.answers), None)
    if name not in TARGETS or since is None:
        return
    waited = context.hours.between(since, answer.at if answer else context.now)
    hit = waited <= TARGETS[name]
    if hit and answer is None:
        return
    yield shared(story) | {
        "sla_id": name,
        "sla_metric_type": "First response time",
        "sla_state": "Hit" if hit else "Missed",
        "sla_started_at": since,
        "sla_hit_at": answer.at if answer and hit else None,
        "sla_missed_at": None if hit else since + TARGETS[name],
    }


def handling_rows(story: Story, context: Context) -> Iterator[Row]:
    """Yield one row per teammate who handled it, once it has been closed."""
    stints = sorted(story.stints()) if story.closes else []
    for teammate, several in groupby(stints, key=lambda stint: stint[0]):
        spans = [(since, until) for _, since, until in several]
        yield shared(story) | {
            "conversation_started_at": story.started_at,
            "handling_teammate_id": teammate,
            "teammate_handling_time": sum(until - since for since, until in spans),
            f"teammate_handling_time{IOH}": sum(context.hours.between(*span) for span in spans),
        }


def ticket_row(story: Story, ticket: Record) -> Row:
    """Return the row of a ticket, whose parts tell when it was resolved last, even if it is open again."""
    parts = (ticket.get("ticket_parts") or {}).get("ticket_parts") or []
    resolved = [
        part["created_at"]
        for part in parts
        if part.get("ticket_state") == "resolved" and part.get("previous_ticket_state") != "resolved"
    ]
    last = max(resolved, default=None)
    created = int(ticket["created_at"])
    return shared(story) | {
        "ticket_id": ticket.get("ticket_id"),
        "ticket_title": (ticket.get("ticket_attributes") or {}).get("_default_title_"),
        "ticket_url": f"https://app.intercom.com/a/inbox/conversation/{story.id}",
        "ticket_created_at": created,
        "ticket_last_resolved_at": last,
        "ticket_time_to_resolve": None if last is None else last - created,
        "current_ticket_state_category": str((ticket.get("ticket_state") or {}).get("category") or "").capitalize(),
    }


ROWS: dict[str, Callable[[Story, Context], Iterator[Row]]] = {
    "conversation": conversation_rows,
    "consolidated_conversation_part": part_rows,
    "conversation_rating_sent": rating_rows,
    "conversation_sla_status_log": sla_rows,
    "teammate_handling_conversation": handling_rows,
}
