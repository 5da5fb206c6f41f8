"""Malformed markup: unclosed elements that hide text, and markup made to consume time."""

import re
from collections.abc import Collection, Iterator

from selectolax.lexbor import LexborNode

# Elements with raw content: an unclosed one swallows all that follows.
RAW = frozenset({"script", "style", "title", "iframe", "noembed", "noframes", "xmp"})

_EMPTY_WORDS = "area base br col embed hr img input link meta param source track wbr"
_EMPTY = frozenset(_EMPTY_WORDS.split())
_FORMATTING_WORDS = "a b big code em font i nobr s small strike strong tt u"
_FORMATTING = frozenset(_FORMATTING_WORDS.split())
_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]*)")

_NAME = re.compile(r"[a-z][a-z0-9-]*")

# Browsers nest at most 512 elements; the time for parsing grows with the square of the depth.
_DEEPEST = 600
_MAX_REOPENED = 20_000  # unclosed formatting elements, which the parser reopens in each block
_DEEPEST_CSS = 30
_MAX_ATTRIBUTES = 1_000
_LONG = 5_000  # characters
_WHOLE_TAG = re.compile(r"<[a-zA-Z](?:[^\"'>]++|\"[^\"]*+\"|'[^']*+')*+")
_QUOTED = re.compile(r"\"[^\"]*+\"|'[^']*+'")
_BETWEEN = re.compile(r"[\s/=]+")
_BRACKET = re.compile(r"[()\[\]{}]")
_FEW = 200  # tags, which are always fast


class TangledError(Exception):
    """A text that would take too long to read."""


def require_shallow(css: str, longest: int) -> None:
    """Raise TangledError for CSS that is too long, or nested too deeply."""
    depth = 0
    for found in _BRACKET.finditer(css) if len(css) <= longest else ():
        depth += 1 if found[0] in "([{" else -1
        if depth > _DEEPEST_CSS:
            raise TangledError
    if len(css) > longest:
        raise TangledError


def is_tangled(html: str) -> bool:
    """Return whether parsing the markup as browsers do would take too long."""
    if len(html) > _LONG and any(_attributes(found[0]) > _MAX_ATTRIBUTES for found in _WHOLE_TAG.finditer(html)):
        return True
    if html.count("<") <= _FEW:
        return False
    depths: dict[str, int] = {}
    depth = formatting = reopened = 0
    for found in _TAG.finditer(html):
        end, tag = found[1], found[2].lower()
        if tag in _EMPTY:
            continue
        open_now = depths.get(tag, 0)
        change = (-1 if open_now else 0) if end else 1
        depths[tag] = open_now + change
        depth += change
        formatting += change if tag in _FORMATTING else 0
        reopened += 0 if end or formatting < 4 else formatting
        if depth > _DEEPEST or reopened > _MAX_REOPENED:
            return True
    return False


def _attributes(tag: str) -> int:
    """Return an upper bound of a tag's attributes, which the parser compares with one another."""
    return len(_BETWEEN.findall(_QUOTED.sub("=", tag))) if len(tag) > _MAX_ATTRIBUTES else 0


def may_be_open(node: LexborNode) -> bool:
    """Return whether an element is the last of a document, so that its end tag may be missing."""
    here: LexborNode | None = node
    while here is not None and here.tag not in ("body", "html"):
        if here.next is not None and (here.tag != "head" or here.next.first_child is not None):
            return False
        here = here.parent
    return True


def raw(node: LexborNode) -> str:
    """Return the content of an element with raw content."""
    return (node.first_child.text_content if node.first_child else "") or ""


def is_open(html: str, tag: str, node: LexborNode) -> bool:
    """Return whether an element's end tag is missing, by matching the tags of its name."""
    if not _NAME.fullmatch(tag):
        return False
    before = sum(1 for _ in _before(node, tag))
    left: list[int] = []
    for number, found in enumerate(_tags(html, tag)):
        if not found[1]:
            left.append(number)
        elif left:
            left.pop()
    starts = [number for number, found in enumerate(_tags(html, tag)) if not found[1]]
    return before < len(starts) and starts[before] in left


def _tags(html: str, tag: str) -> Iterator[re.Match[str]]:
    return re.finditer(rf"<(/?){re.escape(tag)}(?![\w-])", html, re.IGNORECASE)


def _before(node: LexborNode, tag: str) -> Iterator[LexborNode]:
    """Yield the elements of a name that begin before `node`."""
    for other in node.parser.css(tag):
        if other.mem_id == node.mem_id:
            return
        yield other


def is_raw_open(html: str, tag: str) -> bool:
    """Return whether the last raw element or comment of this kind has no end."""
    low = html.lower()
    begins, ends = low.rfind(f"<{tag}"), low.rfind("-->" if tag == "!--" else f"</{tag}")
    return begins > ends


def first_block(raw: str, blocks: Collection[str]) -> int | None:
    """Return the index of the first block element in raw content; None where there is none."""
    return next((found.start() for found in _TAG.finditer(raw) if found[2].lower() in blocks and not found[1]), None)


def blocks(node: LexborNode, names: Collection[str]) -> Iterator[LexborNode]:
    """Yield an element's children from its first block on; those before are what it was meant to hide."""
    child, begun = node.first_child, False
    while child is not None:
        begun = begun or (child.is_element_node and child.tag in names and child.tag != "br")
        if begun:
            yield child
        child = child.next
