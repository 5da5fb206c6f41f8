"""The style sheets of a document: which declarations apply to which element."""

import contextlib
import itertools
import math
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import tinycss2  # type: ignore[import-untyped]
from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from intercom_kit.html import unclosed
from intercom_kit.html.measures import Token, is_comma, length, significant
from intercom_kit.html.styles import Declaration, read

# Limits against style sheets made to consume time; a person's message has few rules.
_MAX_RULES = 500
_LONGEST = 100_000  # characters
_MAX_STEPS = 30_000_000  # of matching one selector, about a second
_LONGEST_SEARCH = 1.0  # seconds, for all selectors
_DEEPEST = 5  # levels of nested rules
_WIDE = 1280.0  # pixels of the assumed window

# Pseudo-classes that the parser does not support, and that hold for most elements.
_MOSTLY_TRUE = re.compile(
    r":(?:defined|any-link|enabled|read-only|optional|valid|scope|(?:lang|dir)\([^()]*\)|not\(:[\w-]+\))"
)

# Pseudo-classes that hold only during an interaction, and pseudo-elements.
_PASSING_WORDS = (
    "hover active focus focus-within focus-visible visited target before after first-letter first-line selection "
    "placeholder marker checked invalid popover-open fullscreen print"
)
_PASSING = frozenset(_PASSING_WORDS.split())


@dataclass(frozen=True)
class Rule:
    """A selector with its declarations."""

    selector: str
    specificity: tuple[int, int, int]
    declarations: tuple[Declaration, ...]


def declared(parser: LexborHTMLParser) -> dict[int, list[Declaration]]:
    """Return the declarations of style sheets by element, in ascending order of specificity.

    Raises TangledError for sheets that would take too long.
    """
    sheets = [node for node in parser.css("style") if _applies(node.attributes.get("media") or "")]
    texts = [unclosed.raw(sheet) for sheet in sheets]
    unclosed.require_shallow("".join(texts), _LONGEST)
    rules = [rule for text in texts for rule in _rules(tinycss2.parse_stylesheet(text), "", 0)]
    depth, count = _size(parser)
    if len(rules) > _MAX_RULES or any(_steps(rule.selector, depth, count) > _MAX_STEPS for rule in rules):
        raise unclosed.TangledError
    found: dict[int, list[Declaration]] = {}
    begun = time.process_time()
    for rule in sorted(rules, key=lambda rule: rule.specificity):
        if time.process_time() > begun + _LONGEST_SEARCH:
            raise unclosed.TangledError
        for node in _matches(parser, rule.selector):
            found.setdefault(node.mem_id, []).extend(rule.declarations)
    return found


def _matches(parser: LexborHTMLParser, selector: str) -> list[LexborNode]:
    """Return the elements that match a selector; none for an unsupported selector."""
    for each in dict.fromkeys((selector, _MOSTLY_TRUE.sub("", selector))):
        with contextlib.suppress(SelectolaxError):
            return parser.css(each)
    return []


def _rules(nodes: Sequence[Token], within: str, depth: int) -> Iterator[Rule]:
    if depth > _DEEPEST:
        return
    for node in nodes:
        if node.type == "at-rule" and node.content is not None:
            condition = tinycss2.serialize(node.prelude)
            holds = node.lower_at_keyword in ("layer", "supports", "container", "scope", "starting-style")
            if holds or (node.lower_at_keyword == "media" and _applies(condition)):
                yield from _rules(tinycss2.parse_blocks_contents(node.content), within, depth + 1)
        elif node.type == "qualified-rule":
            contents = tinycss2.parse_blocks_contents(node.content)
            found = read(contents)
            for prelude in _split(node.prelude):
                selector = tinycss2.serialize(prelude).strip()
                if within:
                    nested = selector.replace("&", within) if "&" in selector else f"{within} {selector}"
                    selector = nested
                if found and _is_lasting(prelude):
                    yield Rule(selector, _specificity(prelude), found)
                if any(each.type in ("qualified-rule", "at-rule") for each in contents):
                    yield from _rules(contents, selector, depth + 1)


def _split(prelude: Sequence[Token]) -> Iterator[list[Token]]:
    """Yield the selectors of a list."""
    part: list[Token] = []
    for token in prelude:
        if is_comma(token):
            yield part
            part = []
        elif token.type != "comment":
            part.append(token)
    yield part


def _is_lasting(prelude: Sequence[Token]) -> bool:
    """Return whether a selector matches elements without any interaction."""
    for before, token in itertools.pairwise(prelude):
        if before == ":" and token.type == "ident" and token.lower_value in _PASSING:
            return False
    return bool(significant(prelude))


def _steps(selector: str, depth: int, count: int) -> int:
    """Return an upper bound of the steps for matching a selector against `count` elements of some depth."""
    parts = selector.replace("+", ">").replace("~", " ~ ").split()
    siblings = parts.count("~")
    above = len(parts) - 1 - 2 * (siblings + parts.count(">"))
    looks = math.comb(depth, max(0, above)) * max(1, math.comb(count, siblings))
    return int(looks * count * count ** selector.count(":has"))


def _size(parser: LexborHTMLParser) -> tuple[int, int]:
    """Return the depth and the number of elements."""
    depth, deepest, count = 0, 0, 0
    node: LexborNode | None = parser.root
    while node is not None:
        count += 1
        if node.first_child is not None:
            node, depth = node.first_child, depth + 1
            deepest = max(deepest, depth)
            continue
        while node is not None and node.next is None:
            node, depth = node.parent, depth - 1
        node = node.next if node is not None else None
    return deepest, count


def _specificity(prelude: Sequence[Token]) -> tuple[int, int, int]:
    """Return a selector's specificity: ids, classes and names, approximately."""
    ids, classes, names, before = 0, 0, 0, ""
    for token in prelude:
        if token.type == "hash":
            ids += 1
        elif token.type == "[] block":
            classes += 1
        elif token.type == "function" and token.lower_name in ("is", "not", "has", "where"):
            if token.lower_name != "where":
                inner = max((_specificity(part) for part in _split(token.arguments)), default=(0, 0, 0))
                ids, classes, names = ids + inner[0], classes + inner[1], names + inner[2]
        elif token.type == "function" or (token.type == "ident" and before in (".", ":")):
            classes += 1
        elif token.type == "ident":
            names += 1
        before = token.value if token.type == "literal" else ""
    return ids, classes, names


def _applies(media: str) -> bool:
    """Return whether a list of media queries matches the assumed window on a screen."""
    queries = [query.strip().lower() for query in media.split(",")]
    return any(_query_holds(query) for query in queries)


def _query_holds(query: str) -> bool:
    """Return whether a media query matches; unsupported ones do not."""
    tokens = significant(tinycss2.parse_component_value_list(query))
    words = [token.lower_value for token in tokens if token.type == "ident"]
    negated = words[:1] == ["not"]
    types = [word for word in words if word not in ("only", "not", "and")]
    holds = all(word in ("all", "screen") for word in types)
    holds = holds and all(_feature_holds(significant(token.content)) for token in tokens if token.type == "() block")
    return holds != negated


def _feature_holds(tokens: Sequence[Token]) -> bool:
    name = tokens[0].lower_value if tokens and tokens[0].type == "ident" else ""
    value = tokens[2] if len(tokens) == 3 else None
    if name in ("min-width", "max-width", "min-device-width", "max-device-width") and value is not None:
        width = length(value)
        return width is not None and (width <= _WIDE if name.startswith("min") else width >= _WIDE)
    words = [token.lower_value for token in tokens if token.type == "ident"]
    return words in (["prefers-color-scheme", "light"], ["hover", "hover"], ["color"], ["orientation", "landscape"])
