"""A page of a list as text, with the few values that paging needs.

Parsing a whole page into Python objects would hold the GIL for milliseconds, and all pages of a large listing pass
through here. So the members of a list are located, but not parsed.
"""

import json
import re
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, NamedTuple

import msgspec

from intercom_kit.errors import NotIntercomError


class Sample(NamedTuple):
    """The id of one object of a page, and when it was created (Unix seconds); empty and 0 where missing."""

    id: str
    created_at: int


@dataclass(frozen=True)
class Page:
    """One response of Intercom's.

    `next` points to the next page: a cursor, a URL, or None at the end. `count` is the number of objects, and `samples`
    are some of them, including the first and the last. `repaired` means that the text was invalid Unicode and some
    characters were replaced. `nulls` counts the NULs in its texts. `plain` means that no duplicate key was found beside
    the list or in its objects; on a long page, only the samples are checked. `data` are the bytes of a file, which
    has no text.
    """

    text: str
    next: Any = None
    total_pages: int | None = None
    total_count: int | None = None
    scroll_param: str | None = None
    count: int = 0
    samples: tuple[Sample, ...] = ()
    repaired: bool = False
    nulls: int = 0
    plain: bool = False
    data: bytes = b""

    @property
    def cursor(self) -> str | None:
        """Return the `starting_after` of the next page."""
        cursor = self.next.get("starting_after") if isinstance(self.next, dict) else None
        return str(cursor) if cursor else None

    def whole(self) -> Any:
        """Parse all of the response into Python objects, which is slow; raise NotIntercomError where Python cannot."""
        try:
            return json.loads(self.text, strict=False)
        except (ValueError, RecursionError):
            raise NotIntercomError(
                "An answer is nested too deeply, or has too long numbers, to be read: check that `base_url` is "
                "Intercom's API."
            ) from None

    def members(self, items: str) -> list[dict[str, Any]]:
        """Return the parsed objects of a list, without entries that are not objects."""
        answer = self.whole()
        found = answer.get(items) if isinstance(answer, dict) else None
        return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def read_page(text: str, items: str) -> Page:
    """Read a page without its objects; raise ValueError if it is not JSON, or has no list under `items`.

    `items` is the key of the list, dotted where nested; the list's total stands beside it.
    """
    if len(text) > _LONG and text.count(",") > MAX_VALUES:
        raise ValueError(f"the answer holds more than {MAX_VALUES:,} values")
    suspect = _SUSPECT.search(text)
    if suspect and (whole := _unicode(text)) != text:
        return replace(read_page(whole, items), repaired=True)
    try:
        head = _decoder(items).decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ValueError(f"the answer is no object with a list under {items!r}: {error}") from error
    beside, members = _followed(head, items)
    pages = head.pages if isinstance(head.pages, dict) else {}
    return Page(
        text,
        next=pages.get("next"),
        total_pages=_whole(pages.get("total_pages")),
        total_count=_whole(beside.total_count),
        scroll_param=head.scroll_param if isinstance(head.scroll_param, str) else None,
        count=len(members),
        samples=tuple(_sample(members[place]) for place in _places(len(members))),
        nulls=len(_NULL.findall(text)) if suspect else 0,
        plain=_is_plain(text, items, members),
    )


def _followed(head: Any, items: str) -> tuple[Any, list[msgspec.Raw]]:
    """Return the object that holds the list, and the list."""
    *outer, last = items.split(".")
    for key in outer:
        head = getattr(head, key)
    return head, getattr(head, last) if last else []


_object = msgspec.json.Decoder(dict[str, msgspec.Raw])


def _is_plain(text: str, items: str, members: list[msgspec.Raw]) -> bool:
    """Return whether no duplicate key was found: in all of a short response, or in the samples of a long one."""
    if len(text) > _SHORT:
        return all(_is_whole(members[place]) for place in _places(len(members)))
    outer = msgspec.Raw(text.strip())
    for key in items.split("."):
        if not _is_whole(outer):
            return False
        outer = _object.decode(outer).get(key, outer)
    return all(map(_is_whole, members))


def _is_whole(text: msgspec.Raw) -> bool:
    """Return whether an object's keys and values add up to its length; a duplicate key makes them shorter."""
    try:
        read = _object.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return False  # not an object
    length = 1 + sum(len(key.encode()) + 4 + memoryview(value).nbytes for key, value in read.items())
    return length == memoryview(text).nbytes


# Objects of a page that identify it and its order.
_SAMPLES = 5

# In pages up to this size, each object is checked for duplicate keys. In longer ones that would take as long as all
# other work: duplicates there will show in some of the samples.
_SHORT = 100_000  # bytes


def _places(count: int) -> list[int]:
    """Return the indexes of the samples among `count` objects."""
    return sorted({round(each * (count - 1) / (_SAMPLES - 1)) for each in range(_SAMPLES)}) if count else []


class _Known(msgspec.Struct):
    id: Any = None
    created_at: Any = None


_known = msgspec.json.Decoder(_Known)


def _sample(member: msgspec.Raw) -> Sample:
    try:
        known = _known.decode(member)
    except (msgspec.DecodeError, RecursionError):
        return Sample("", 0)
    created_at = known.created_at
    return Sample(str(known.id or ""), created_at if type(created_at) is int else 0)


@cache
def _decoder(items: str) -> "msgspec.json.Decoder[Any]":
    """Return the decoder for pages whose list has this key."""
    *outer, last = items.split(".")
    inside: list[Any] = [(last, list[msgspec.Raw])] if last else []
    for key in reversed(outer):
        inside = [(key, msgspec.defstruct("Outer", [("total_count", Any, None), *inside], kw_only=True))]
    beside = [(name, Any, None) for name in ("pages", "scroll_param", "total_count")]
    return msgspec.json.Decoder(msgspec.defstruct("Head", [*beside, *inside], kw_only=True))


def _whole(number: Any) -> int | None:
    """Read a count, which older versions of the API send as text; None where it is not a plausible count."""
    return int(number) if re.fullmatch(r"[0-9]{1,15}", str(number)) else None


# A page of 150 conversations has some 20,000 values. A value of two characters takes many times that as an object.
MAX_VALUES = 1_000_000
_LONG = 2 * MAX_VALUES  # characters; a shorter text cannot hold as many values

# A high surrogate without a low one, or a low one without a high one. After a backslash these may be plain text.
_HALF = r"[dD](?:[89abAB][\da-fA-F]{2}(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB][\da-fA-F]{2}\\u[dD])[c-fC-F])"
_SUSPECT = re.compile(rf"\\u(?:0000|{_HALF})")  # one fast search for NULs and lone surrogates
_NULL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


def _unicode(text: str) -> str:
    """Replace lone surrogates, which JSON can spell and DuckDB refuses to read."""
    try:
        whole = json.dumps(json.loads(text), ensure_ascii=False)
        whole.encode()
    except UnicodeEncodeError:
        return whole.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    except (ValueError, RecursionError):
        pass  # not JSON, which the caller reports
    return text
