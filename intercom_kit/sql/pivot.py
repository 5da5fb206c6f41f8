"""PIVOT without named values, such as `pivot conversations on state`, rewritten as SELECTs.

DuckDB would first create a type from the values, which a query may not do, and its plan does not show which rows it
reads for that. So a SELECT looks the values up, and the PIVOT then names them: `pivot conversations on state in (…)`
counts as a SELECT.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import duckdb

# Keywords that may stand before PIVOT: those of common table expressions.
_BEFORE = frozenset({"with", "recursive", "as", "not", "materialized"})
_AFTER = frozenset({"using", "group", "order", "limit", "offset"})


@dataclass(frozen=True)
class Pivot:
    """The parts of a PIVOT: its source, the expressions whose values become columns, and the text around them."""

    before: str
    source: str
    expressions: tuple[str, ...]
    after: str

    def values(self) -> tuple[str, ...]:
        """Return for each expression the SELECT that looks its values up, in the order of DuckDB's columns."""
        return tuple(
            f"{self.before} select distinct ({each})::varchar from {self.source} where ({each}) is not null order by 1"
            for each in self.expressions
        )

    def named(self, values: Sequence[Sequence[str]]) -> str:
        """Return the text of the PIVOT with the values of each expression named."""
        lists = (", ".join("'" + value.replace("'", "''") + "'" for value in some) for some in values)
        named = (f"({each}) in ({some})" for each, some in zip(self.expressions, lists, strict=True))
        return f"{self.before} pivot {self.source} on {', '.join(named)} {self.after}"


def read(query: str) -> Pivot | None:
    """Return the parts of a PIVOT; None if it is inside another query, or already names values."""
    text = query.encode()  # tokens are found by bytes
    words = list(_outer_words(text))
    pivots = [place for place, (_, word) in enumerate(words) if word in ("pivot", "pivot_wider")]
    if len(pivots) != 1 or not {word for _, word in words[: pivots[0]] if word != ","} <= _BEFORE:
        return None
    start, name = words[pivots[0]]
    following = words[pivots[0] + 1 :]
    on = max((place for place, word in following if word == "on"), default=len(text))
    end = min((place for place, word in following if place > on and word in _AFTER), default=len(text))
    inner = [(place, word) for place, word in following if on < place < end]
    if not text[on + 2 : end].strip() or any(word == "in" for _, word in inner):
        return None
    cuts = [on + 1, *(place for place, word in inner if word == ","), end]
    # Each part ends in a new line, since it may end in a comment.
    expressions = [text[a + 1 : b].decode().strip() + "\n" for a, b in pairwise(cuts)]
    source = text[start + len(name) : on].decode().strip() + "\n"
    return Pivot(text[:start].decode(), source, tuple(expressions), text[end:].decode())


def _outer_words(text: bytes) -> Iterator[tuple[int, str]]:
    """Yield the keywords and commas outside all brackets, with their positions in bytes."""
    depth = 0
    for place, kind in duckdb.tokenize(text.decode()):
        if kind == duckdb.token_type.operator:
            sign = chr(text[place])
            depth += (sign in "([{") - (sign in ")]}")
            if depth == 0 and sign == ",":
                yield place, sign
        elif kind == duckdb.token_type.keyword and depth == 0 and (word := re.match(rb"\w+", text[place:])):
            yield place, word[0].decode().lower()
