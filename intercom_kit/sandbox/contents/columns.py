"""Columns: one field of all records, as numpy arrays that can be searched."""

import re
from collections.abc import Iterable, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
MISSING = -1.0  # recorded: a cursor carries -1 where the sort field is null


class NumberColumn:
    """Numbers, times and booleans, one per row; NaN where the value is missing or not a number."""

    def __init__(self, values: Sequence[object]) -> None:
        try:
            self.values = np.array(values, dtype=np.float64)  # None becomes NaN, and this is ten times faster
        except (TypeError, ValueError):
            self.values = np.array([_number(value) for value in values], dtype=np.float64)

    @property
    def missing(self) -> Mask:
        return np.isnan(self.values)

    @property
    def sort_keys(self) -> NDArray[np.float64]:
        """Return a sort key per row."""
        return np.where(self.missing, MISSING, self.values)


class TextColumn:
    """Texts and ids, any number per row: a dictionary of distinct texts, and a code for each occurrence."""

    def __init__(self, values: Iterable[object]) -> None:
        codes: dict[str, int] = {}
        rows, coded = [], []
        self.size = 0
        for row, value in enumerate(values):
            self.size = row + 1
            for member in value if isinstance(value, list) else (value,):
                if member is not None:
                    rows.append(row)
                    coded.append(codes.setdefault(member if isinstance(member, str) else str(member), len(codes)))
        self._codes = codes
        self._rows = np.array(rows, dtype=np.int64)
        self._coded = np.array(coded, dtype=np.int64)
        self.vocabulary = list(codes)

    @property
    def missing(self) -> Mask:
        mask = np.ones(self.size, dtype=bool)
        mask[self._rows] = False
        return mask

    def rows_with(self, text: str) -> NDArray[np.int64]:
        rows: NDArray[np.int64] = self._rows[self._coded == self._codes.get(text, -1)]
        return rows

    def having(self, wanted: Iterable[str]) -> Mask:
        return self._spread([self._codes[text] for text in wanted if text in self._codes])

    def matching(self, operator: str, wanted: str) -> Mask:
        """Return the rows with a text that contains, begins with (^) or ends with ($) `wanted`, ignoring case."""
        test = {"^": str.startswith, "$": str.endswith}.get(operator, str.__contains__)
        wanted = wanted.lower()
        return self._spread([code for code, text in enumerate(self.vocabulary) if test(text.lower(), wanted)])

    def with_token(self, token: str) -> Mask:
        return self._spread(self._tokens.get(token.lower(), []))

    def with_words(self, wanted: str) -> Mask:
        """Return the rows with a text that contains these whole words in sequence, ignoring case."""
        phrase = _spaced(wanted)
        return self._spread(
            [code for code, text in enumerate(self._spaced_texts) if phrase in text] if phrase.strip() else []
        )

    def _spread(self, codes: list[int]) -> Mask:
        chosen = np.zeros(len(self.vocabulary) + 1, dtype=bool)
        chosen[codes] = True
        mask = np.zeros(self.size, dtype=bool)
        mask[self._rows[chosen[self._coded]]] = True
        return mask

    @cached_property
    def _spaced_texts(self) -> list[str]:
        return [_spaced(text) for text in self.vocabulary]

    @cached_property
    def _tokens(self) -> dict[str, list[int]]:
        index: dict[str, list[int]] = {}
        for code, text in enumerate(self.vocabulary):
            for token in set(words(text)):
                index.setdefault(token, []).append(code)
        return index

    @property
    def sort_keys(self) -> NDArray[np.float64]:
        """Return a rank per row: whole numbers by value, other texts after them, alphabetically."""
        ranked = sorted(range(len(self.vocabulary)), key=lambda code: _text_order(self.vocabulary[code]))
        ranks = np.empty(len(ranked), dtype=np.float64)
        ranks[ranked] = np.arange(len(ranked))
        keys = np.full(self.size, MISSING)
        keys[self._rows] = ranks[self._coded]
        return keys


def words(text: str) -> list[str]:
    return re.findall(r"[\w']+", re.sub(r"<[^>]*>|&\w+;", " ", text).lower())


def _spaced(text: str) -> str:
    """Return a text's words with a space before and after each."""
    return f" {' '.join(words(text))} "


def _number(value: object) -> float:
    """Return a number, also from text; anything else is NaN."""
    if isinstance(value, int | float):
        return float(value)
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return float("nan")
    return float("nan")


def _text_order(text: str) -> tuple[int, int, str]:
    return (0, int(text), "") if text.isdecimal() else (1, 0, text)
