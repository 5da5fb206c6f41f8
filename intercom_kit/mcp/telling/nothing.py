"""What an answer without rows says, so that none is a bare zero."""

import re
from datetime import UTC, datetime
from typing import Any

from intercom_kit.errors import BadTimeError
from intercom_kit.mcp.answers import compact
from intercom_kit.mcp.results import Result
from intercom_kit.values.times import end, instant

_BY_TOOL = {
    "intercom_status": "Nothing is cached yet.",
    "intercom_query": (
        "No row fulfils every condition: text is compared exactly, so try ilike '%word%', and leave conditions out one "
        "by one to see which it is."
    ),
    "intercom_list_events": "This contact did nothing then.",
    "intercom_list_attach_contacts_to_company": "No contact is attached to this company.",
    "intercom_metric": "Nothing of that kind is in this span, with these filters: widen since, or leave a filter out.",
}


_IS_ID = re.compile(r"\d+|[0-9a-f]{24}")
_SPAN = ("since", "until", "during", "created_since", "created_until")


def nothing(result: Result) -> list[str]:
    """Return sentences on a result without rows: what was compared, and the likely slip, unless a note says that."""
    told = any(note.startswith(("No ", "Nobody ")) for note in result.receipt["notes"])
    said = [] if told else [_BY_TOOL.get(result.tool) or _compared(result.receipt["filters"])]
    since, until = (result.call.question.get(edge) for edge in ("since", "until"))
    return said + _slips(since, until)


def _slips(since: Any, until: Any) -> list[str]:
    """Return what is odd in a span: that it is one day or instant, that it is empty, or that it has not begun."""
    if since and since == until:
        return [f"since and until are both {since}, which means that time alone."]
    try:
        begins = instant(since, UTC) if since else None
        ends = end(until, UTC) if until else None
    except BadTimeError:
        return []
    if begins and begins > datetime.now(UTC):
        return [f"since {since} lies in the future."]
    return ["The span is empty: it ends where it begins."] if begins and begins == ends else []


def _compared(filters: dict[str, Any]) -> str:
    span = ", ".join(f"{name} {filters[name]}" for name in _SPAN if name in filters)
    others = {name: value for name, value in filters.items() if name not in _SPAN}
    when = f" in the time {span}" if span else ""
    if not others:
        return f"There is none{when}: widen it." if span else "The workspace has none."
    named = ", ".join(f"{name} {compact(value).strip(chr(34))}" for name, value in others.items())
    if len(others) > 1 or span:
        return f"No row has all of {named}{when}: leave filters out one by one to see which it is."
    said = f"No row has {named}"
    if any(isinstance(each, str) and not _IS_ID.fullmatch(each) for each in others.values()):
        said += ": if it may be spelled otherwise, intercom_query finds parts of it by ilike '%…%'"
    return f"{said}."
