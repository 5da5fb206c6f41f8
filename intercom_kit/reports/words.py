"""What the words of a report mean: known ones, and others by what our conversations show."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from typing import Any

import pandas as pd

from intercom_kit.reports.comparisons import Words
from intercom_kit.reports.report import ID, MOMENT, Report

# A word means what most of its conversations show; agreement below this share says nothing.
AGREED = 0.9
# The columns of conversations that tell when something was done, by the meaning of the word for it.
MOMENTS = {"reply": ("first_admin_reply_at",), "close": ("first_close_at", "last_close_at")}


def understand(report: Report, words: Words, context: pd.DataFrame) -> None:
    """Add what the words of a report mean: `word`, or the list `words` where cells hold several.

    Unknown words that conversations explain are noted with how often; a word that stays unknown is noted, too.
    """
    cells = [_split(cell, words) for cell in report.rows[words.column]]
    unknown = {word for cell in cells for word in cell} - words.known.keys()
    if words.lists:
        learnt, how = _by_moment(report.rows, cells, unknown, context)
    else:
        learnt, how = _by_conversation(report.rows, cells, unknown, words, context)
    report.notes += how
    meanings = dict(words.known) | learnt
    found = [[meanings[word] for word in cell if word in meanings] for cell in cells]
    if words.lists:
        report.rows["words"] = pd.Series(found, dtype="object", index=report.rows.index)
        return
    report.rows["word"] = pd.array([next(iter(cell), None) for cell in found], dtype="str")
    if left := sorted(unknown - learnt.keys()):
        report.notes.append(f"Nothing says what these words mean: {', '.join(map(repr, left[:5]))}.")


def _split(cell: Any, words: Words) -> list[str]:
    if not isinstance(cell, str):
        return []
    parts = cell.split(",") if words.lists else [cell]
    return [part.strip().lower() for part in parts if part.strip()]


Learnt = tuple[dict[str, str], list[str]]


def _by_conversation(
    rows: pd.DataFrame, cells: list[list[str]], unknown: Collection[str], words: Words, context: pd.DataFrame
) -> Learnt:
    """Learn words by what the same conversations are here."""
    shown = dict(zip(context[ID], context["meaning"], strict=True)) if "meaning" in context else {}
    seen: dict[str, Counter[str]] = defaultdict(Counter)
    for id, cell in zip(rows[ID], cells, strict=True):
        meaning = shown.get(id)
        if isinstance(meaning, str) and meaning in words.known.values():
            for word in cell:
                seen[word][meaning] += 1
    return _agreed(seen, unknown)


def _by_moment(rows: pd.DataFrame, cells: list[list[str]], unknown: Collection[str], context: pd.DataFrame) -> Learnt:
    """Learn words of actions by when the same conversations were answered and closed."""
    if not unknown or MOMENT not in rows or rows[MOMENT].dt.tz is None:
        return {}, []
    known = {id: place for place, id in enumerate(context[ID])}
    totals, seen = Counter[str](), defaultdict[str, Counter[str]](Counter)
    for id, moment, cell in zip(rows[ID], rows[MOMENT], cells, strict=True):
        if id not in known:
            continue
        for meaning, columns in MOMENTS.items():
            if any(context[column].iloc[known[id]] == moment for column in columns if column in context):
                totals[meaning] += 1
                for word in cell:
                    seen[word][meaning] += 1
    learnt, how = {}, []
    for word in sorted(unknown):
        for meaning, count in seen[word].items():
            if count >= AGREED * totals[meaning]:
                learnt[word] = meaning
                how.append(f"{word!r} was read as {meaning}, as at {count:,} of {totals[meaning]:,} such moments.")
    return learnt, how


def _agreed(seen: Mapping[str, Counter[str]], unknown: Collection[str]) -> Learnt:
    learnt, how = {}, []
    for word in sorted(unknown):
        total = sum(seen[word].values()) if word in seen else 0
        if not total:
            continue
        meaning, count = seen[word].most_common(1)[0]
        if count >= AGREED * total:
            learnt[word] = meaning
            how.append(f"{word!r} was read as {meaning}, as {count:,} of {total:,} such conversations are here.")
    return learnt, how
