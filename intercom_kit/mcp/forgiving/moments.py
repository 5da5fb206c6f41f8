"""Times in the words that `values.times` reads, from others that mean the same."""

import re

_NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_COUNTED = re.compile(rf"\b({'|'.join(_NUMBERS)}|an?)\s+(?=(?:min|hour|day|week|month|quarter|year))", re.IGNORECASE)
_BEFORE_IT = re.compile(r"^(?:since|from|until|in|during|within)\s+", re.IGNORECASE)
_NOW_LESS = re.compile(r"(?:now|today)(?:\(\))?\s*-\s*(\d+\s*\w+)", re.IGNORECASE)
_SLASHED = re.compile(r"(\d{4})/(\d{1,2})/(\d{1,2})")
_MILLISECONDS = re.compile(r"1\d{12}")  # from 2001 to 2033


_AGE = re.compile(r"(?:(?:the )?(?:last|past) )?\d+ ?[a-z]+(?: ago)?", re.IGNORECASE)


def edges(name: str, value: object) -> dict[str, str] | None:
    """Return where a span begins, and where it ends unless it reaches until now; None for a number without a unit."""
    number = isinstance(value, int) or str(value).strip().isdecimal()
    if number and name != "days":
        return None
    words = f"{value}d" if number else spelled(str(value))
    return {"since": words} if _AGE.fullmatch(words) else {"since": words, "until": words}


def spelled(text: str) -> str:
    """Return a time as `values.times` reads it; as it is where nothing else is certain."""
    words = _BEFORE_IT.sub("", text.strip())
    if found := _NOW_LESS.fullmatch(words):
        return found[1]
    if found := _SLASHED.fullmatch(words):
        return f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}"
    if _MILLISECONDS.fullmatch(words):
        return words[:-3]
    return _COUNTED.sub(lambda count: f"{_counted(count[1])} ", words)


def _counted(word: str) -> int:
    return _NUMBERS.index(word.lower()) if word.lower() in _NUMBERS else 1
