"""Groups of tools: `--tools` chooses some of them, so that the list is as short as a client needs it."""

import re
from collections.abc import Collection, Iterable, Sequence

from intercom_kit.errors import BadRequestError
from intercom_kit.hints import hint
from intercom_kit.mcp.declaring import Declared

GROUPS: dict[str, tuple[str, ...]] = {
    "people": (
        "intercom_list_all_contacts",
        "intercom_get_contact_by_id",
        "intercom_list_companies",
        "intercom_get_company_by_id",
        "intercom_list_attach_contacts_to_company",
        "intercom_list_segments",
        "intercom_list_events",
    ),
    "conversations": (
        "intercom_list_all_teams",
        "intercom_list_conversations",
        "intercom_get_conversation_by_id",
        "intercom_search_conversations",
    ),
    "sql": ("intercom_query", "intercom_describe"),
    "metrics": ("intercom_metric", "intercom_describe"),
    "research": ("search", "fetch"),
}
DEFAULT = ("people", "conversations", "sql", "metrics")
ALWAYS = "intercom_status"

RESEARCH = "- words or names, in objects of any kind: search, then fetch what it found.\n"

_TOOL = re.compile(r"\bintercom_(?!kit)\w+")


def groups_in(text: str) -> tuple[str, ...]:
    """Return the groups that a text names, as "sql,metrics"; raise BadRequestError for an unknown one."""
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",")))
    for name in names:
        if name not in GROUPS:
            raise BadRequestError(f"There is no group of tools {name!r}: {hint(name, list(GROUPS))}")
    return names


def tools_in(groups: Iterable[str], tools: Sequence[Declared]) -> list[Declared]:
    """Return the tools of some groups, and the status; raise BadRequestError for a group that has none here."""
    there = {tool[-1].__name__ for tool in tools}
    some = [group for group in GROUPS if there.intersection(GROUPS[group])]
    for group in groups:
        if group not in some:
            raise BadRequestError(f"There are no tools of the group {group!r} here: {hint(group, some)}")
    names = {ALWAYS}.union(*(GROUPS[group] for group in groups))
    return [tool for tool in tools if tool[-1].__name__ in names]


def about_offered(instructions: str, names: Collection[str]) -> str:
    """Return instructions without the points that name a tool which is not offered."""
    head, *points = re.split(r"^(?=- )", instructions, flags=re.MULTILINE)
    last, _, rest = points[-1].partition("\n\n")
    points = [*points[:-1], f"{last}\n", *([RESEARCH] if "search" in names else [])]
    return f"{head}{''.join(point for point in points if is_offered(point, names))}\n{rest}"


def is_offered(text: str, names: Collection[str]) -> bool:
    """Return whether all tools that a text names are offered."""
    return set(_TOOL.findall(text)) <= set(names)
