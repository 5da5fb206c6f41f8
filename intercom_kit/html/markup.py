"""The visible text of HTML: what a browser shows, without what markup and CSS hide."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from html import unescape

from selectolax.lexbor import LexborHTMLParser, LexborNode

from intercom_kit.html import measures, unclosed
from intercom_kit.html.looks import Look, look_of
from intercom_kit.html.measures import Colour
from intercom_kit.html.sheets import declared
from intercom_kit.html.styles import Declaration, cascaded, declarations

_BLOCKS_WORDS = (
    "address article aside blockquote body br center dd details dialog dir div dl dt fieldset figcaption figure "
    "footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li listing main menu nav ol optgroup option p pre "
    "search section summary table tbody tfoot thead tr ul xmp plaintext caption"
)
_BLOCKS = frozenset(_BLOCKS_WORDS.split())
_CELLS = {"td": "table-cell", "th": "table-cell", "tr": "table-row", "table": "table", "tbody": "table-row-group"}
_BOXES = frozenset({"button", "img", "input", "select", "textarea", "svg", "marquee", "meter", "progress"})

# Elements that browsers never show, or replace by something else.
_UNSEEN_WORDS = (
    "script style title template noscript iframe noembed noframes datalist rp param track source area base link "
    "meta audio video canvas progress meter embed frame frameset desc metadata defs symbol clippath mask marker "
    "pattern lineargradient radialgradient filter annotation annotation-xml"
)
_UNSEEN = frozenset(_UNSEEN_WORDS.split())
_OWN_COLOURS = frozenset({"button", "input", "select", "textarea", "mark"})
_LINK: Colour = (0.0, 0.0, 238 / 255, 1.0)
# Most messages have only these tags, none of which can hide text.
_WITHIN_LINES = frozenset({"b", "i", "strong", "em", "u", "code"})
_PLAIN_TAG = re.compile(r"</?(p|div|br|b|i|strong|em|u|code|ul|ol|li|h[1-6]|blockquote) ?/?>")
_PLAIN = re.compile(rf"(?:[^<]++|{_PLAIN_TAG.pattern})*+")
_ANY_TAG = re.compile(r"<(style|script)\b[^<>]*>.*?(?:</\1[^<>]*>|\Z)|<[^<>]*>", re.IGNORECASE | re.DOTALL)
_SPACES = re.compile(r"[ \t\n\r\f]+")
_ADDRESS = re.compile(r"(?:https?://|mailto:|tel:)[^\s\x00-\x20]*", re.IGNORECASE)
_LONGEST_NAME = 200  # characters, of an image
_LONGEST_ADDRESS = 500

_ROUND = str.maketrans("[]", "()")
BEHIND = "[after a hidden tag that is not closed: {}]"
TANGLED = "[too tangled to tell what of it is hidden: {}]"


@dataclass
class _Place:
    """The position in a traversal: an element's next child, the look of its text, and whether it is inside an SVG."""

    node: LexborNode | None
    look: Look
    end: str = ""
    in_picture: bool = False


def seen(html: str, *, addresses: bool = False) -> str:
    """Return the text that a browser shows of HTML; with `addresses`, the URLs of links and images too."""
    if _PLAIN.fullmatch(html):
        return unescape(_PLAIN_TAG.sub(lambda found: "" if found[1] in _WITHIN_LINES else "\n", _SPACES.sub(" ", html)))
    try:
        if not unclosed.is_tangled(html):
            return _Reading(html, addresses).text()
    except unclosed.TangledError:
        pass
    return _marked(TANGLED, unescape(_ANY_TAG.sub(" ", html)))


@dataclass
class _Reading:
    """The traversal of one document."""

    html: str
    addresses: bool
    output: list[str] = field(default_factory=list)

    def text(self) -> str:
        """Return the visible text, by a traversal without recursion, since elements may be nested without limit."""
        parser = LexborHTMLParser(self.html)
        sheets = declared(parser) if "<style" in self.html.lower() else {}
        places = [_Place(parser.root, Look())]
        while places:
            place = places[-1]
            node = place.node
            if node is None:
                self.output.append(places.pop().end)
                continue
            place.node = node.next
            if node.is_text_node:
                self._say(node.text_content or "", place)
            elif node.is_element_node:
                if (inner := self._enter(node, place, sheets)) is not None:
                    places.append(inner)
            elif node.is_comment_node:
                self.output.append(self._rest_of_raw("!--", node, node.comment_content or ""))
        return "".join(self.output)

    def _say(self, text: str, place: _Place) -> None:
        if place.look.is_seen and not place.in_picture:
            self.output.append(text if place.look.keeps_spaces else _SPACES.sub(" ", text))

    def _enter(self, node: LexborNode, place: _Place, sheets: Mapping[int, list[Declaration]]) -> _Place | None:
        """Begin an element, and return the position inside; None where it is invisible."""
        tag, attributes = (node.tag or "").lower(), node.attributes
        look = (
            None
            if tag in _UNSEEN or (tag == "object" and attributes.get("data"))
            else _look(tag, node, attributes, place, sheets)
        )
        if look is None:
            self.output.append(self._rest(tag, node))
            return None
        block = tag in _BLOCKS
        self.output.append("\n" if block else "")
        end = "\n" if block and tag not in ("br", "hr") else " " if tag in _CELLS else ""
        if tag in ("img", "input"):
            shown = tag == "img" and look.visible and look.opacity > 0
            self.output.append(self._picture(attributes) if shown else "")
            self.output.append(f" {_entered(attributes)} " if tag == "input" and look.is_seen else "")
        elif tag == "a" and self.addresses and look.is_seen and (address := _address(attributes.get("href"))):
            end = f" ({address}){end}"
        picture = tag == "svg" or (place.in_picture and tag not in ("text", "foreignobject"))
        return _Place(node.first_child, look, end, picture)

    def _picture(self, attributes: Mapping[str, str | None]) -> str:
        if any((attributes.get(side) or "").strip() in ("0", "1") for side in ("width", "height")):
            return ""
        name = " ".join((attributes.get("alt") or "").replace("[", " ").replace("]", " ").split())
        name = f"{name[:_LONGEST_NAME]}…" if len(name) > _LONGEST_NAME else name
        address = _address(attributes.get("src")) if self.addresses else ""
        return f"[{': '.join(filter(None, [f'image {name}'.strip(), address]))}]"

    def _rest(self, tag: str, node: LexborNode) -> str:
        """Return, marked, the text that is hidden only because an invisible element was left open; usually none."""
        if not unclosed.may_be_open(node):
            return ""
        if tag in unclosed.RAW:
            return self._rest_of_raw(tag, node, unclosed.raw(node))
        if not unclosed.is_open(self.html, tag, node):
            return ""
        rest = "".join(child.html or "" for child in unclosed.blocks(node, _BLOCKS))
        return self._behind(rest)

    def _rest_of_raw(self, tag: str, node: LexborNode, raw: str) -> str:
        """Return the same for the raw content of an unclosed script, style or comment, from its first block on."""
        if node.next is not None or not unclosed.is_raw_open(self.html, tag):
            return ""
        found = unclosed.first_block(raw, _BLOCKS)
        return self._behind(raw[found:]) if found is not None else ""

    def _behind(self, html: str) -> str:
        text = seen(html, addresses=self.addresses).strip() if len(html) < len(self.html) else ""
        return f"\n{_marked(BEHIND, text)}\n" if text else ""


def _marked(mark: str, text: str) -> str:
    """Return a text within a mark, which its own brackets cannot close."""
    return mark.format(text.translate(_ROUND))


def _look(
    tag: str,
    node: LexborNode,
    attributes: Mapping[str, str | None],
    place: _Place,
    sheets: Mapping[int, list[Declaration]],
) -> Look | None:
    """Return the look of an element by its `style`, style sheets, and presentational attributes."""
    above, style = place.look, attributes.get("style")
    ruled = sheets.get(node.mem_id, ()) if sheets else ()
    if not attributes and not ruled and tag not in _OWN_COLOURS and tag not in ("pre", "textarea", "xmp", "dialog"):
        return above
    older = _attributes(tag, attributes, above, in_picture=place.in_picture)
    if not style and not ruled:
        gone = (
            "hidden" in attributes
            or (tag == "dialog" and "open" not in attributes)
            or _is_hidden_input(tag, attributes)
        )
        return None if gone else older
    usual = "block" if tag in _BLOCKS else "inline-block" if tag in _BOXES else _CELLS.get(tag, "inline")
    usual = "none" if "hidden" in attributes or (tag == "dialog" and "open" not in attributes) else usual
    if _is_hidden_input(tag, attributes):
        return None
    if not ruled and not above.variables:
        return _styled(style or "", older, usual)
    found, variables = cascaded([*ruled, *(declarations(style) if style else ())], above.variables)
    return look_of(found, older, variables, usual)


@lru_cache(maxsize=2_000)
def _styled(style: str, above: Look, usual: str) -> Look | None:
    """Return the look of an element by its `style` alone; cached, since messages repeat them."""
    found, variables = cascaded(declarations(style), {})
    return look_of(found, above, variables, usual)


def _is_hidden_input(tag: str, attributes: Mapping[str, str | None]) -> bool:
    return tag == "input" and (attributes.get("type") or "").lower() == "hidden"


def _attributes(tag: str, attributes: Mapping[str, str | None], above: Look, *, in_picture: bool) -> Look:
    """Return the look of an element by its tag and its presentational attributes."""
    look = above
    if tag in _OWN_COLOURS:
        behind = (1.0, 1.0, 0.0, 1.0) if tag == "mark" else (0.94, 0.94, 0.94, 1.0)
        look = replace(look, colour=measures.BLACK, background=behind, font=look.font if tag == "mark" else 13.3)
    if tag in ("pre", "textarea", "xmp"):
        look = replace(look, keeps_spaces=True)
    if tag == "a" and attributes.get("href"):
        look = replace(look, colour=_LINK) if look.variables else _linked(look)
    for name in ("color", "text") if tag in ("font", "body") else ("fill",) if in_picture else ():
        if value := _older_colour(attributes.get(name)):
            look = replace(look, colour=value)
    if value := _older_colour(attributes.get("bgcolor")):
        look = replace(look, background=value)
    return replace(look, background=None) if attributes.get("background") else look


@lru_cache(maxsize=500)
def _linked(look: Look) -> Look:
    return replace(look, colour=_LINK)


def _older_colour(value: str | None) -> Colour | None:
    text = (value or "").strip()
    return (measures.colour(text) or measures.colour(f"#{text}")) if text else None


def _address(value: str | None) -> str:
    """Return a web, mail or phone URL; empty for anything else."""
    text = (value or "").strip()
    return text[:_LONGEST_ADDRESS] if _ADDRESS.fullmatch(text) else ""


def _entered(attributes: Mapping[str, str | None]) -> str:
    """Return the text that an input field shows."""
    if (attributes.get("type") or "text").lower() in (
        "checkbox",
        "radio",
        "password",
        "file",
        "image",
        "color",
        "range",
    ):
        return ""
    return attributes.get("value") or attributes.get("placeholder") or ""


def lines(text: str) -> Iterator[str]:
    """Yield the lines of a text, with runs of spaces collapsed."""
    return (" ".join(line.split()) for line in text.splitlines())
