"""What surrounds generated conversations: ratings and sources of the AI agent, and records in other systems.

It is added to finished conversations, with dice of its own, so that nothing else depends on it.
"""

from collections.abc import Iterable

from intercom_kit.sandbox.generator.conversation import Conversation, FinRun, OtherSource
from intercom_kit.sandbox.generator.seeded import Dice

# How often the AI agent is rated, by how its part ended, and the ratings that it then gets.
RATED = {
    "confirmed_resolution": (0.45, (5, 5, 5, 4, 4, 3)),
    "assumed_resolution": (0.1, (5, 4, 4, 3, 2)),
    "negative_feedback": (0.6, (1, 1, 2)),
    "escalated": (0.15, (1, 2, 2, 3)),
}
REMARKS = {
    1: ("That was about something else.", "I want to talk to a person."),
    2: ("It did not get my question.",),
    3: ("Half of it helped.",),
    4: ("Good answer.",),
    5: ("That was quick!", "Exactly what I needed 👍"),
}
SYNCED = 0.08  # share of the emails that come from another helpdesk


def add_surroundings(dice: Dice, conversations: Iterable[Conversation]) -> None:
    """Add ratings and further sources to the AI agent's answers, and references to another helpdesk."""
    for conversation in conversations:
        if conversation.fin:
            _rate(dice, conversation.fin)
            _use_another_source(dice, conversation, conversation.fin)
        if conversation.channel == "email" and dice.chance(SYNCED):
            conversation.references = _references(dice)


def _rate(dice: Dice, fin: FinRun) -> None:
    """Let the customer rate the answer when the agent's part ends."""
    chance, ratings = RATED.get(fin.resolution_state or "", (0.0, ()))
    if not dice.chance(chance):
        return
    fin.rating, fin.rated_at = dice.pick(ratings), fin.updated_at
    fin.rating_remark = dice.pick(REMARKS[fin.rating]) if dice.chance(0.4) else None


def _use_another_source(dice: Dice, conversation: Conversation, fin: FinRun) -> None:
    if dice.chance(0.2):
        id_ = 3_234_000 + len(fin.article)
        url = f"/fin-ai-agent/content?content=content_snippet&id={id_}"
        fin.other_source = OtherSource("content_snippet", url, f"{conversation.topic.name}: short answers")


def _references(dice: Dice) -> list[tuple[str, str]]:
    """Return the types and ids of a conversation's records in another helpdesk, sorted by type."""
    ticket = ("zendesk_ticket", str(dice.whole(3_600_000, 3_699_999)))
    if dice.chance(0.5):
        return [ticket]
    return [("zendesk_sunshine_conversation", f"{dice.getrandbits(48):012x}"), ticket]
