"""Phone calls of the conversations that came by phone: worked out when first asked for, with dice of their own.

UNCONFIRMED [calls]: shapes follow the description; the words of states and reasons and all transcripts are made up.
"""

from collections.abc import Iterable
from datetime import UTC, datetime

from intercom_kit.sandbox.contents.record import Record
from intercom_kit.sandbox.generator.conversation import Conversation
from intercom_kit.sandbox.generator.seeded import Dice, dice_for

PHONE = "phone_call"
FIRST_CALL = 41_000_000
API = "https://api.intercom.io/calls"
ANSWERED, CALLED_BACK, TRANSCRIBED = 0.85, 0.6, 0.7
LONGEST = 1_800  # seconds
LINES = ("Thank you for calling Northwind.", "Hello, I have a question about my account.", "Let me look that up.")


def call_records(seed: int, conversations: Iterable[Conversation], now: int) -> list[Record]:
    """Return the calls in order of their beginning; nobody is called back who was answered."""
    records = []
    for conversation in conversations:
        if conversation.channel == PHONE and conversation.delivered_as:  # others have no source that says so
            records += _calls(dice_for(seed, "calls", conversation.id), conversation, now)
    records.sort(key=lambda record: record["initiated_at"])
    return [_whole(each, FIRST_CALL + number) for number, each in enumerate(records)]


def _calls(dice: Dice, conversation: Conversation, now: int) -> list[Record]:
    inbound = conversation.delivered_as == "customer_initiated"
    answered = dice.chance(ANSWERED) and bool(conversation.teammates)
    first = _call(dice, conversation, conversation.created_at, inbound=inbound, answered=answered)
    calls = [first]
    if inbound and not answered and conversation.teammates and dice.chance(CALLED_BACK):
        later = conversation.created_at + dice.whole(600, 7_200)
        calls.append(_call(dice, conversation, later, inbound=False, answered=True))
    return [call for call in calls if call["updated_at"] <= now]


def _call(dice: Dice, conversation: Conversation, at: int, *, inbound: bool, answered: bool) -> Record:
    rings, talk = dice.whole(5, 90), min(dice.delay(240), LONGEST) if answered else 0
    ended = at + rings + talk
    lines = _lines(dice, rings) if answered and dice.chance(TRANSCRIBED) else []
    return {
        "conversation_id": conversation.id,
        "admin_id": str(conversation.teammates[0]) if answered else None,
        "contact_id": conversation.person.id,
        "state": "completed" if answered else "missed",
        "initiated_at": at,
        "answered_at": at + rings if answered else None,
        "ended_at": datetime.fromtimestamp(ended, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "created_at": at,
        "updated_at": ended,
        "call_type": "phone",
        "direction": "inbound" if inbound else "outbound",
        "ended_reason": "completed" if answered else "no_answer",
        "phone": conversation.person.phone or f"+1555{dice.whole(10**6, 10**7 - 1)}",
        "transcript": lines,
        "transcript_status": "completed" if lines else None,
    }


def _lines(dice: Dice, begun: int) -> list[Record]:
    times = (begun + dice.whole(0, 3) + 6 * number for number in range(len(LINES)))
    speakers = ("Teammate 1", "Customer", "Teammate 1")
    return [
        {"speaker": speaker, "start": second, "text": line}
        for speaker, second, line in zip(speakers, times, LINES, strict=True)
    ]


def _whole(call: Record, number: int) -> Record:
    """Return a call with its id and the addresses of its recording and transcript; Fin took none of them."""
    address = f"{API}/{number}"
    return {
        "type": "call",
        "id": str(number),
        **call,
        "recording_url": f"{address}/recording" if call["answered_at"] else None,
        "transcription_url": f"{address}/transcript" if call["transcript"] else None,
        "fin_recording_url": None,
        "fin_transcription_url": None,
    }
