"""What an answer without rows says, so that none is a bare zero."""

import re
from typing import Any

from intercom_kit.mcp.declaring import TOOL_OF_VERB
from intercom_kit.mcp.results import Result

_BY_TOOL = {
    "intercom_status": "Nothing is cached yet.",
    "intercom_query": (
        "No row fulfils every condition: text is compared exactly, so try ilike '%word%', and leave conditions out one "
        "by one to see which it is."
    ),
    "intercom_list_events": (
        "This contact did nothing then; Intercom keeps 90 days, and event_summaries in intercom_query count all time."
    ),
    "intercom_list_attach_contacts_to_company": "No contact is attached to this company.",
    "intercom_metric": "Nothing of that kind is in this span, with these filters: widen since, or leave a filter out.",
}


def nothing(result: Result) -> list[str]:
    """Return sentences on a result without rows: what was compared, and the likely slip, unless a note says that."""
    told = any(note.startswith("No ") for note in result.receipt["notes"])
    said = [] if told else [_BY_TOOL.get(result.tool) or _compared(result.receipt["filters"])]
    said += _named(result.receipt["filters"])
    since, until = (result.call.question.get(edge) for edge in ("since", "until"))
    if since and since == until:
        said.append(f"since and until are both {since}, which means that time alone.")
    return said


def _compared(filters: dict[str, Any]) -> str:
    if not filters:
        return "The workspace has none."
    named = ", ".join(f"{name} {value}" for name, value in filters.items())
    if len(filters) == 1:
        return f"Nothing matches {named}."
    return f"Nothing matches all of {named}: leave filters out one by one to see which it is."


_ID_FILTER = re.compile("(tag|segment|contact)_ids?")
_ID = re.compile("[0-9a-f]+")


def _named(filters: dict[str, Any]) -> list[str]:
    """Return, for each filter by ids whose value is a name, where the ids are."""
    return [
        f"{name} compares ids, not names: look the id up with {TOOL_OF_VERB[f'{found[1]}s']}."
        for name, value in filters.items()
        if (found := _ID_FILTER.fullmatch(name)) and isinstance(value, str) and not _ID.fullmatch(value)
    ]
