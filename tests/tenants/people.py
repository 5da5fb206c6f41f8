"""Workspaces in which every text has a canary: a word that tells whose it is, wherever it shows."""

import json
import re
from typing import Any

from intercom_kit.sandbox import Sandbox, serve
from tests.conftest import NOW

SIZE = {"conversations": 30, "contacts": 30, "companies": 12}
KINDS = ("contacts", "companies", "conversations", "segments", "teams", "admins", "tags")
CANARY = re.compile(r"canary(\d+)q", re.IGNORECASE)

# What a person writes or chooses; the values of the other keys are ids, types, states, times and addresses.
_TEXTS = {"name", "title", "subject", "body", "company_id", "plan", "city", "country", "label", "remark", "description"}


def canary(number: int) -> str:
    return f"canary{number}q"


def owners(text: str) -> set[int]:
    """Return the numbers of the workspaces whose canaries a text has."""
    return {int(number) for number in CANARY.findall(text)}


def serve_canaries(number: int) -> Sandbox:
    """Serve a workspace with canaries, in which there are `number` contacts more than in the first one."""
    with serve(**SIZE, seed=100 + number, now=NOW) as invented:
        records = {kind: list(invented.workspace.collection(kind).records()) for kind in KINDS}
    marked = _marked(json.loads(json.dumps(records)), canary(number))
    extra = marked["contacts"][0]
    for more in range(number):
        marked["contacts"].append({**extra, "id": f"{number:012x}{more:012x}", "external_id": f"extra-{number}-{more}"})
    sandbox = serve(records=marked, now=NOW, rate_limit=100_000 + number)
    sandbox.workspace.id_code = f"{canary(number)}id"
    sandbox.workspace.name = f"Workspace {canary(number)}"
    return sandbox


def _marked(value: Any, mark: str, key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: _marked(each, mark, name) for name, each in value.items()}
    if isinstance(value, list):
        return [_marked(each, mark, key) for each in value]
    if not isinstance(value, str) or not value:
        return value
    if "email" in key and "@" in value:
        return f"{mark}.{value}"
    return f"{value} {mark}" if key in _TEXTS else value
