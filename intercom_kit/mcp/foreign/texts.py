"""Foreign text cleaned for an assistant to read as data: no markup, nothing hidden, of bounded length."""

import re
import unicodedata
from functools import cache

from intercom_kit.mcp.foreign.links import without_addresses

# Certain markup: a tag that message bodies have, any tag with an attribute, any closing tag. Everything else in angle
# brackets is text.
_MARKUP = re.compile(
    r"</?(p|div|br|a|b|i|em|strong|u|span|img|ul|ol|li|h[1-6]|pre|code|blockquote|table|tbody|tr|td|th|hr|script|style"
    r"|iframe|font|html|body|head|section|article|center|template|svg)\b[^<>]*>|<!--|<!doctype|</[a-z][a-z0-9-]*\s*>"
    r"|<[a-z][a-z0-9-]*\s[^<>]*(?:=|\bhidden\b)",
    re.IGNORECASE,
)
_TAG_LIKE = re.compile(r"<(?=[a-zA-Z/!?])")
_WORD_JOINER = "\u2060"

_NEWLINE_OR_TAB = frozenset("\n\t")
# Invisible, though not of the categories below: fillers and variation selectors that can carry hidden text.
_FILLERS = frozenset("\u115f\u1160\u3164\uffa0\u034f\u2800\u17b4\u17b5")
_SELECTORS = ((0xFE00, 0xFE0E), (0xE0100, 0xE01EF))  # U+FE0F stays: it colours emoji
# Joins letters in some scripts, and emoji everywhere.
_JOINERS = frozenset("\u200c\u200d")


def readable(text: str, longest: int | None = None, *, addresses: bool = False) -> str:
    """Return the visible words of foreign text, cut to `longest` characters.

    Links and images are reduced to their words, unless `addresses` are requested.
    """
    if _MARKUP.search(text):
        from intercom_kit.html import markup  # slow, and most calls do not need it

        shown = "\n".join(markup.lines(markup.seen(text, addresses=addresses)))
        text = re.sub(r"\n{3,}", "\n\n", shown)
    text = _without_hidden(text)
    text = (text if addresses else without_addresses(text)).strip()
    if longest is not None and len(text) > longest:
        return f"{text[:longest].rstrip()}… [{len(text) - longest:,} more characters]"
    return text


def read_once(text: str) -> str:
    """Return the visible words of HTML, such that cleaning them again changes nothing.

    Visible text that looks like a tag gets an invisible character after its bracket.
    """
    return _TAG_LIKE.sub(f"<{_WORD_JOINER}", readable(text))


def _without_hidden(text: str) -> str:
    """Return a text without invisible characters: controls, direction marks, zero widths, tags, unassigned ones."""
    unseen = {character for character in set(text) if not _is_seen(character)}
    if not unseen.isdisjoint(_JOINERS):
        joined = (each for place, each in enumerate(text) if each not in _JOINERS or _joins(text, place))
        text, unseen = "".join(joined), unseen - _JOINERS
    return text.translate(dict.fromkeys(map(ord, unseen))) if unseen else text


@cache
def _is_seen(character: str) -> bool:
    if character in _NEWLINE_OR_TAB:
        return True
    if character in _FILLERS or any(first <= ord(character) <= last for first, last in _SELECTORS):
        return False
    return unicodedata.category(character) not in ("Cc", "Cf", "Co", "Cn", "Cs")


def _joins(text: str, place: int) -> bool:
    """Return whether a joiner stands between two visible non-ASCII characters."""
    around = text[place - 1 : place] + text[place + 1 : place + 2]
    return len(around) == 2 and all(not one.isascii() and _is_seen(one) for one in around)
