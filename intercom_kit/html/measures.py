"""Values of CSS: lengths in pixels, numbers, colours and their contrast."""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from tinycss2 import color5  # type: ignore[import-untyped]

Token = Any  # tinycss2 declares no types
Colour = tuple[float, float, float, float]  # red, green, blue and alpha, from 0 to 1

BLACK: Colour = (0.0, 0.0, 0.0, 1.0)
WHITE: Colour = (1.0, 1.0, 1.0, 1.0)

_WIDE, _HIGH = 1280, 800  # pixels of the assumed window
_PIXELS = {"px": 1, "pt": 4 / 3, "pc": 16, "in": 96, "cm": 96 / 2.54, "mm": 96 / 25.4, "q": 96 / 101.6, "rem": 16}
_PIXELS |= {f"{kind}vw": _WIDE / 100 for kind in ("", "s", "l", "d")} | {"vi": _WIDE / 100, "vmax": _WIDE / 100}
_PIXELS |= {f"{kind}vh": _HIGH / 100 for kind in ("", "s", "l", "d")} | {"vb": _HIGH / 100, "vmin": _HIGH / 100}
_OF_FONT = {"em": 1.0, "ex": 0.5, "ch": 0.5, "ic": 1.0, "lh": 1.2, "cap": 0.7}
_OF_THE_SYSTEM = {"canvas": WHITE, "canvastext": BLACK, "field": WHITE, "fieldtext": BLACK}
_LIGHTNESS = {"lab": 100.0, "lch": 100.0, "oklab": 1.0, "oklch": 1.0}  # the maximum of their first coordinate
_DEGREES = {"deg": 1.0, "grad": 0.9, "rad": 180 / math.pi, "turn": 360.0}
_CALCULATED: dict[str, Callable[[list[float]], float]] = {
    "calc": lambda values: values[0],
    "min": min,
    "max": max,
    "clamp": lambda values: max(values[0], min(values[1], values[-1])),
    "abs": lambda values: abs(values[0]),
}


def significant(tokens: Sequence[Token]) -> list[Token]:
    """Return the tokens without spaces and comments."""
    return [token for token in tokens if token.type not in ("whitespace", "comment")]


def is_comma(token: Token) -> bool:
    return bool(token.type == "literal" and token.value == ",")


def arguments(function: Token) -> list[list[Token]]:
    """Return the arguments of a function, split at its commas."""
    parts: list[list[Token]] = [[]]
    for token in significant(function.arguments):
        if is_comma(token):
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def length(token: Token, font: float = 16.0, whole: float | None = _WIDE) -> float | None:
    """Return a length in pixels; None for any other token. Percentages are of `whole`, if it is not None."""
    measured = _measured(token, font, whole)
    is_number = token.type == "number" and measured != 0
    return None if is_number or measured is None or math.isnan(measured) else measured


def number(token: Token) -> float | None:
    """Return a number, or a percentage as a fraction; None for any other token."""
    if token.type in ("number", "percentage", "function"):
        return _measured(token, 0.0, 1.0)
    return None


def angle(token: Token) -> float | None:
    """Return an angle in degrees; None for any other token."""
    if token.type == "dimension" and token.lower_unit in _DEGREES:
        return float(token.value * _DEGREES[token.lower_unit])
    return 0.0 if token.type == "number" and token.value == 0 else None


def _measured(token: Token, font: float, whole: float | None) -> float | None:
    if token.type == "dimension":
        unit = _PIXELS.get(token.lower_unit) or font * _OF_FONT.get(token.lower_unit, math.nan)
        return None if math.isnan(unit) else float(token.value * unit)
    if token.type == "percentage":
        return None if whole is None else float(token.value * whole / 100)
    if token.type == "number":
        return float(token.value)
    if token.type == "function" and token.lower_name in _CALCULATED:
        values = [_sum(iter([*part, None]), font, whole) for part in arguments(token)]
        known = [value for value in values if value is not None]
        return _CALCULATED[token.lower_name](known) if known and len(known) == len(values) else None
    if token.type == "() block":
        return _sum(iter([*significant(token.content), None]), font, whole)
    return None


def _sum(tokens: Iterator[Token | None], font: float, whole: float | None) -> float | None:
    """Return the value of a calculation with + - * /; None where it is invalid."""
    total, product, sign, operator = 0.0, None, 1.0, "*"
    for token in tokens:
        if token is None or (token.type == "literal" and token.value in "+-" and product is not None):
            if product is None:
                return None
            total, product = total + sign * product, None
            sign, operator = (-1.0 if token is not None and token.value == "-" else 1.0), "*"
        elif token.type == "literal" and token.value in ("*", "/"):
            operator = token.value
        else:
            value = _measured(token, font, whole)
            if value is None or (operator == "/" and value == 0):
                return None
            before = 1.0 if product is None else product
            product = before * value if operator == "*" else before / value
    return total


def colour(token: Token | str) -> Colour | None:
    """Return a colour; None for any other token, or a colour that depends on others."""
    name = token if isinstance(token, str) else getattr(token, "lower_value", "")
    if name in _OF_THE_SYSTEM:
        return _OF_THE_SYSTEM[name]
    try:
        read = color5.parse_color(token)
        if read is None or isinstance(read, str):
            return None
        alpha = min(1.0, max(0.0, 1.0 if read.alpha is None else read.alpha))
        if read.space in _LIGHTNESS:
            grey = _grey((read.coordinates[0] or 0.0) / _LIGHTNESS[read.space])
            return grey, grey, grey, alpha
        red, green, blue = (min(1.0, max(0.0, part or 0.0)) for part in read.to("srgb").coordinates)
    except (AttributeError, NotImplementedError, ValueError, ArithmeticError, TypeError):
        return None
    return red, green, blue, alpha


def _grey(lightness: float) -> float:
    """Return the sRGB value of a grey of the same lightness, which is enough to compute contrast."""
    light = min(1.0, max(0.0, lightness)) ** 3
    return 12.92 * light if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055


def over(colour: Colour, background: Colour) -> Colour:
    """Return the colour of a possibly transparent colour over a background."""
    red, green, blue = (part * colour[3] + behind * (1 - colour[3]) for part, behind in zip(colour, background[:3]))  # noqa: B905
    return red, green, blue, 1.0


def contrast(one: Colour, other: Colour) -> float:
    """Return the contrast ratio of two colours by WCAG: 1 for none, 21 for black on white."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: Colour) -> float:
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour[:3]]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
