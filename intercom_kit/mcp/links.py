"""Links and images of Markdown, by their words: what shows an assistant's answer may fetch an image by its address."""

import re

_ROUNDS = 4  # of links in links

# What leads somewhere: an address, or the name of a page. `values[key](argument)` is none.
_LEADS = re.compile(
    r"[a-z][a-z0-9+.-]*:|//|/|#|\?|\.{1,2}/|www\.|[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}(?:[/?#:]|$)", re.IGNORECASE
)
_TARGET = re.compile(
    r"\(\s*+(?:<(?P<marked>[^<>\n]*)>|(?P<plain>[^\s()<>]*(?:\([^\s()]{0,500}\)[^\s()]{0,500}){0,5}))"
    r"(?:\s++(?:\"[^\"]{0,500}\"|'[^']{0,500}'|\([^()]{0,500}\)))?\s*+\)"
)
_DEFINITION = re.compile(
    r"^ {0,3}\[(?P<name>[^\]\n^][^\]\n]{0,200})\]:[ \t]*+\n?[ \t]*+(?P<address>\S+)(?P<title>[^\n]*)$", re.MULTILINE
)
_NAMED = re.compile(r"\[(?P<name>[^\[\]\n]{0,200})\]")


def without_addresses(text: str) -> str:
    """Return a text with the words of its links and images, without where they lead."""
    if "](" not in text and "]:" not in text:
        return text
    for _ in range(_ROUNDS):
        names = {found["name"].casefold() for found in _DEFINITION.finditer(text)}
        replaced = _inline(_DEFINITION.sub(_undefined, text), names)
        if replaced == text:
            return text
        text = replaced
    return text.replace("](", "] (")  # no end of links that become links


def _undefined(found: re.Match[str]) -> str:
    return f"[{found['name']}]" if _LEADS.match(found["address"].strip("<>")) else found[0]


def _inline(text: str, names: set[str]) -> str:
    """Replace each `[words](address)`, `![words](address)` and `[words][name]`, in one pass."""
    said: list[str] = []
    opened: list[int] = []  # places in `said` of brackets that are open
    place = 0
    while place < len(text):
        letter = text[place]
        if letter == "\\" and place + 1 < len(text):
            said.append(text[place : place + 2])
            place += 2
            continue
        if letter == "[":
            opened.append(len(said))
        said.append(letter)
        place += 1
        if letter == "]" and opened:
            begin = opened.pop()
            end = _end(text, place, names, is_image=begin > 0 and said[begin - 1].endswith("!"))
            if end is not None:
                _put_words(said, begin)
                place = end
    return "".join(said)


def _end(text: str, place: int, names: set[str], *, is_image: bool) -> int | None:
    """Find where the address after some words ends; None where none is there."""
    if found := _TARGET.match(text, place):
        address = found["marked"] if found["marked"] is not None else found["plain"]
        return found.end() if is_image or _LEADS.match(address) else None
    found = _NAMED.match(text, place)
    return found.end() if found and names and found["name"].casefold() in names else None


def _put_words(said: list[str], begin: int) -> None:
    """Let words stand alone, and say of an image that it is one."""
    words = "".join(said[begin + 1 : -1])
    if begin > 0 and said[begin - 1].endswith("!"):
        said[begin - 1] = said[begin - 1][:-1]
        words = f"[{f'image {words}'.strip()}]"
    del said[begin:]
    said.append(words)
