"""A program that exports a lake slowly, to be killed, and changes to a workspace between two exports."""

import random
import sys
from pathlib import Path
from typing import Any

from intercom_kit import connect
from intercom_kit.lake import keyed, planning
from intercom_kit.sandbox import Sandbox

TABLES = ["conversations", "contacts", "tickets", "teams"]

NO_PARTS = {"type": "conversation_part.list", "conversation_parts": [], "total_count": 0}


def export(token: str, base_url: str, folder: str | Path, conversations: int = 60) -> None:
    """Export in small steps; of more conversations than a test has, without their parts, each of which is a request."""
    planning.ROWS_OF_A_SPAN, keyed.KEYS_OF_A_STEP = max(30, conversations // 20), 5
    with connect(token, base_url=base_url) as ws:
        ws.export(folder, TABLES, parts=conversations <= 1_000, max_requests=100_000)


def change(sandbox: Sandbox, count: int, seed: int) -> None:
    """Change, add and delete conversations and contacts at random; `updated_at` tells."""
    dice, now = random.Random(seed), int(sandbox.clock())  # noqa: S311 - tests are to be repeatable
    for number in range(count):
        kind = dice.choice(("conversations", "conversations", "contacts"))
        record, what = _any(sandbox, kind, dice), dice.random()
        if what < 0.6:
            changed = {"state": dice.choice(("open", "closed"))} if kind == "conversations" else {"name": f"n {number}"}
            sandbox.upsert(kind, {"id": record["id"], "updated_at": now, **changed})
        elif what < 0.8 and not record.get("ticket"):
            new = {"id": f"9{seed:03}{number:06}", "created_at": now - 1, "updated_at": now}
            new |= {"external_id": new["id"]} if kind == "contacts" else {"conversation_parts": NO_PARTS}
            sandbox.upsert(kind, {**record, **new})
        elif kind == "conversations" and not record.get("ticket"):  # nobody is told which tickets are deleted
            sandbox.delete(kind, record["id"])


def _any(sandbox: Sandbox, kind: str, dice: random.Random) -> dict[str, Any]:
    collection = sandbox.workspace.collection(kind)
    return collection.record(dice.randrange(len(collection)))


if __name__ == "__main__":
    export(*sys.argv[1:4], *map(int, sys.argv[4:]))
