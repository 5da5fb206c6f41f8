"""The computed style of an element, as far as it decides whether its text is visible."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from intercom_kit.html import measures
from intercom_kit.html.measures import BLACK, WHITE, Colour, Token
from intercom_kit.html.styles import ABSOLUTE_SIZES, RELATIVE_SIZES, Style, Tokens, word

# Text that is smaller, fainter or of less contrast counts as invisible.
SMALLEST_FONT = 3.5  # pixels
FAINTEST = 0.1  # opacity
LEAST_CONTRAST = 1.12
NARROWEST = 3.0  # pixels
# Pixels of offset beyond which an element is outside of the window.
FAR_BEFORE, FAR_BEYOND = -500.0, 5_000.0

_INLINE = frozenset({"inline", "contents", "ruby"})
_OF_TABLES = ("table-cell", "table-row", "table-row-group", "table-header-group", "table-footer-group", "table")


@dataclass(frozen=True)
class Look:
    """The computed style that text inherits; `background` is None where it is unknown, such as an image."""

    visible: bool = True
    font: float = 16.0
    colour: Colour = BLACK
    filled: Colour | None = None
    background: Colour | None = WHITE
    opacity: float = 1.0
    outlined: bool = False
    away: bool = False
    keeps_spaces: bool = False
    variables: Mapping[str, Tokens] = field(default_factory=dict, compare=False)

    @cached_property
    def is_seen(self) -> bool:
        """Return whether text of this style is visible."""
        return self.visible and not self.away and self.font > SMALLEST_FONT and self.stands_out

    @property
    def stands_out(self) -> bool:
        """Return whether text has enough contrast with its background."""
        if self.opacity < FAINTEST:
            return False
        colour = self.filled or self.colour
        if self.outlined:
            return True
        if self.background is None:
            return colour[3] >= FAINTEST
        return measures.contrast(measures.over(colour, self.background), self.background) >= LEAST_CONTRAST


def look_of(style: Style, above: Look, variables: Mapping[str, Tokens], usual: str) -> Look | None:
    """Return the look of an element within another, by its style; None where nothing inside can be visible.

    `usual` is the element's default `display`.
    """
    display = (
        word(style, "display") if len(style.get("display", ())) == 1 else ("block" if "display" in style else usual)
    )
    display = usual if display in ("inherit", "initial", "unset", "revert", "revert-layer") else display
    if display == "none" or word(style, "content-visibility") == "hidden":
        return None
    font = _font(style, above)
    placed = word(style, "position") in ("absolute", "fixed")
    boxed = placed or display not in _INLINE or word(style, "float") in ("left", "right")
    if _is_clipped(style, font, placed) or _is_far(style, font):
        return None
    if boxed and (_is_shut(style, font, display, placed) or _is_moved_away(style, font)):
        return None
    return replace(
        _coloured(style, above),
        visible={"visible": True, "hidden": False, "collapse": False}.get(
            word(style, "visibility"), above.visible or word(style, "visibility") == "initial"
        ),
        font=font,
        opacity=above.opacity * _opacity(style),
        away=_is_indented(style, font) if "text-indent" in style else above.away,
        keeps_spaces=word(style, "white-space").startswith(("pre", "break"))
        if "white-space" in style
        else above.keeps_spaces,
        variables=variables,
    )


def _one(style: Style, name: str) -> Token | None:
    value = style.get(name, ())
    return value[0] if value else None


def _pixels(style: Style, name: str, font: float, whole: float | None = 1280.0) -> float | None:
    token = _one(style, name)
    return None if token is None else measures.length(token, font, whole)


def _font(style: Style, above: Look) -> float:
    token, size = _one(style, "font-size"), above.font
    if token is not None:
        name = word(style, "font-size")
        if name in ABSOLUTE_SIZES or name == "initial":
            size = ABSOLUTE_SIZES.get(name, 16.0)
        elif name in RELATIVE_SIZES:
            size = above.font * RELATIVE_SIZES[name]
        else:
            measured = measures.length(token, above.font, above.font)
            size = above.font if measured is None else max(0.0, measured)
    token = _one(style, "zoom")
    zoom = measures.number(token) if token is not None else None
    return size * zoom if zoom else size


def _opacity(style: Style) -> float:
    token = _one(style, "opacity")
    opacity = measures.number(token) if token is not None else None
    opacity = 1.0 if opacity is None else min(1.0, max(0.0, opacity))
    for each in style.get("filter", ()):
        if each.type == "function" and each.lower_name == "opacity":
            (first, *_), *_ = [*measures.arguments(each), [None]]
            through = measures.number(first) if first is not None else None
            opacity *= 1.0 if through is None else max(0.0, through)
    return opacity


def _coloured(style: Style, above: Look) -> Look:
    """Return the look with the element's colours of text and background."""
    colour = _colour(style, "color", above.colour, above.colour) or above.colour
    filled = _colour(style, "-webkit-text-fill-color", above.filled, colour)
    background = above.background
    behind = _colour(style, "background-color", None, colour)
    if behind is not None and behind[3] > 0:
        background = measures.over(behind, background or WHITE) if background or behind[3] == 1 else None
    images = style.get("background-image", ())
    if any(token.type in ("url", "function") for token in images):
        background = None
    outlined = above.outlined
    for name in ("text-shadow", "-webkit-text-stroke"):
        if name in style:
            outlined = word(style, name) not in ("none", "initial", "unset")
    shines_through = word(style, "background-clip") == "text" and background is None
    return replace(above, colour=colour, filled=filled, background=background, outlined=outlined or shines_through)


def _colour(style: Style, name: str, inherited: Colour | None, current: Colour) -> Colour | None:
    token = _one(style, name)
    if token is None:
        return inherited
    if word(style, name) == "currentcolor":
        return current
    if word(style, name) == "initial":
        return BLACK if name == "color" else None
    return measures.colour(token) or inherited


def _is_clipped(style: Style, font: float, placed: bool) -> bool:
    clip = _one(style, "clip")
    if placed and clip is not None and clip.type == "function" and clip.lower_name == "rect":
        sides = [measures.length(each, font) for part in measures.arguments(clip) for each in part]
        if len(sides) == 4 and None not in sides:
            top, right, bottom, left = (side or 0.0 for side in sides)
            return right - left <= NARROWEST or bottom - top <= NARROWEST
    path = _one(style, "clip-path")
    if path is None or path.type != "function":
        return False
    parts = measures.arguments(path)
    match path.lower_name:
        case "inset":
            return _is_inset(parts[0], font)
        case "circle" | "ellipse":
            radii = [measures.length(each, font, 100.0) for each in parts[0][:2] if each.type != "ident"]
            return bool(radii) and min((100.0 if each is None else each) for each in radii[:1]) <= NARROWEST
        case "polygon":
            points = [[measures.length(each, font, 100.0) or 0.0 for each in part] for part in parts if len(part) == 2]
            return len(points) > 2 and _area(points) <= NARROWEST
    return False


def _is_inset(sides: list[Token], font: float) -> bool:
    """Return whether an inset clips a box from its sides until nothing is left."""
    insets = [
        measures.length(each, font, 100.0) for each in sides if each.type in ("percentage", "dimension", "number")
    ]
    relative = [each.type == "percentage" for each in sides]
    if not insets or None in insets or not all(relative[: len(insets)]):
        return False
    top = insets[0] or 0.0
    right = (insets[1] or 0.0) if len(insets) > 1 else top
    bottom = (insets[2] or 0.0) if len(insets) > 2 else top
    left = (insets[3] or 0.0) if len(insets) > 3 else right
    return top + bottom >= 99 or right + left >= 99


def _area(points: list[list[float]]) -> float:
    turned = zip(points, [*points[1:], points[0]], strict=True)
    return abs(sum(x * next_y - next_x * y for (x, y), (next_x, next_y) in turned)) / 2


def _is_far(style: Style, font: float) -> bool:
    """Return whether an element is positioned outside of the window."""
    placed = word(style, "position") in ("absolute", "fixed", "relative", "sticky", "-webkit-sticky")
    for side, other in (("left", "right"), ("top", "bottom")):
        at = (_pixels(style, side, font) or 0.0) if placed else 0.0
        at += _pixels(style, f"margin-{side}", font) or 0.0
        beyond = _pixels(style, other, font) if placed and side not in style else None
        if at <= FAR_BEFORE or at >= FAR_BEYOND or (beyond is not None and not FAR_BEFORE < beyond < FAR_BEYOND):
            return True
    return False


def _is_moved_away(style: Style, font: float) -> bool:
    """Return whether a transform moves an element out of the window, or shrinks it to nothing."""
    functions = [
        (each.lower_name, measures.arguments(each)) for each in style.get("transform", ()) if each.type == "function"
    ]
    functions += [(name, [[each] for each in style[name]]) for name in ("translate", "scale") if name in style]
    for name, parts in functions:
        values = [part[0] for part in parts if part]
        if name.startswith("translate"):
            lengths = [measures.length(each, font, 20.0) or 0.0 for each in values]
            if any(each <= FAR_BEFORE or each >= FAR_BEYOND for each in lengths):
                return True
        elif name.startswith("scale"):
            factors = [measures.number(each) for each in values[: 2 if name in ("scale3d", "scale") else 1]]
            if name != "scalez" and any(each is not None and abs(each) < FAINTEST / 2 for each in factors):
                return True
        elif name in ("rotatex", "rotatey"):
            turned = measures.angle(values[0]) if values else None
            if turned is not None and abs(turned % 180 - 90) < 1:
                return True
        elif name == "matrix":
            numbers = [measures.number(each) or 0.0 for each in values]
            flat = len(numbers) == 6 and abs(numbers[0] * numbers[3] - numbers[1] * numbers[2]) < FAINTEST**2
            if flat or any(each <= FAR_BEFORE for each in numbers[4:]):
                return True
    return False


def _is_shut(style: Style, font: float, display: str, placed: bool) -> bool:
    """Return whether an element has no room for its text, and hides the overflow."""
    if not _cuts(style) or (display in _OF_TABLES and not placed):
        return False
    heights = [_pixels(style, name, font, None) for name in ("height", "max-height")]
    widths = [_pixels(style, name, font) for name in ("width", "max-width")]
    taller = max(_pixels(style, name, font, None) or 0.0 for name in ("min-height", "padding-top", "padding-bottom"))
    wider = _pixels(style, "min-width", font) or 0.0
    low = taller <= NARROWEST and any(each is not None and each <= NARROWEST for each in heights)
    return low or (wider <= NARROWEST and any(each is not None and each <= NARROWEST for each in widths))


def _cuts(style: Style) -> bool:
    words = [
        token.lower_value
        for name in ("overflow", "overflow-x", "overflow-y")
        for token in style.get(name, ())
        if token.type == "ident"
    ]
    return any(each in ("hidden", "clip", "scroll", "auto", "overlay") for each in words)


def _is_indented(style: Style, font: float) -> bool:
    """Return whether text-indent moves the text out of view."""
    token = style["text-indent"][0]
    indent = measures.length(token, font)
    return indent is not None and (indent <= FAR_BEFORE or indent >= FAR_BEYOND or (_cuts(style) and indent >= 1_280.0))
