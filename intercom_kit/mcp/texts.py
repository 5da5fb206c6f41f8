"""Text that strangers wrote, made fit to be read as data: no markup, nothing hidden, of bounded length."""

import re
import unicodedata
from html.parser import HTMLParser

# Tags that message bodies have; other things in angle brackets are text.
_MARKUP = re.compile(
    r"</?(p|div|br|a|b|i|em|strong|u|span|img|ul|ol|li|h[1-6]|pre|code|blockquote|table|tbody|tr|td|th|hr|script|style"
    r"|iframe|font|html|body|head)\b[^<>]*>|<!--",
    re.IGNORECASE,
)
_BLOCKS = frozenset(
    {"p", "div", "br", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "tr", "table", "hr", "pre"}
)
_UNSEEN = frozenset({"script", "style", "head", "iframe", "template", "noscript", "object"})
_EMPTY = frozenset({"br", "img", "hr", "input", "meta", "link", "source", "wbr", "area", "col", "embed"})
_UNSEEN_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0|opacity\s*:\s*0(\.0+)?\s*(;|$)", re.IGNORECASE
)

_NEWLINE_OR_TAB = frozenset("\n\t")
# Blank, or joined to nothing, though not of the categories below: fillers and selectors that can carry hidden text.
_FILLERS = frozenset("\u115f\u1160\u3164\uffa0\u034f\u2800\u17b4\u17b5")
_SELECTORS = ((0xFE00, 0xFE0E), (0xE0100, 0xE01EF))  # U+FE0F stays: it colours emoji
# Joins letters in some scripts, and emoji everywhere.
_JOINERS = frozenset("\u200c\u200d")


def readable(text: str, longest: int | None = None) -> str:
    """Make text from outside fit for an assistant: markup to plain text, hidden characters out, at most so long."""
    text = _without_hidden(text)
    if _MARKUP.search(text):
        text = _without_hidden(_without_markup(text))  # which entities can bring back
    text = text.strip()
    if longest is not None and len(text) > longest:
        return f"{text[:longest].rstrip()}… [{len(text) - longest:,} more characters]"
    return text


def _without_hidden(text: str) -> str:
    """Take out what nobody sees: controls, direction marks, zero widths, tags, private and unassigned characters."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        character
        for place, character in enumerate(text)
        if _is_seen(character) or (character in _JOINERS and _joins(text, place))
    )


def _is_seen(character: str) -> bool:
    if character in _NEWLINE_OR_TAB:
        return True
    if character in _FILLERS or any(first <= ord(character) <= last for first, last in _SELECTORS):
        return False
    return unicodedata.category(character) not in ("Cc", "Cf", "Co", "Cn", "Cs")


def _joins(text: str, place: int) -> bool:
    """Tell whether a joiner stands between two visible characters that are no ASCII."""
    around = text[place - 1 : place] + text[place + 1 : place + 2]
    return len(around) == 2 and all(not one.isascii() and _is_seen(one) for one in around)


def _without_markup(html: str) -> str:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.said).splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


class _Reader(HTMLParser):
    """Collect the text that a person would see."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self._hidden: list[str] = []  # open elements from the first hidden one on

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        unseen = tag in _UNSEEN or "hidden" in given or bool(_UNSEEN_STYLE.search(given.get("style", "")))
        if tag not in _EMPTY and (self._hidden or unseen):
            self._hidden.append(tag)
        if self._hidden or unseen:
            return
        if tag in _BLOCKS:
            self.said.append("\n")
        if tag == "img":
            self.said.append(f"[image {given['alt']}]" if given.get("alt") else "[image]")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._hidden:
            while self._hidden.pop() != tag:
                pass
        elif tag in _BLOCKS and not self._hidden:
            self.said.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.said.append(data)
