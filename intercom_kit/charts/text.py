"""Names and numbers as texts that plotly can draw in the room that there is."""

from collections.abc import Iterable

_LETTER = 6.8  # the width of one, in pixels
_LONGEST = 33  # letters of a name, for which there is room
_WIDEST = 260


def width(texts: Iterable[str]) -> int:
    """Return the width of the longest of some texts, in pixels."""
    return round(min(_LETTER * max(map(len, texts), default=4), _WIDEST))


def plain(text: str) -> str:
    """Return a text escaped, so that plotly does not read it as HTML."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\n", "<br>")


def shortened(name: str) -> str:
    """Return a name without the middle if it is long, since names often begin alike."""
    return name if len(name) <= _LONGEST else f"{name[:20]}…{name[-12:]}"


def number(value: float) -> str:
    """Return a number with as many digits as matter."""
    return f"{value:.2g}" if abs(value) < 10 else f"{value:,.0f}"
