"""What the columns of a report hold, by their names: ids, instants, seconds, words, and what is personal."""

import re
from dataclasses import dataclass

from intercom_kit.frames.frame import distinct_names
from intercom_kit.reports.datasets import plain_name
from intercom_kit.tables.columns import Column, Kind, Personal
from intercom_kit.zone_names import standard

_INSTANT = re.compile(r"(_at|_time|^updated|^last_rated|^ticket_created|^ticket_last_resolved|_date)$")
_SECONDS = re.compile(
    r"(first|subsequent)_response_time|time_to_(first_)?close|time_from_first_assignment|handling_time|"
    r"time_to_resolve|^response_time|time_in_\w*state$|(answer|queue|talk)_time$"
)
_COUNT = re.compile(r"(_count|_replies_to_close|^conversation_rating|_rating|^rating)$")
_BOOLEAN = re.compile(r"(_participated|_involved|_deflected|_by_automation|^is_\w+|_has_calls|_shared_with_customer)$")

# Columns that tell nothing about a person; whatever is not among them may hold names, texts or your own attributes.
_IMPERSONAL = re.compile(
    r"(conversation|ticket|action|company|team|sla|brand|\w*rating|raw|call|user|contact|assigned|rated|closing|reply|"
    r"replying|performed_by|teammate|handling|participant)\w*_ids?$|"
    r"^(channel|ticket_type|ticket_category|language|conversation_source|started_by|current_\w*state(_category)?|"
    r"conversation_started_by|fin_ai_agent_(resolution_state|last_sent_answer_type)|agent_type|agent_rated_type|"
    r"rated_agent_type|action_type|sla_metric_type|sla_state|\w*conversation_state|created_via|ticket_created_via)$"
)
_NAMES = re.compile(r"name|teammate|created_by|resolved_by|assigned|rated|performed_by|handled|pseudonym")


@dataclass(frozen=True)
class ReportColumn:
    """One column of a report: its declaration, and the timezone of its instants where the header names it."""

    column: Column
    zone: str = ""


def columns_of(header: list[str]) -> list[ReportColumn]:
    """Return the columns of a header; those of equal names are numbered."""
    plain = [_named(name) for name in header]
    names = distinct_names([name for name, _, _ in plain])
    return [
        ReportColumn(_column(unique, name, original, seconds), zone)
        for unique, (name, zone, seconds), original in zip(names, plain, header, strict=True)
    ]


def _named(name: str) -> tuple[str, str, bool]:
    """Return a header's name as an id, its timezone if it names one, and whether it says seconds."""
    end = name.rpartition("(")[2].rstrip(") ") if name.rstrip().endswith(")") else ""
    tail = name.partition(".")[2] if re.fullmatch(r"[a-z-]+\.\S.*", name) else name
    return plain_name(tail) or "column", standard(end) or "", end.lower() == "seconds"


def _column(unique: str, name: str, original: str, seconds: bool) -> Column:
    kind = _kind(name, original, seconds)
    unit = "seconds" if kind is Kind.INTEGER and (seconds or _SECONDS.search(name)) else ""
    return Column(unique, kind, original, unit=unit, personal=_personal(name, original, kind))  # type: ignore[arg-type]


def _kind(name: str, original: str, seconds: bool) -> Kind:
    if seconds or (_SECONDS.search(name) and "_id" not in name):
        return Kind.INTEGER
    if name.endswith(("_id", "_ids")) or name == "id":
        return Kind.TEXT  # leading zeros, names in columns of ids, several ids with commas
    if _named(original)[1] or _INSTANT.search(name):
        return Kind.TIME
    if _BOOLEAN.search(name):
        return Kind.BOOLEAN
    return Kind.INTEGER if _COUNT.search(name) else Kind.TEXT


def _personal(name: str, original: str, kind: Kind) -> Personal:
    """Return what a column may reveal. A column of ids holds names, unless it is the twin that ends in ID."""
    if kind is not Kind.TEXT:
        return ""
    if "email" in name:
        return "email"
    holds_names = _NAMES.search(name) and not (name.endswith("_raw_id") or re.search(r" IDs?$", original))
    if holds_names and "conversation_started_by" not in name:
        return "name"
    if _IMPERSONAL.search(name):
        return ""
    return "text" if re.search(r"title|remark|description|summary|explanation|topic", name) else "attributes"
