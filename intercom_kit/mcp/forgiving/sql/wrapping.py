"""A query out of what it is written in: code fences and words around them, quotation marks, and what follows it.

No pattern here is searched for in a way that can take longer than in proportion to the text: any caller can send it.
"""

_FENCES = ("```", "~~~")
_LANGUAGES = ("sql", "duckdb")
_BEGINNINGS = ("select", "with", "from")


def unwrapped(query: str) -> str:
    """Return the query in a text."""
    return _without_tail(_below_label(_inside_quotes(_inside_fence(query).strip()))).strip()


def _inside_fence(text: str) -> str:
    """Return what is inside the only code fence of a text, without the name of its language; else the text."""
    for fence in _FENCES:
        parts = text.split(fence, 3)
        if len(parts) != 3:
            continue
        line, _, below = parts[1].partition("\n")
        if below and len(line.split()) <= 1:
            return below
        words = parts[1].split(maxsplit=1)
        return words[1] if len(words) > 1 and words[0].lower() in _LANGUAGES else parts[1]
    return text


def _inside_quotes(text: str) -> str:
    """Return a query without quotation marks around all of it."""
    mark, inside = text[:1], text[1:-1]
    is_quoted = len(text) > 1 and mark in "`\"'" and text[-1] == mark and mark not in inside
    return inside if is_quoted and inside.split(maxsplit=1)[:1] and _begins(inside) else text


def _begins(text: str) -> bool:
    return text.split(maxsplit=1)[0].lower() in _BEGINNINGS


def _below_label(text: str) -> str:
    """Return a query without a line before it that names the language; one that is a comment of another is one here."""
    line, _, below = text.partition("\n")
    if below and line.strip().removesuffix(":").strip().lower() in _LANGUAGES:
        return below
    return f"--{text[1:]}" if below and text.startswith("#") else text


def _without_tail(text: str) -> str:
    """Return a query without the semicolons and comments after it."""
    while True:
        query, semicolon, rest = text.rpartition(";")
        if not semicolon or not _is_comment(rest.strip()):
            return text
        text = query


def _is_comment(text: str) -> bool:
    """Return whether a text is nothing, lines of comments, or one comment between /* and */."""
    if any(mark in text for mark in "'\""):
        return False
    if text.startswith("/*"):
        return text.find("*/") == len(text) - 2
    return all(line.lstrip().startswith("--") for line in text.splitlines() if line.strip())
