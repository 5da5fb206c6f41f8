"""Declarations of CSS, read as browsers do: comments, escapes, the cascade, and invalid values."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import tinycss2  # type: ignore[import-untyped]

from intercom_kit.html import measures, unclosed
from intercom_kit.html.measures import Token, significant

Tokens = tuple[Token, ...]
Style = Mapping[str, Tokens]

_EVERYWHERE = frozenset({"inherit", "initial", "unset", "revert", "revert-layer"})
_SIZES = {"xx-small": 9.0, "x-small": 10.0, "small": 13.0, "medium": 16.0, "large": 18.0, "x-large": 24.0}
_SIZES |= {"xx-large": 32.0, "xxx-large": 48.0}
RELATIVE_SIZES = {"smaller": 1 / 1.2, "larger": 1.2}
ABSOLUTE_SIZES = _SIZES
_DISPLAYS_WORDS = (
    "block inline flow flow-root flex grid table ruby list-item contents none inline-block inline-flex inline- "
    "grid inline-table table-row table-cell table-row-group table-header-group table-footer-group table-column "
    "table-column-group table-caption run-in -webkit-box -webkit-flex -webkit-inline-box math"
)
_DISPLAYS = frozenset(_DISPLAYS_WORDS.split())
_OVERFLOWS = frozenset({"visible", "hidden", "clip", "scroll", "auto", "overlay"})
_LONGEST = 20_000  # characters
_MAX_TOKENS = 200  # of a value after substituting variables, which may contain others


@dataclass(frozen=True)
class Declaration:
    """One property with its value."""

    name: str
    value: Tokens
    important: bool


@lru_cache(maxsize=2_000)
def declarations(text: str) -> tuple[Declaration, ...]:
    """Return the declarations of a `style` attribute; raise TangledError if it is too long or nested too deeply."""
    unclosed.require_shallow(text, _LONGEST)
    return read(tinycss2.parse_blocks_contents(text, skip_comments=True, skip_whitespace=True))


def read(nodes: Iterable[Token]) -> tuple[Declaration, ...]:
    """Return the declarations that can hide or show text, without invalid values, which browsers ignore."""
    found: list[Declaration] = []
    for node in nodes:
        if node.type != "declaration":
            continue
        name = node.name if node.name.startswith("--") else node.lower_name
        value = tuple(significant(node.value))
        for each, part in _apart(name, value):
            if each.startswith("--") or (each in _VALID and _is_valid(each, part)):
                found.append(Declaration(each, part, bool(node.important)))
    return tuple(found)


def _apart(name: str, value: Tokens) -> list[tuple[str, Tokens]]:
    """Return the properties of a shorthand, as far as they matter."""
    name = _SYNONYMS.get(name, name)
    if name == "font":
        return [("font-size", (token,)) for token in value if _is_valid("font-size", (token,))][:1]
    if name == "inset":
        return list(zip(("top", "right", "bottom", "left"), _four(value), strict=True))
    if name == "margin":
        top, _, _, left = _four(value)
        return [("margin-top", top), ("margin-left", left)]
    if name == "padding":
        top, _, bottom, _ = _four(value)
        return [("padding-top", top), ("padding-bottom", bottom)]
    if name == "background":
        colours = tuple(token for token in value if measures.colour(token) or _ident(token) in _EVERYWHERE)
        images = tuple(token for token in value if token.type in ("url", "function") and not measures.colour(token))
        if any(token.type == "function" and token.lower_name == "var" for token in value):
            return [("background-color", value)]
        clip = [("background-clip", (token,)) for token in value if _ident(token) == "text"]
        plain = colours[:1] or (_TRANSPARENT,)
        return [("background-color", plain), ("background-image", images[:1] or (_NONE,)), *clip]
    return [(name, value)]


def _four(value: Tokens) -> tuple[Tokens, Tokens, Tokens, Tokens]:
    """Return the values of top, right, bottom and left from one to four values."""
    sides: list[Tokens] = [(token,) for token in value[:4]] or [()]
    top = sides[0]
    right = sides[1] if len(sides) > 1 else top
    return top, right, sides[2] if len(sides) > 2 else top, sides[3] if len(sides) > 3 else right


def _ident(token: Token) -> str:
    return str(token.lower_value) if token.type == "ident" else ""


def word(style: Style, name: str) -> str:
    """Return the keyword that a property is set to; empty where it is not a single keyword."""
    value = style.get(name, ())
    return _ident(value[0]) if len(value) == 1 else ""


def _is_valid(name: str, value: Tokens) -> bool:
    if any(token.type == "function" and token.lower_name in ("var", "env") for token in value):
        return True
    return bool(value) and (_ident(value[0]) in _EVERYWHERE or _VALID[name](value))


def _one_of(*words: str) -> Callable[[Tokens], bool]:
    return lambda value: len(value) == 1 and _ident(value[0]) in words


def _length(*words: str) -> Callable[[Tokens], bool]:
    return lambda value: len(value) == 1 and (_ident(value[0]) in words or measures.length(value[0]) is not None)


def _not_negative(*words: str) -> Callable[[Tokens], bool]:
    return lambda value: _length(*words)(value) and (measures.length(value[0]) or 0) >= 0


def _number(value: Tokens) -> bool:
    return len(value) == 1 and measures.number(value[0]) is not None


def _colour(value: Tokens) -> bool:
    return len(value) == 1 and (_ident(value[0]) == "currentcolor" or measures.colour(value[0]) is not None)


def _functions(*words: str) -> Callable[[Tokens], bool]:
    return lambda value: all(token.type in ("function", "url") or _ident(token) in words for token in value)


def _numbers(value: Tokens) -> bool:
    return all(measures.number(token) is not None or _ident(token) == "none" for token in value)


_BOX = ("auto", "min-content", "max-content", "fit-content", "none", "stretch")
_VALID: dict[str, Callable[[Tokens], bool]] = {
    "display": lambda value: (
        all(_ident(token) in _DISPLAYS for token in value)
        and (len(value) == 1 or all(_ident(token) not in ("none", "contents") for token in value))
    ),
    "visibility": _one_of("visible", "hidden", "collapse"),
    "content-visibility": _one_of("visible", "auto", "hidden"),
    "opacity": _number,
    "font-size": _not_negative(*_SIZES, *RELATIVE_SIZES),
    "zoom": lambda value: _number(value) or _one_of("normal", "reset")(value),
    "color": _colour,
    "-webkit-text-fill-color": _colour,
    "background-color": _colour,
    "background-image": _functions("none"),
    "background-clip": lambda value: all(_ident(token) for token in value),
    "text-shadow": lambda value: True,  # noqa: ARG005
    "-webkit-text-stroke": lambda value: True,  # noqa: ARG005
    "position": _one_of("static", "relative", "absolute", "fixed", "sticky", "-webkit-sticky"),
    "float": _one_of("left", "right", "none", "inline-start", "inline-end"),
    **dict.fromkeys(("left", "right", "top", "bottom", "margin-left", "margin-top"), _length("auto")),
    **dict.fromkeys(("width", "height", "max-width", "max-height", "min-width", "min-height"), _not_negative(*_BOX)),
    **dict.fromkeys(("padding-top", "padding-bottom"), _not_negative()),
    "text-indent": lambda value: measures.length(value[0]) is not None,
    "overflow": lambda value: all(_ident(token) in _OVERFLOWS for token in value),
    "overflow-x": _one_of(*_OVERFLOWS),
    "overflow-y": _one_of(*_OVERFLOWS),
    "clip": lambda value: len(value) == 1 and (_ident(value[0]) == "auto" or value[0].type == "function"),
    "clip-path": lambda value: True,  # noqa: ARG005
    "transform": _functions("none"),
    "translate": lambda value: all(measures.length(token) is not None or _ident(token) == "none" for token in value),
    "scale": _numbers,
    "filter": _functions("none"),
    "white-space": lambda value: bool(_ident(value[0])),
    "fill": _colour,
}
_SYNONYMS = {
    "inline-size": "width",
    "block-size": "height",
    "max-inline-size": "max-width",
    "max-block-size": "max-height",
    "inset-inline-start": "left",
    "inset-block-start": "top",
    "margin-inline-start": "margin-left",
    "-webkit-background-clip": "background-clip",
    "-webkit-transform": "transform",
    "-webkit-filter": "filter",
    "-webkit-clip-path": "clip-path",
    "-webkit-opacity": "opacity",
}
_TRANSPARENT, _NONE = tinycss2.parse_component_value_list("transparent none")[::2]


def cascaded(declared: Iterable[Declaration], variables: Mapping[str, Tokens]) -> tuple[dict[str, Tokens], Style]:
    """Return the cascaded properties and the variables: later declarations override earlier ones, unless important."""
    chosen: dict[str, Declaration] = {}
    for each in declared:
        if each.important or each.name not in chosen or not chosen[each.name].important:
            chosen[each.name] = each
    own = {name: each.value for name, each in chosen.items() if name.startswith("--")}
    known = {**variables, **own} if own else variables
    style: dict[str, Tokens] = {}
    for name, each in chosen.items():
        if name.startswith("--"):
            continue
        value = _filled(each.value, known)
        for part, found in (
            _apart("background", value) if name == "background-color" and len(value) != 1 else [(name, value)]
        ):
            if _is_valid(part, found):
                style[part] = found
    return style, known


def _filled(value: Tokens, variables: Mapping[str, Tokens]) -> Tokens:
    """Return a value with its variables substituted; empty where that does not end."""
    filled: list[Token] = list(value)
    for _ in range(_MAX_TOKENS):
        place = next(
            (at for at, token in enumerate(filled) if token.type == "function" and token.lower_name == "var"), None
        )
        if place is None:
            return tuple(filled)
        name, *fallback = measures.arguments(filled[place])
        known = variables.get(name[0].value) if name and name[0].type == "ident" else None
        instead: Sequence[Token] = known if known is not None else [token for part in fallback for token in part]
        filled[place : place + 1] = instead
        if len(filled) > _MAX_TOKENS:
            return ()
    return ()
