"""Reviews of conversations: what monitors flagged, and scorecards; drawn from a conversation's id when asked for."""

from intercom_kit.sandbox.contents.record import Record
from intercom_kit.sandbox.generator.seeded import Dice, dice_for

FLAGGED, SCORED = 0.08, 0.15
MONITORS = (
    ("901", "Refund promised", "prompt", "The teammate promised a refund before it was approved."),
    ("902", "Customer at risk", "prompt", "The customer said that they may cancel."),
    ("903", None, None, None),  # deleted since
)
CRITERIA = ("7301", "7302")


def monitor_evaluations(record: Record) -> list[Record]:
    """Return what monitors found in a conversation: nothing in most."""
    dice = dice_for("monitors", record["id"])
    if not dice.chance(FLAGGED):
        return []
    id_, name, kind, explanation = dice.pick(MONITORS)
    return [
        {
            "monitor_id": id_,
            "monitor_name": name,
            "monitor_type": kind,
            "result": "flagged",
            "explanation": explanation,
            "evaluated_at": record.get("updated_at"),
        }
    ]


def scorecards(record: Record) -> list[Record]:
    """Return the scorecards of a conversation: of the teammate who took part first, else of the AI agent."""
    dice, admins = dice_for("scorecards", record["id"]), (record.get("teammates") or {}).get("admins") or []
    if not dice.chance(SCORED) or not (admins or record.get("ai_agent_participated")):
        return []
    reviewed = {"type": "admin", "admin_id": str(admins[0]["id"])} if admins else {"type": "ai", "admin_id": None}
    evaluators = [_evaluator(dice, id_) for id_ in CRITERIA]
    passes = [each["result"]["value"] == "pass" for each in evaluators if each["result"]]
    score = sum(passes) / len(passes) if passes else None
    return [
        {
            "scorecard_id": "811",
            "scorecard_version_id": "8112",
            "name": "Standard review",
            "scorecard_type": "human" if admins else "ai",
            "passed": None if score is None else score == 1,
            "score": score,
            "ai_score": None if admins else score,
            "evaluated_at": record.get("updated_at"),
            "reviewed_teammate": reviewed,
            "evaluators": evaluators,
        }
    ]


def _evaluator(dice: Dice, id_: str) -> Record:
    if dice.chance(0.1):
        return {"evaluator_id": id_, "result": None}
    passed = dice.chance(0.8)
    result = {
        "value": "pass" if passed else "fail",
        "source": dice.pick(("ai", "human")),
        "reasoning": "Answered what was asked." if passed else "One question stayed open.",
        "reason_ids": None if passed else ["101"],
        "other_text": None,
    }
    return {"evaluator_id": id_, "result": result}
