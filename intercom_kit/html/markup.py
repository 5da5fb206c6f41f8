"""HTML as a person sees it: the words that a browser shows, without those that markup and CSS keep from view."""

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

# What browsers never show, or show something else instead of.
_UNSEEN_WORDS = (
    "script style title template noscript iframe noembed noframes datalist rp param track source area base link "
    "meta audio video canvas progress meter embed frame frameset desc metadata defs symbol clippath mask marker "
    "pattern lineargradient radialgradient filter annotation annotation-xml"
)
_UNSEEN = frozenset(_UNSEEN_WORDS.split())
_OWN_COLOURS = frozenset({"button", "input", "select", "textarea", "mark"})
_LINK: Colour = (0.0, 0.0, 238 / 255, 1.0)
# Most messages have no more than this, and nothing in it can hide anything.
_WITHIN_LINES = frozenset({"b", "i", "strong", "em", "u", "code"})
_PLAIN_TAG = re.compile(r"</?(p|div|br|b|i|strong|em|u|code|ul|ol|li|h[1-6]|blockquote) ?/?>")
_PLAIN = re.compile(rf"(?:[^<]++|{_PLAIN_TAG.pattern})*+")
_ANY_TAG = re.compile(r"<(style|script)\b[^<>]*>.*?(?:</\1[^<>]*>|\Z)|<[^<>]*>", re.IGNORECASE | re.DOTALL)
_SPACES = re.compile(r"[ \t\n\r\f]+")
_ADDRESS = re.compile(r"(?:https?://|mailto:|tel:)[^\s\x00-\x20]*", re.IGNORECASE)
_LONGEST_NAME = 200  # letters, of an image
_LONGEST_ADDRESS = 500

_ROUND = str.maketrans("[]", "()")
BEHIND = "[after a hidden tag that is not closed: {}]"
TANGLED = "[too tangled to tell what of it is hidden: {}]"


@dataclass
class _Place:
    """The place where a walk is: an element's next child, how text looks there, and whether it is text of a picture."""

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
    """The reading of one text."""

    html: str
    addresses: bool
    said: list[str] = field(default_factory=list)

    def text(self) -> str:
        """Walk through all elements in order, without recursion, for a text may nest them without end."""
        parser = LexborHTMLParser(self.html)
        sheets = declared(parser) if "<style" in self.html.lower() else {}
        places = [_Place(parser.root, Look())]
        while places:
            place = places[-1]
            node = place.node
            if node is None:
                self.said.append(places.pop().end)
                continue
            place.node = node.next
            if node.is_text_node:
                self._say(node.text_content or "", place)
            elif node.is_element_node:
                if (inner := self._enter(node, place, sheets)) is not None:
                    places.append(inner)
            elif node.is_comment_node:
                self.said.append(self._rest_of_raw("!--", node, node.comment_content or ""))
        return "".join(self.said)

    def _say(self, text: str, place: _Place) -> None:
        if place.look.is_seen and not place.in_picture:
            self.said.append(text if place.look.keeps_spaces else _SPACES.sub(" ", text))

    def _enter(self, node: LexborNode, place: _Place, sheets: Mapping[int, list[Declaration]]) -> _Place | None:
        """Begin an element; none of what is in it is read where nothing is seen of it."""
        tag, given = (node.tag or "").lower(), node.attributes
        look = (
            None
            if tag in _UNSEEN or (tag == "object" and given.get("data"))
            else _look(tag, node, given, place, sheets)
        )
        if look is None:
            self.said.append(self._rest(tag, node))
            return None
        block = tag in _BLOCKS
        self.said.append("\n" if block else "")
        end = "\n" if block and tag not in ("br", "hr") else " " if tag in _CELLS else ""
        if tag in ("img", "input"):
            self.said.append(self._picture(given) if tag == "img" and look.visible and look.opacity > 0 else "")
            self.said.append(f" {_entered(given)} " if tag == "input" and look.is_seen else "")
        elif tag == "a" and self.addresses and look.is_seen and (address := _address(given.get("href"))):
            end = f" ({address}){end}"
        picture = tag == "svg" or (place.in_picture and tag not in ("text", "foreignobject"))
        return _Place(node.first_child, look, end, picture)

    def _picture(self, given: Mapping[str, str | None]) -> str:
        if any((given.get(side) or "").strip() in ("0", "1") for side in ("width", "height")):
            return ""
        name = " ".join((given.get("alt") or "").replace("[", " ").replace("]", " ").split())
        name = f"{name[:_LONGEST_NAME]}…" if len(name) > _LONGEST_NAME else name
        address = _address(given.get("src")) if self.addresses else ""
        return f"[{': '.join(filter(None, [f'image {name}'.strip(), address]))}]"

    def _rest(self, tag: str, node: LexborNode) -> str:
        """Give, marked, what only an element that was left open keeps from view; most are closed, and there is none."""
        if not unclosed.may_be_open(node):
            return ""
        if tag in unclosed.RAW:
            return self._rest_of_raw(tag, node, unclosed.raw(node))
        if not unclosed.is_open(self.html, tag, node):
            return ""
        rest = "".join(child.html or "" for child in unclosed.blocks(node, _BLOCKS))
        return self._behind(rest)

    def _rest_of_raw(self, tag: str, node: LexborNode, raw: str) -> str:
        """Read what follows the first tag of a block in what is no markup any more."""
        if node.next is not None or not unclosed.is_raw_open(self.html, tag):
            return ""
        found = unclosed.first_block(raw, _BLOCKS)
        return self._behind(raw[found:]) if found is not None else ""

    def _behind(self, html: str) -> str:
        text = seen(html, addresses=self.addresses).strip() if len(html) < len(self.html) else ""
        return f"\n{_marked(BEHIND, text)}\n" if text else ""


def _marked(mark: str, text: str) -> str:
    """Put a mark around a text, which cannot end it."""
    return mark.format(text.translate(_ROUND))


def _look(
    tag: str, node: LexborNode, given: Mapping[str, str | None], place: _Place, sheets: Mapping[int, list[Declaration]]
) -> Look | None:
    """Return how an element looks, by the style of its own, by sheets, and by attributes of the time before CSS."""
    above, style = place.look, given.get("style")
    ruled = sheets.get(node.mem_id, ()) if sheets else ()
    if not given and not ruled and tag not in _OWN_COLOURS and tag not in ("pre", "textarea", "xmp", "dialog"):
        return above
    older = _attributes(tag, given, above, in_picture=place.in_picture)
    if not style and not ruled:
        gone = "hidden" in given or (tag == "dialog" and "open" not in given) or _is_hidden_input(tag, given)
        return None if gone else older
    usual = "block" if tag in _BLOCKS else "inline-block" if tag in _BOXES else _CELLS.get(tag, "inline")
    usual = "none" if "hidden" in given or (tag == "dialog" and "open" not in given) else usual
    if _is_hidden_input(tag, given):
        return None
    if not ruled and not above.variables:
        return _styled(style or "", older, usual)
    found, variables = cascaded([*ruled, *(declarations(style) if style else ())], above.variables)
    return look_of(found, older, variables, usual)


@lru_cache(maxsize=2_000)
def _styled(style: str, above: Look, usual: str) -> Look | None:
    """Return how an element looks by its own style alone; messages have the same ones again and again."""
    found, variables = cascaded(declarations(style), {})
    return look_of(found, above, variables, usual)


def _is_hidden_input(tag: str, given: Mapping[str, str | None]) -> bool:
    return tag == "input" and (given.get("type") or "").lower() == "hidden"


def _attributes(tag: str, given: Mapping[str, str | None], above: Look, *, in_picture: bool) -> Look:
    """Return how an element looks by its name, and by the attributes that had colours before CSS."""
    look = above
    if tag in _OWN_COLOURS:
        behind = (1.0, 1.0, 0.0, 1.0) if tag == "mark" else (0.94, 0.94, 0.94, 1.0)
        look = replace(look, colour=measures.BLACK, background=behind, font=look.font if tag == "mark" else 13.3)
    if tag in ("pre", "textarea", "xmp"):
        look = replace(look, keeps_spaces=True)
    if tag == "a" and given.get("href"):
        look = replace(look, colour=_LINK) if look.variables else _linked(look)
    for name in ("color", "text") if tag in ("font", "body") else ("fill",) if in_picture else ():
        if value := _older_colour(given.get(name)):
            look = replace(look, colour=value)
    if value := _older_colour(given.get("bgcolor")):
        look = replace(look, background=value)
    return replace(look, background=None) if given.get("background") else look


@lru_cache(maxsize=500)
def _linked(look: Look) -> Look:
    return replace(look, colour=_LINK)


def _older_colour(value: str | None) -> Colour | None:
    text = (value or "").strip()
    return (measures.colour(text) or measures.colour(f"#{text}")) if text else None


def _address(value: str | None) -> str:
    """Return an address that leads somewhere; none that a program would follow elsewhere."""
    text = (value or "").strip()
    return text[:_LONGEST_ADDRESS] if _ADDRESS.fullmatch(text) else ""


def _entered(given: Mapping[str, str | None]) -> str:
    """Return the text that a field shows."""
    if (given.get("type") or "text").lower() in ("checkbox", "radio", "password", "file", "image", "color", "range"):
        return ""
    return given.get("value") or given.get("placeholder") or ""


def lines(text: str) -> Iterator[str]:
    """Return the lines of what was seen, spaces made one."""
    return (" ".join(line.split()) for line in text.splitlines())
