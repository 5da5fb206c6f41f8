"""What surrounds a generated conversation as Intercom's JSON: the AI agents' parts, and records in other systems."""

from intercom_kit.sandbox.contents.record import Record
from intercom_kit.sandbox.generator.conversation import FIN, Conversation, FinRun
from intercom_kit.sandbox.generator.text import article_url

FIN_ANSWER = {"source_type": "workflow", "source_title": "Fin answers first", "last_answer_type": "ai_answer"}
SYNCHRONISER = "helpdesk-sync"  # the app that adds what customers write in another helpdesk


def ai_agent(conversation: Conversation) -> Record | None:
    """Return the AI agent's part; by the description its times are those of the rating."""
    fin = conversation.fin
    if fin is None:
        return None
    sources = _content_sources(conversation, fin)
    return {
        **FIN_ANSWER,
        "resolution_state": fin.resolution_state,
        "rating": fin.rating,
        "rating_remark": fin.rating_remark,
        "created_at": fin.rated_at,
        "updated_at": fin.rated_at,
        "content_sources": {
            "type": "content_source.list",
            "total_count": len(sources),
            "content_sources": sources,
        },
    }


def _content_sources(conversation: Conversation, fin: FinRun) -> list[Record]:
    url = article_url(conversation.topic)
    sources = [{"content_type": "article", "url": url, "title": fin.article, "locale": "en"}]
    if fin.other_source:
        sources.append({**fin.other_source._asdict(), "locale": "en"})
    return sources


def sales_agent(conversation: Conversation) -> Record | None:
    """Return the sales agent's part: it begins some conversations, and may pass those that are answered to a team."""
    begun = conversation.delivered_as == "operator_initiated" and conversation.opened_by == FIN
    if not begun or not any(part.by_contact for part in conversation.parts):
        return None
    outcome = "escalated_to_support" if conversation.team_assignee_id else "product_discovery"
    return {"outcome": outcome, "routing_outcome": None, "collected_data": None}


def references(conversation: Conversation) -> list[Record]:
    """Return the records of a conversation in another helpdesk."""
    return [{"type": kind, "id": number} for kind, number in conversation.references]


def event_details(conversation: Conversation, number: int, tags: list[Record] | None) -> Record | None:
    """Return what a change of tags or of a ticket's attribute changed; null for any other part."""
    if tags:
        return {"tags_added": tags, "tags_removed": []}
    change = conversation.ticket.attribute_changes.get(number) if conversation.ticket else None
    return {"attribute": {"name": change[0].name}, "value": {"name": change[1]}} if change else None
