"""A query as it is meant: without its wrapping, and in DuckDB's SQL, where only that can be meant."""

import re
from collections.abc import Callable
from importlib.util import find_spec
from typing import TYPE_CHECKING

from intercom_kit.errors import BadQueryError, QueryTimeoutError
from intercom_kit.mcp.forgiving.known import METRICS
from intercom_kit.mcp.forgiving.names import table_meant
from intercom_kit.mcp.forgiving.sql.elsewhere import COLUMNS_HERE, OTHERWISE, SLIPS, TABLES_HERE
from intercom_kit.mcp.forgiving.sql.functions import FOREIGN, UNITS
from intercom_kit.mcp.forgiving.sql.wrapping import unwrapped
from intercom_kit.tables import TABLES

if TYPE_CHECKING:
    import pandas as pd

_QUOTES = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u00a0": " "})
_LITERAL = r"'(?:[^']|'')*+'"  # possessive, as some below, so that many quotes are not tried in every way

_ATTRIBUTE = re.compile(
    rf"({_LITERAL})|((?:\b\w+\.)?\bcustom_attributes)\s*\.\s*(\w+)|\bjson_value(?=\s*\()", re.IGNORECASE
)
_NUMBERED = re.compile(r"(\b(?:\w+\.)?\w*id\s*=\s*)(\d+)\b", re.IGNORECASE)
_BRACKETED = re.compile(rf"({_LITERAL})|\[(\w+)\]")
_TOP = re.compile(r"\s*select\s+(distinct\s+)?top\s*\(?(\d+)\)?\s+(?!percent|with\b)(.*)", re.IGNORECASE | re.DOTALL)
_COMPARED = re.compile(rf"({_LITERAL})|((?:=|<>|!=|\blike|\bilike)\s*)\"([^\"]*)\"", re.IGNORECASE)
_LISTED = re.compile(rf"\bin\s*\((?:[^()']|{_LITERAL})*+\)", re.IGNORECASE)
_QUOTED = re.compile(rf"({_LITERAL})|([(,]\s*)\"([^\"]*)\"")
_UNIT = re.compile(rf"({_LITERAL})|(\bdate_?(?:trunc|part|diff|add|sub)\s*\(\s*)\"(\w+)\"", re.IGNORECASE)
_COLUMNS = {column.name for table in TABLES.values() for column in table.columns}
_ROUNDS = 4  # of corrections, each of which shows the next mistake
# Longer queries are taken as they stand: to look for what they mean takes time, in which all callers of a server wait.
_LONGEST = 10_000  # characters


def answered(ask: "Callable[[str], pd.DataFrame]", query: str) -> "pd.DataFrame":
    """Return the answer to a query, with a note on what was read otherwise than it stands.

    Raises BadQueryError with DuckDB's form of what it does not know.
    """
    from intercom_kit.frames.frame import receipt_of, with_receipt

    if len(query) > _LONGEST:
        return ask(unwrapped(query))
    text, said = _attributes(unwrapped(query))
    for _ in range(_ROUNDS):
        try:
            answer = ask(text)
            break
        except BadQueryError as error:
            if error.plan is not None or isinstance(error, QueryTimeoutError):
                raise
            again, more = _corrected(text, str(error))
            if again == text:
                raise _advised(error, text) from error
            text, said = again, said + more
    else:
        answer = ask(text)
    notes = [note for pattern, note in SLIPS.items() if re.search(pattern, text, re.IGNORECASE)]
    if said:
        notes.insert(0, f"The SQL was read with {'; '.join(dict.fromkeys(said))}")
    if not notes:
        return answer
    receipt = receipt_of(answer)
    receipt.notes[:0] = notes
    return with_receipt(answer, receipt)


def _attributes(query: str) -> tuple[str, list[str]]:
    """Return a query that reads members of custom attributes as text: a dot gives JSON, in quotation marks."""
    said: list[str] = []

    def text(found: re.Match[str]) -> str:
        if found[1]:
            return found[0]
        if not found[2]:
            said.append("json_value as json_extract_string")
            return "json_extract_string"
        new = f"({found[2]} ->> '{found[3]}')"
        said.append(f"{found[0]} as {new[1:-1]}, a text")
        return new

    return _ATTRIBUTE.sub(text, query), said


def _corrected(query: str, error: str) -> tuple[str, list[str]]:
    """Return a query with all that can be read in one way only, and what that was."""
    said: list[str] = []
    query = re.sub(rf"{_LITERAL}|[{''.join(map(chr, _QUOTES))}]", _straight, query)
    if find_spec("sqlglot") is not None:
        from intercom_kit.mcp.forgiving.sql.calls import rewritten

        query, said = rewritten(query)
    if (top := _TOP.fullmatch(query)) and not re.search(r"\b(limit|union|top)\b", top[3], re.IGNORECASE):
        query = f"select {top[1] or ''}{top[3].rstrip().rstrip(';')}\nlimit {top[2]}"
        said.append(f"top {top[2]} as limit {top[2]}")
    if 'near "["' in error and re.search(r"\b(?:from|join)\s+\[", query, re.IGNORECASE):
        query = _BRACKETED.sub(lambda name: name[1] or name[2], query)
        said.append("names without brackets")
    if "only for a given" in error and (text := _NUMBERED.sub(r"\1'\2'", query)) != query:
        query = text
        said.append("ids as texts")
    if table := _table(error):
        named = rf"({_LITERAL})|(?<![\w.\"])\"?{re.escape(table[0])}\"?(?![\w\"])"
        query = re.sub(named, lambda found: found[1] or table[1], query)
        said.append(f"{table[0]} as {table[1]}")
    return _literals(query, error, said)


def _straight(found: re.Match[str]) -> str:
    """Return a quotation mark as SQL has it, and a text in such marks as it is."""
    return found[0].translate(_QUOTES) if len(found[0]) == 1 else found[0]


def _table(error: str) -> tuple[str, str] | None:
    """Return a table that does not exist, and the one that is meant: its plural, or the same without a schema."""
    found = re.match(r"There is no table ([\w.]+)", error)
    meant = table_meant(found[1]) if found else None
    return (found[1], meant) if found and meant else None


def _literals(query: str, error: str, said: list[str]) -> tuple[str, list[str]]:
    """Return a query with single quotes around what is compared in double ones, where no column is called so."""
    unknown = re.match(r"There is no column (.+?)(?: in \w+)? \(line", error)
    literals = {unknown[1]} - _COLUMNS if unknown else set[str]()
    if "Could not convert string" in error:  # "open" is a column, too
        literals |= {value for table in TABLES.values() for column in table.columns for value in column.values}
    more: list[str] = []

    def text(found: re.Match[str]) -> str:
        if found[1] or found[3] not in literals:
            return found[0]
        more.append(f"\"{found[3]}\" as '{found[3]}'")
        return f"{found[2]}'{found[3].replace(chr(39), chr(39) * 2)}'"

    query = _LISTED.sub(lambda listed: _QUOTED.sub(text, listed[0]), _COMPARED.sub(text, query))
    return _UNIT.sub(text, query), said + more


def _advised(error: BadQueryError, query: str) -> BadQueryError:
    """Return the error with what is here in place of each foreign name, function and clause in the query."""
    said = re.split(r"\s*Candidate functions:", str(error))[0]
    unknown = re.match(r"(There is no (table|column) ([\w.]+).*?\)):", said)
    if unknown:
        name = unknown[3].lower()
        here = (TABLES_HERE if unknown[2] == "table" else COLUMNS_HERE).get(name)
        found = [f"that is {here}"] * bool(here) + [f"intercom_metric(name='{name}') computes it"] * (name in METRICS)
        said = f"{unknown[1]}: {', and '.join(found)}." if found else said
    code = re.sub(_LITERAL, "''", query)
    by_name = unknown is not None and unknown[3].lower() not in UNITS  # so that no function is what is wrong
    forms = [
        f"{other.instead} for {name}"
        for name, other in FOREIGN.items()
        if not by_name and re.search(rf"\b{name}\s*\(", code, re.IGNORECASE)
    ]
    forms += [form for pattern, form in OTHERWISE.items() if re.search(pattern, query, re.IGNORECASE)]
    if not forms:
        return error if said == str(error) else BadQueryError(said)
    first = said.splitlines()[0].strip()
    full = first if first.endswith("?") else f"{first.rstrip('.')}."
    return BadQueryError(f"{full} DuckDB's SQL has {'; '.join(dict.fromkeys(forms))}.")
