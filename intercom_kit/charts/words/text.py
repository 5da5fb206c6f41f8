"""Names and numbers as texts that plotly can draw in the room that there is."""

import html
import re
from collections.abc import Iterable

NARROWEST = 390  # pixels: the screen of a phone, on which every chart is to be read
SIDE = 14  # pixels left free at each side

_SHORT, _TALL = frozenset("ijlftrI1.,:;'|!()[]/ ·"), frozenset("mwMW%@—…")
_KEPT_TOGETHER = re.compile(
    r" (?=·)|(?<=\bn) (?== \d)|(?<=n =) (?=\d)|"
    r"(?<=\d) (?=%|(?:min|h|days|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\b)"
)
_LONGEST = 33  # letters of a name, for which there is room


def width(texts: Iterable[str], size: float = 12) -> int:
    """Return the width of the longest of some texts, in pixels, in the widest of the fonts that may be there."""
    return round(max((_width(html.unescape(text), size) for text in texts), default=0))


def _width(text: str, size: float) -> float:
    letters = (0.42 if letter in _SHORT else 0.95 if letter in _TALL else 0.63 for letter in text)
    return size * sum(letters)


def wrapped(text: str, size: float, room: float = NARROWEST - 2 * SIDE) -> list[str]:
    """Return a text in lines that are at most as wide as the narrowest screen leaves room for."""
    lines: list[str] = []
    for word in _KEPT_TOGETHER.sub("\N{NO-BREAK SPACE}", text).split(" "):
        if lines and width([f"{lines[-1]} {word}"], size) <= room:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return [line.replace("\N{NO-BREAK SPACE}", " ") for line in lines if line]


def meant(text: str) -> str:
    """Return a text of Intercom's, which escapes some, as the person who wrote it meant it."""
    return html.unescape(html.unescape(text))


def plain(text: str) -> str:
    """Return a text, as its author meant it, escaped so that plotly does not read it as HTML."""
    return meant(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\n", "<br>")


def shortened(name: str, most: int = _LONGEST) -> str:
    """Return a name without the middle if it is long, since names often begin alike."""
    end = most // 3 + 1
    return name if len(name) <= most else f"{name[: most - end - 1]}…{name[-end:]}"


def fitting(label: str, most: int) -> str:
    """Return an escaped name shortened to some letters, and escaped again."""
    return plain(shortened(html.unescape(label), most))


def counted(n: int, things: str, one: str = "") -> str:
    """Return a number of things in words, such as "1 account" and "2 accounts"."""
    return f"{n:,} {(one or things.removesuffix('s')) if n == 1 else things}"
