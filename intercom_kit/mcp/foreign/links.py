"""Remove the URLs of links and images from Markdown: a client that renders an answer might fetch them."""

import re

_ROUNDS = 4  # of links in links

# A URL or the name of a page; not the argument in `values[key](argument)`.
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
    """Return a text with the words of its links and images, without their URLs."""
    if "](" not in text and "]:" not in text:
        return text
    for _ in range(_ROUNDS):
        names = {found["name"].casefold() for found in _DEFINITION.finditer(text)}
        replaced = _inline(_DEFINITION.sub(_undefined, text), names)
        if replaced == text:
            return text
        text = replaced
    return text.replace("](", "] (")  # links nested too deeply


def _undefined(found: re.Match[str]) -> str:
    return f"[{found['name']}]" if _LEADS.match(found["address"].strip("<>")) else found[0]


def _inline(text: str, names: set[str]) -> str:
    """Replace each `[words](address)`, `![words](address)` and `[words][name]`, in one pass."""
    output: list[str] = []
    opened: list[int] = []  # indexes in `output` of open brackets
    place = 0
    while place < len(text):
        letter = text[place]
        if letter == "\\" and place + 1 < len(text):
            output.append(text[place : place + 2])
            place += 2
            continue
        if letter == "[":
            opened.append(len(output))
        output.append(letter)
        place += 1
        if letter == "]" and opened:
            begin = opened.pop()
            end = _end(text, place, names, is_image=begin > 0 and output[begin - 1].endswith("!"))
            if end is not None:
                _put_words(output, begin)
                place = end
    return "".join(output)


def _end(text: str, place: int, names: set[str], *, is_image: bool) -> int | None:
    """Return the end of the URL that follows a link's words; None where there is none."""
    if found := _TARGET.match(text, place):
        address = found["marked"] if found["marked"] is not None else found["plain"]
        return found.end() if is_image or _LEADS.match(address) else None
    found = _NAMED.match(text, place)
    return found.end() if found and names and found["name"].casefold() in names else None


def _put_words(output: list[str], begin: int) -> None:
    """Replace a link at the end of the output by its words; mark an image as one."""
    words = "".join(output[begin + 1 : -1])
    if begin > 0 and output[begin - 1].endswith("!"):
        output[begin - 1] = output[begin - 1][:-1]
        words = f"[{f'image {words}'.strip()}]"
    del output[begin:]
    output.append(words)
