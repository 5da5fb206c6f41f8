"""Loading of a workspace from JSON files: one per kind, each a list of API objects."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from intercom_kit.sandbox.contents.record import Record

KINDS = (
    "contacts",
    "companies",
    "conversations",
    "tickets",
    "ticket_types",
    "ticket_states",
    "segments",
    "teams",
    "admins",
    "tags",
    "events",
    "data_attributes",
    "conversation_attributes",
    "activity_logs",
    "calls",
    "notes",
    "subscription_types",
    "articles",
    "collections",
    "help_centers",
    "away_status_reasons",
    "office_hours_schedules",
    "office_hours_exceptions",
    "deleted_conversations",
)


class LoadError(ValueError):
    """Error for records that cannot be served; the message names the file and the mistake."""


def load_folder(folder: str | Path) -> dict[str, list[Record]]:
    """Return the records of contacts.json, companies.json and so on; a missing file means no records."""
    folder = Path(folder)
    if not folder.is_dir():
        raise LoadError(
            f"{folder} is not a folder. Use the folder that contains contacts.json, conversations.json or the like."
        )
    paths = {kind: folder / f"{kind}.json" for kind in KINDS}
    if not any(path.exists() for path in paths.values()):
        raise LoadError(f"{folder} contains none of {', '.join(path.name for path in paths.values())}.")
    return check_records({kind: _read(path) for kind, path in paths.items() if path.exists()})


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise LoadError(f"{path.name} is not valid JSON: {error}") from error


def check_records(records: Mapping[str, Sequence[Any]]) -> dict[str, list[Record]]:
    """Return the records, or raise an error for an unknown kind or an object without an id."""
    unknown = set(records) - set(KINDS)
    if unknown:
        raise LoadError(f"Unknown kind {sorted(unknown)[0]!r}; the kinds are {', '.join(KINDS)}.")
    return {kind: _check(kind, rows) for kind, rows in records.items()}


def _check(kind: str, rows: object) -> list[Record]:
    if not isinstance(rows, list | tuple):
        raise LoadError(f"{kind}.json must hold a list of API objects, not {type(rows).__name__}.")
    needs_id = kind not in ("events", "data_attributes")  # built-in data attributes have no id
    for number, row in enumerate(rows):
        if not isinstance(row, dict):
            raise LoadError(f"{kind}.json: entry {number} is {type(row).__name__}, not an object.")
        if needs_id and row.get("id") in (None, ""):
            raise LoadError(f"{kind}.json: entry {number} has no id.")
    return list(rows)
