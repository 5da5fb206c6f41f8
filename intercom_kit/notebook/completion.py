"""Complete the names of tables and columns in cells of `%%intercom`."""

import re

from IPython.core.completer import CompletionContext, SimpleCompletion, SimpleMatcherResult, context_matcher

from intercom_kit.sql.prepared import VIEWS
from intercom_kit.tables import TABLES

COLUMNS = {table.name: [column.name for column in table.columns] for table in TABLES.values()}
COLUMNS |= {name: re.findall(r" as (\w+)", query.partition(" from ")[0]) for name, query in VIEWS.items()}

_CELL = re.compile(r"\s*%%intercom\b")
_LINE = re.compile(r"%intercom\b")
_READ = re.compile(r"\b(?:from|join)\s+(\w+)(?:\s+(?:as\s+)?(\w+))?|,\s*(\w+)\s+(?:as\s+)?(\w+)", re.IGNORECASE)
_AFTER_FROM = re.compile(r"\b(?:from|join|describe|summarize)\s+\w*$", re.IGNORECASE)
_NAMED = re.compile(r"\b(\w+)\s+as\s+(?:materialized\s+)?\(", re.IGNORECASE)


@context_matcher(identifier="intercom_kit.sql")  # type: ignore[untyped-decorator]
def complete(context: CompletionContext) -> SimpleMatcherResult:
    """Complete the name at the cursor if it is in our SQL, without Python's own completions."""
    before = context.text_until_cursor
    fragment = re.search(r"\w*$", before)
    start = fragment[0] if fragment else ""
    in_cell = bool(_CELL.match(context.full_text)) and context.cursor_line > 0
    if not in_cell and not _LINE.search(before):
        return SimpleMatcherResult(completions=[])
    lines = context.full_text.split("\n")
    earlier = "\n".join([*lines[: context.cursor_line], before])
    found = [
        SimpleCompletion(name, type=kind)
        for name, kind in names_at(earlier, context.full_text).items()
        if name.startswith(start.lower())
    ]
    return {"completions": found, "matched_fragment": start, "suppress": bool(found)}


def names_at(before: str, query: str) -> dict[str, str]:
    """Return the names that may follow the text before the cursor, each with its kind: table or column."""
    tables = dict.fromkeys([*COLUMNS, *_NAMED.findall(query)], "table")
    if qualified := re.search(r"(\w+)\.\w*$", before):
        return dict.fromkeys(COLUMNS.get(_aliases(query).get(qualified[1].lower(), ""), []), "column")
    if _AFTER_FROM.search(before):
        return tables
    read = set(_aliases(query).values()) or set(COLUMNS)
    return dict.fromkeys((column for table in COLUMNS if table in read for column in COLUMNS[table]), "column") | tables


def _aliases(query: str) -> dict[str, str]:
    """Return the tables that a query reads, by alias and by name."""
    found: dict[str, str] = {}
    for match in _READ.finditer(query):
        table, alias, listed, its_alias = (name.lower() if name else "" for name in match.groups())
        for known, name in ((table, alias), (listed, its_alias)):
            if known in COLUMNS:
                found |= {known: known} | ({name: known} if name else {})
    return found
