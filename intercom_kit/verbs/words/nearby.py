"""What was tried near a search for words that found nothing, in one sentence, so that no answer is a bare zero."""

import re
from collections.abc import Mapping
from typing import Any

import pandas as pd

from intercom_kit.errors import IntercomError
from intercom_kit.fetch.session import Session
from intercom_kit.frames.frame import Frame, receipt_of, with_receipt
from intercom_kit.frames.receipt import Receipt
from intercom_kit.search.conditions import comparison, either
from intercom_kit.tables import CONVERSATIONS, Table
from intercom_kit.verbs.arguments import selected
from intercom_kit.verbs.lists import ListCall, searched

_ENDINGS = re.compile(r"(?:ies|ing|ed|(?<=ss|sh|ch)es|(?<=[xz])es|(?<!s)s)$", re.IGNORECASE)
_SHORTEST_STEM = 4
_MOST_CONDITIONS = 15  # in one group of Intercom's search
_FEW = 50

_BETWEEN = "[^\\w'\u2019@.+-]+"  # words that no space divides
_QUOTES = '"“”„«»'
_OPERATORS = frozenset({"AND", "OR", "NOT"})
_REPLIES = "later replies were not searched: replies=True does, for a request per conversation"


def with_nearby(
    session: Session, table: Table, answer: Frame, text: str, fields: tuple[str, ...], filters: Mapping[str, Any]
) -> Frame:
    """Return an empty answer with a note on how its words were searched for, and how many rows have some of them.

    Costs one request: for all words and their stems at once.
    """
    receipt, words = receipt_of(answer), text.split()
    where = "its opening message or subject" if table is CONVERSATIONS else "its title or description"
    # `~` finds parts of words, so that a stem also finds what it is the beginning of.
    parts = [re.split(_BETWEEN, _bare(word)) for word in words if word not in _OPERATORS]
    bare = [part for several in parts for part in several if part]
    forms = list(dict.fromkeys(form for word in bare for form in (_stem(word), word, word.replace("-", ""))))
    tried = [form for form in forms if form != text][: _MOST_CONDITIONS // len(fields)]
    unsearched = [_REPLIES] if table is CONVERSATIONS else []
    said = [f"No {table.name.removesuffix('s')} has {_every(words)} in {where}{_within(filters)}"]
    if any(mark in text for mark in _QUOTES):
        said.append("quotation marks do not make a phrase: each word is searched for, marks included")
    if not _OPERATORS.isdisjoint(words):
        said.append("AND, OR and NOT are searched for as words: search once for each alternative")
    if tried:
        selection = selected(session, table, filters)
        selection.search(either([comparison(field, "~", form) for form in tried for field in fields]))
        try:
            near = searched(session, ListCall(table, selection, {}, _FEW, "descending"))
        except IntercomError:
            said.append(f"try {_quoted(tried, 'or')}")
            return _with_note(answer, receipt, [*said, *unsearched])
        receipt.requests += receipt_of(near).requests
        said.append(_found(near, tried, fields))
    else:
        said.append(f"try another word for it{', or fewer filters' * bool(filters)}")
    return _with_note(answer, receipt, [*said, *unsearched])


def with_nothing_said(answer: Frame, text: str, filters: Mapping[str, Any]) -> Frame:
    """Return an empty answer of a search through all messages, with a note on how its words were searched for."""
    words = text.split()
    alone = "search for each word alone, " if len(words) > 1 else ""
    said = [f"No conversation has {_every(words)} in any of its messages{_within(filters)}"]
    said.append(f"words may be parts of words here: {alone}try the beginning of a word, or a longer span")
    return _with_note(answer, receipt_of(answer), said)


def _with_note(answer: Frame, receipt: Receipt, said: list[str]) -> Frame:
    receipt.notes.insert(0, "; ".join(said))
    return with_receipt(answer, receipt)


def _found(near: pd.DataFrame, tried: list[str], fields: tuple[str, ...]) -> str:
    """Return how many rows have one of the forms, and of the newest ones how many have each."""
    receipt = receipt_of(near)
    total = receipt.total if receipt.total is not None else len(near)
    if not total:
        return f"none has {_quoted(tried, 'or')} either: try another word for it, a longer span or fewer filters"
    shortest = min(tried, key=len)
    if all(shortest.lower() in form.lower() for form in tried):
        return f"{total:,} {'has' if total == 1 else 'have'} {shortest!r}: search for that"
    texts = near[[field.replace(".", "_") for field in fields]].fillna("").agg(" ".join, axis=1).str.lower()
    counts = {form: int(texts.str.contains(form.lower(), regex=False).sum()) for form in tried}
    each = ", ".join(f"{form!r} {count:,}" for form, count in counts.items() if count)
    of = "" if total <= len(near) else f" of the newest {len(near)}"
    return f"{total:,} {'has' if total == 1 else 'have'} one of these ({each}{of}): search for one"


def _bare(word: str) -> str:
    """Return a word without the marks before and after it."""
    return word.strip("".join({letter for letter in word if not re.match(r"\w", letter)}))


def _stem(word: str) -> str:
    """Return a word without an English ending, where enough of it is left."""
    stem = _ENDINGS.sub("", word)
    return stem if len(stem) >= _SHORTEST_STEM else word


def _every(words: list[str]) -> str:
    return repr(words[0]) if len(words) == 1 else f"all of {_quoted(words, 'and')}"


def _quoted(words: list[str], last: str) -> str:
    return f" {last} ".join(filter(None, [", ".join(map(repr, words[:-1])), repr(words[-1])]))


def _within(filters: Mapping[str, Any]) -> str:
    named = [f"{name} {value}" for name, value in filters.items()]
    return f" ({', '.join(named)})" if named else ""
