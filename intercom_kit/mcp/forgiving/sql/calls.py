"""Calls of another dialect's functions in a query, each put into DuckDB's SQL by sqlglot, and nothing else of it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import ErrorLevel, transpile
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.errors import SqlglotError

from intercom_kit.mcp.forgiving.sql.functions import FOREIGN

_ROUNDS = 30  # of calls in one query, an inner one before the one around it


@dataclass(frozen=True)
class Call:
    """One call in a query: where it begins and ends, and its function."""

    begin: int
    end: int
    name: str


def rewritten(query: str) -> tuple[str, list[str]]:
    """Return a query with calls put into DuckDB's SQL whose reading is certain, and what each was and is."""
    said: list[str] = []
    for _ in range(_ROUNDS):
        found = next(_translated(query), None)
        if found is None:
            return query, said
        call, text = found
        said.append(f"{query[call.begin : call.end]} as {text}")
        query = query[: call.begin] + text + query[call.end :]
    return query, said


def _translated(query: str) -> Iterator[tuple[Call, str]]:
    """Yield the calls of a query that can be translated, with their translations, the last one first."""
    for call in reversed(list(_calls(query))):
        text = query[call.begin : call.end]
        dialect = FOREIGN[call.name].dialect(text[text.index("(") :])
        if dialect is None:
            continue
        try:
            (read,) = transpile(f"select {text}", read=dialect, write="duckdb", unsupported_level=ErrorLevel.RAISE)
        except (SqlglotError, ValueError, RecursionError):
            continue
        new = read.removeprefix("SELECT ")
        same = new.lower().startswith(f"{call.name}(")
        if not (same and FOREIGN[call.name].dialect(new[new.index("(") :])):
            # In brackets, as it may be an expression: NOT x IS NULL, a - b.
            yield call, new if _stands_alone(new) else f"({new})"


def _stands_alone(text: str) -> bool:
    """Return whether an expression is one word or call, whose neighbours cannot change how it is read."""
    name, bracket, _ = text.partition("(")
    if not bracket or "'" in text:
        return re.fullmatch(r"\w+(?:\([^()]*\))?", text) is not None
    return name.isidentifier() and _closing(list(text), len(name)) == len(text) - 1


def _calls(query: str) -> Iterator[Call]:
    """Yield the calls of foreign functions in a query, by where they begin."""
    try:
        tokens = DuckDB().tokenize(query)
    except SqlglotError:
        return
    words = ["'" if token.token_type.name == "STRING" else token.text.lower() for token in tokens]
    called = [place for place, word in enumerate(words[:-1]) if word in FOREIGN and words[place + 1] == "("]
    for place in called[-_ROUNDS:]:
        closing = _closing(words, place + 1)
        if closing is not None:
            yield Call(tokens[place].start, tokens[closing].end + 1, words[place])


def _closing(words: list[str], opening: int) -> int | None:
    """Return the place of the bracket that closes the one at a place."""
    depth = 0
    for place in range(opening, len(words)):
        depth += (words[place] == "(") - (words[place] == ")")
        if depth == 0:
            return place
    return None
