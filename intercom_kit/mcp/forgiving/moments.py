"""Times in the words that `values.times` reads, from others that mean the same."""

import re
from collections.abc import Mapping
from typing import Any

from intercom_kit.mcp.forgiving import names
from intercom_kit.values.calendar_words import MONTHS

_NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_COUNTED = re.compile(rf"\b({'|'.join(_NUMBERS)}|an?)\s+(?=(?:min|hour|day|week|month|quarter|year))", re.IGNORECASE)
_BEFORE_IT = re.compile(r"^(?:since|from|until|in|during|within)\s+", re.IGNORECASE)
_NOW_LESS = re.compile(r"(?:now|today)(?:\(\))?\s*-\s*(?:interval\s*)?'?(\d+\s*\w+)'?", re.IGNORECASE)
_SLASHED = re.compile(r"(\d{4})/(\d{1,2})/(\d{1,2})")
_MILLISECONDS = re.compile(r"1\d{12}")  # from 2001 to 2033
_SECONDS = re.compile(r"(1\d{9})\.\d+")
_WEEK_OF = re.compile(r"(?:week|w)\s*(\d{1,2}),?\s+(?:of\s+)?(\d{4})", re.IGNORECASE)
_UNIT = r"(hour|day|week|month|quarter|year)"
_PAST_ONE = re.compile(rf"(?:the\s+)?past\s+{_UNIT}", re.IGNORECASE)
_BEGUN = re.compile(rf"(?:(?:start|beginning)\s+of\s+(?:the\s+|this\s+)?)?{_UNIT}(?:\s+to\s+date)?", re.IGNORECASE)
_TO_DATE = {"wtd": "week", "mtd": "month", "qtd": "quarter", "ytd": "year"}
_DURATION = re.compile(r"P(\d+)([DWMY])")
_UNITS = {"D": "days", "W": "weeks", "M": "months", "Y": "years", "mo": "months"}
_NAMED = rf"({'|'.join(month[:3] for month in MONTHS)})[a-z]*\.?"
_MONTH_FIRST = re.compile(rf"{_NAMED}\s+(\d{{1,2}})(?:st|nd|rd|th)?,?\s+(\d{{4}})", re.IGNORECASE)
_DAY_FIRST = re.compile(rf"(\d{{1,2}})(?:st|nd|rd|th)?\.?\s+{_NAMED},?\s+(\d{{4}})", re.IGNORECASE)
_DATE = r"(\d{4}-\d\d(?:-\d\d)?)"
_SPAN = re.compile(
    rf"(?:between\s+|from\s+)?{_DATE}\s*(?:\.\.+|[/,]|\s(?:to|and|until|through|-)\s)\s*{_DATE}", re.IGNORECASE
)
_LENGTH = re.compile(r"(\d+)\s*(h|d|w)(?:ours?|ays?|eeks?)?", re.IGNORECASE)

_LONGEST = 200  # characters: no time has more words

_AGE = re.compile(r"(?:(?:the )?(?:last|past) )?\d+ ?[a-z]+(?: ago)?", re.IGNORECASE)


def edges(name: str, value: Any) -> dict[str, str] | None:
    """Return where a span begins, and where it ends unless it reaches until now; None for a number without a unit."""
    if isinstance(value, Mapping):
        named = {names.meant(str(each), ("since", "until"), ""): str(moment) for each, moment in value.items()}
        return {edge: moment for edge, moment in named.items() if edge} if None not in named else None
    if isinstance(value, list):
        return dict(zip(("since", "until"), map(str, value), strict=True)) if len(value) == 2 else None
    if found := span(value):
        return found
    if name == "last" and re.fullmatch(_UNIT, str(value)):
        value = f"last {value}"
    number = isinstance(value, int) or str(value).strip().isdecimal()
    if number and name != "days":
        return None
    words = f"{value}d" if number else spelled(str(value))
    return {"since": words} if _AGE.fullmatch(words) else {"since": words, "until": words}


def span(text: object) -> dict[str, str] | None:
    """Return both edges of a span in one text, such as "2026-11-01 to 2026-11-10"; None for any other."""
    found = _SPAN.fullmatch(text.strip()) if isinstance(text, str) and len(text) <= _LONGEST else None
    return {"since": found[1], "until": found[2]} if found else None


def length(text: Any) -> Any:
    """Return a length of time as 12h, 7d or 2w; as it is where that is not certain."""
    words = _spelled_duration(str(text)[:_LONGEST].strip())
    return f"{found[1]}{found[2].lower()}" if (found := _LENGTH.fullmatch(words)) else text


def _spelled_duration(words: str) -> str:
    return f"{found[1]} {_UNITS[found[2]]}" if (found := _DURATION.fullmatch(words)) else words


def spelled(text: str) -> str:
    """Return a time as `values.times` reads it; as it is where nothing else is certain."""
    if len(text) > _LONGEST:
        return text
    words = _BEFORE_IT.sub("", text.strip())
    if found := _NOW_LESS.fullmatch(words):
        return found[1]
    if found := _SLASHED.fullmatch(words):
        return f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}"
    if _MILLISECONDS.fullmatch(words):
        return words[:-3]
    if found := _SECONDS.fullmatch(words):
        return found[1]
    if found := _WEEK_OF.fullmatch(words):
        return f"{found[2]}-W{int(found[1]):02}"
    if found := _PAST_ONE.fullmatch(words):
        return f"1 {found[1].lower()}"
    if (unit := _TO_DATE.get(words.lower())) or ((found := _BEGUN.fullmatch(words)) and " " in words):
        return f"this {unit or found[1].lower()}"  # type: ignore[index]  # one of them is there
    if found := _MONTH_FIRST.fullmatch(words):
        return _day(found[3], found[1], found[2])
    if found := _DAY_FIRST.fullmatch(words):
        return _day(found[3], found[2], found[1])
    words = _spelled_duration(re.sub(r"^(\d+)\s*mo$", r"\1 months", words))
    return _COUNTED.sub(lambda count: f"{_counted(count[1])} ", words)


def _day(year: str, month: str, day: str) -> str:
    number = next(place for place, name in enumerate(MONTHS, 1) if name.startswith(month.lower()))
    return f"{year}-{number:02}-{int(day):02}"


def _counted(word: str) -> int:
    return _NUMBERS.index(word.lower()) if word.lower() in _NUMBERS else 1
