"""Complete what a verb of a workspace takes: filters, values, metrics, groups, spans, tables, and SQL."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from IPython.core.completer import CompletionContext, SimpleCompletion, SimpleMatcherResult, context_matcher
from IPython.core.getipython import get_ipython

from intercom_kit.frames.attributes import HOLDERS
from intercom_kit.lake.opened import Lake
from intercom_kit.metrics import METRICS, Metric
from intercom_kit.metrics.periods import PERIODS
from intercom_kit.notebook.completion import COLUMNS, names_at
from intercom_kit.search.filters import known_filters
from intercom_kit.tables import CONTACTS, CONVERSATIONS, REVIEWS, TICKETS, Kind, Table
from intercom_kit.verbs.contacts import INCLUDES
from intercom_kit.workspace import Workspace

LISTS: dict[str, Table] = {
    "contacts": CONTACTS,
    "search_contacts": CONTACTS,
    "conversations": CONVERSATIONS,
    "search_conversations": CONVERSATIONS,
    "tickets": TICKETS,
}
MEASURES = ("metric", "explain_metric")
QUERIES = ("sql", "plan")
SPANS = (
    *("today", "yesterday", "this week", "last week", "this month", "last month", "this quarter", "last quarter"),
    *("7d", "28d", "90d"),
)
_INCLUDES = {CONTACTS.name: INCLUDES, CONVERSATIONS.name: tuple(REVIEWS)}
_TOKEN = re.compile(r"""'''|\"\"\"|['"]|#[^\n]*|[()\[\]{},]""")
_CALLEE = re.compile(r"(\w+)\s*\.\s*(\w+)\s*$")
_NAMED = re.compile(r"\s*(\w+)\s*=(?!=)\s*")
_METRIC = re.compile(r"""\s*(?:name\s*=\s*)?["']([^"']+)["']""")


@dataclass(frozen=True)
class Call:
    """A call that is being written: what stands before the cursor."""

    receiver: str
    verb: str
    earlier: tuple[str, ...]
    current: str
    text: str | None  # of the string that the cursor is in

    @property
    def keyword(self) -> str:
        """Return the argument that the cursor is in; empty for one without a name."""
        found = _NAMED.match(self.current)
        return found[1] if found else ""

    @property
    def metric(self) -> Metric | None:
        """Return the metric that the call names first."""
        found = _METRIC.match(self.earlier[0]) if self.earlier else None
        return METRICS.get(found[1]) if found else None

    @property
    def given(self) -> set[str]:
        """Return the names of the arguments before this one."""
        return {found[1] for found in map(_NAMED.match, self.earlier) if found}


@context_matcher(identifier="intercom_kit.calls")  # type: ignore[untyped-decorator]
def complete(context: CompletionContext) -> SimpleMatcherResult:
    """Complete the argument at the cursor of a call of a workspace's or a lake's verb."""
    nothing = SimpleMatcherResult(completions=[])
    lines = context.full_text.split("\n")
    before = "\n".join([*lines[: context.cursor_line], context.text_until_cursor])
    if before.lstrip().startswith("%") or (call := call_at(before)) is None or not _is_ours(call.receiver):
        return nothing
    if call.text is None:
        fragment = re.search(r"\w*$", before)
        start = fragment[0] if fragment else ""
        found = _unquoted(call)
    else:
        of_query = call.verb in QUERIES
        start = call.text if not of_query else re.split(r"\W", call.text)[-1]
        after = context.full_text.split("\n", context.cursor_line)[-1][context.cursor_position :]
        found = names_at(call.text, call.text + after) if of_query else dict.fromkeys(values(call), "value")
    matching = [SimpleCompletion(name, type=kind) for name, kind in found.items() if name.startswith(start)]
    if not matching:
        return nothing
    return {"completions": matching, "matched_fragment": start, "suppress": call.text is not None}


def call_at(before: str) -> Call | None:
    """Return the innermost call that is open at the end of a text; None where there is none, or no method's."""
    opened, string = _open(before)
    places = next((each for each in reversed(opened) if before[each[0]] == "("), None)
    callee = _CALLEE.search(before[: places[0]]) if places else None
    if places is None or callee is None:
        return None
    *earlier, current = (before[at + 1 : following] for at, following in pairwise([*places, len(before)]))
    return Call(callee[1], callee[2], tuple(earlier), current, None if string is None else before[string:])


def _open(text: str) -> tuple[list[list[int]], int | None]:
    """Return each bracket that is open, as its place and those of its commas, and where an open string begins."""
    opened: list[list[int]] = []
    place = 0
    while token := _TOKEN.search(text, place):
        mark, place = token[0], token.end()
        if mark[0] in "\"'":
            end = re.compile(rf"(?:\\.|(?!{mark}).)*{mark}", re.DOTALL).match(text, place)
            if end is None:
                return opened, place
            place = end.end()
        elif mark in "([{":
            opened.append([token.start()])
        elif opened and mark == ",":
            opened[-1].append(token.start())
        elif opened and mark in ")]}":
            opened.pop()
    return opened, None


def values(call: Call) -> Iterable[str]:
    """Return the texts that an argument takes, as far as they are known without asking Intercom."""
    keyword = call.keyword or ("name" if not call.earlier and call.verb in MEASURES else "")
    if keyword in ("since", "until", "during") or keyword.endswith(("_since", "_until")):
        return SPANS
    if call.verb in MEASURES:
        return _of_metric(call, keyword)
    if call.verb == "schema":
        return COLUMNS
    table = LISTS.get(call.verb)
    if table is None:
        return ()
    match keyword:
        case "include":
            return _INCLUDES.get(table.name, ())
        case "expand":
            return (HOLDERS[table.name],)
    _, column = known_filters(table).get(keyword, ("", None))
    return column.values if column else ()


def _of_metric(call: Call, keyword: str) -> Iterable[str]:
    metric = call.metric
    match keyword:
        case "name":
            return METRICS
        case "period":
            return PERIODS
        case "compare":
            return ("previous",)
        case "by" if metric:
            return (*metric.subject.dimensions, *_columns_elsewhere(metric))
        case "definition" if metric:
            return metric.definitions
    dimension = metric.subject.table.column(keyword) if metric and keyword in metric.subject.table else None
    return dimension.values if dimension else ()


def _columns_elsewhere(metric: Metric) -> Iterable[str]:
    """Return the columns of other tables that a metric can be grouped by, as company.industry."""
    for name, (table, _, _) in metric.subject.others.items():
        yield from (f"{name}.{column.name}" for column in table.columns if column.kind is Kind.TEXT)


def _unquoted(call: Call) -> Mapping[str, str]:
    """Return what may follow without quotes: names of arguments, or values with their quotes."""
    if call.keyword:
        after = _NAMED.sub("", call.current, count=1)
        return dict.fromkeys((f'"{value}"' for value in values(call)), "value") if not after.strip() else {}
    if call.verb in LISTS:
        names: Iterable[str] = known_filters(LISTS[call.verb])
    elif call.verb in MEASURES and call.metric:
        names = (*call.metric.options, *call.metric.subject.dimensions)
    else:
        return {}
    return dict.fromkeys((f"{name}=" for name in names if name not in call.given), "param")


def _is_ours(name: str) -> bool:
    """Return whether a variable of the user's is a workspace or a lake."""
    shell: Any = get_ipython()
    return shell is not None and isinstance(shell.user_ns.get(name), Workspace | Lake)
