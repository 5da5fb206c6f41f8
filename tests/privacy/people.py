"""Workspaces in which every value of a personal column is random, so that it is recognised wherever it shows."""

import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from intercom_kit.sandbox import serve
from intercom_kit.tables import TABLES, Column, Kind
from tests.conftest import NOW

SIZE = {"conversations": 24, "contacts": 16, "companies": 6, "tickets": 4}
KEPT = {"conversations": 6, "contacts": 8, "companies": 3, "activity_logs": 12}
KINDS = ("contacts", "companies", "conversations", "segments", "teams", "admins", "tags", "activity_logs")

# What every value holds: a word that is nowhere else, or a number that is.
_MARK = re.compile(r"qx[0-9a-f]{10}|77[0-9]{10}")

_SAID = (
    "{0} O'Hara {1}",
    "ÆRØ {0}",
    "<p>{0}&nbsp;&amp; {1}</p><p style='display:none'>{0}</p>",
    'a "quoted" {0}',
    "{0}\u00a0\u202e{1}\U0001f600",
    "  {0}\t",
    "[{0}](https://{1}.example)",
    "{0};drop,{1}\n{0}",
)


@dataclass
class People:
    """Hold what a sandbox serves, and every value in it of a personal column, by table and column."""

    records: dict[str, list[dict[str, Any]]]
    values: dict[tuple[str, str], list[Any]] = field(default_factory=dict)

    def marks(self) -> set[str]:
        """Give what tells the values."""
        return marks_of(self.values)


def marks_of(value: Any) -> set[str]:
    """Find the marks in anything, in any case, and as JSON or an address writes them."""
    written = value if isinstance(value, str) else json.dumps(list(value.items()) if isinstance(value, dict) else value)
    return set(_MARK.findall(written.lower()))


def random_people(seed: int) -> People:
    """Make a workspace of such people."""
    chance = random.Random(f"people {seed}")  # noqa: S311 - no secret
    with serve(**SIZE, seed=seed, now=NOW) as sandbox:
        invented = {kind: list(sandbox.workspace.collection(kind).records())[: KEPT.get(kind)] for kind in KINDS}
        invented["tickets"] = list(sandbox.workspace.tickets.records())
    records = json.loads(json.dumps(invented))
    for number, each in enumerate(records["activity_logs"]):
        each["created_at"] = NOW - 3_600 * number
    records["events"] = [
        {"type": "event", "event_name": "exported", "created_at": NOW - 3_600 * number, "id": f"event {number}"}
        | {"intercom_user_id": each["id"], "user_id": each["external_id"], "metadata": {}, "email": ""}
        for number, each in enumerate(records["contacts"])
    ]
    records["notes"] = [
        {
            "type": "note",
            "id": f"{noun} {each['id']}",
            "created_at": NOW,
            noun: {"id": each["id"]},
            "author": {"id": "1"},
        }
        for noun, kind in (("contact", "contacts"), ("company", "companies"))
        for each in records[kind]
    ]
    records["calls"] = [
        {"type": "call", "id": f"call {each['id']}", "conversation_id": each["id"], "initiated_at": NOW}
        for each in records["conversations"][:6]
    ]
    people = People(records)
    for name, table in TABLES.items():
        for each in _objects(name, records):
            # Members of an object that is a column itself are put into it after that.
            for column in sorted(table.columns, key=lambda column: bool(column.member)):
                if column.personal and not column.path.startswith("^"):
                    _put(each, list(column.keys), column, chance, people.values.setdefault((name, column.name), []))
    for each, contact in zip(records["events"], records["contacts"], strict=True):
        each["email"] = contact["email"]
    return people


def _objects(table: str, records: dict[str, list[dict[str, Any]]]) -> Iterator[dict[str, Any]]:
    if table == "conversation_parts":
        for each in records["conversations"]:
            yield from each["conversation_parts"]["conversation_parts"]
    elif table == "ticket_parts":
        for each in records["tickets"]:
            yield from each["ticket_parts"]["ticket_parts"]
    elif table in ("contact_notes", "company_notes"):
        yield from (each for each in records["notes"] if table.removesuffix("_notes") in each)
    else:
        yield from records.get(table, [])


def _put(holder: dict[str, Any], steps: list[str], column: Column, chance: random.Random, values: list[Any]) -> None:
    """Put a new value where a column's path leads."""
    key, *rest = steps
    if rest[:1] == ["[]"]:
        holder[key] = [{"url": "", "name": "file.png"} for _ in range(2)]
        for member in holder[key]:
            _put(member, rest[1:], column, chance, values)
    elif rest:
        if not isinstance(holder.get(key), dict):
            holder[key] = {}
        _put(holder[key], rest, column, chance, values)
    else:
        holder[key] = value = _value(column, chance)
        values.append(value)


def _value(column: Column, chance: random.Random) -> Any:
    def mark() -> str:
        return f"qx{chance.getrandbits(40):010x}"

    def number() -> str:
        return f"77{chance.randrange(10**10):010}"

    if column.kind is Kind.JSON:
        return {
            "plan": mark(),
            "born": int(number()),
            "all": [mark(), int(number())],
            "deep": {"it": mark()},
            "ok": True,
        }
    match column.personal:
        case "email":
            return f"{mark()}@{mark()}.example"
        case "phone":
            return f"+{number()}"
        case "address":
            return f"https://{mark()}.example/{mark()}?q={mark()}"
        case _:
            return chance.choice(_SAID).format(mark(), mark())
