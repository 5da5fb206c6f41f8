"""A page of an answer: its text, and the few values that say how to go on, read without the rest.

Reading a page whole into Python objects would hold Python's lock for milliseconds per page, and all pages of a large
listing pass through here. So members of a list are found, and left as they are.
"""

import json
import re
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, NamedTuple

import msgspec

from intercom_kit.errors import NotIntercomError


class Sample(NamedTuple):
    """The id of one object of a page, and the second of its creation; empty and 0 where it does not say."""

    id: str
    created_at: int


@dataclass(frozen=True)
class Page:
    """One answer of Intercom's.

    `next` is what Intercom says of the next page: a cursor, an address, or None at the end. `count` is the number of
    objects, `samples` are some of them, the first and the last among these, and `repaired` says whether the text was
    no valid Unicode, so that some characters were replaced. `nulls` is how many NULs its texts hold, and `plain` says
    that no key was seen to come twice, neither beside the list nor in its objects, of which a long page's samples alone
    are looked at.
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

    @property
    def cursor(self) -> str | None:
        """Return the `starting_after` of the next page."""
        cursor = self.next.get("starting_after") if isinstance(self.next, dict) else None
        return str(cursor) if cursor else None

    def whole(self) -> Any:
        """Read all of the answer into Python objects, which is slow; raise NotIntercomError where Python cannot."""
        try:
            return json.loads(self.text, strict=False)
        except (ValueError, RecursionError):
            raise NotIntercomError(
                "An answer is nested too deeply, or has too long numbers, to be read: check that `base_url` is "
                "Intercom's API."
            ) from None

    def members(self, items: str) -> list[dict[str, Any]]:
        """Read the objects of a list whole, without what else may stand among them."""
        answer = self.whole()
        found = answer.get(items) if isinstance(answer, dict) else None
        return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def read_page(text: str, items: str) -> Page:
    """Read the head of an answer; raise ValueError if it is no JSON, or holds no list where one must be.

    `items` is the key, dotted where nested, that holds the list; a list's total stands beside it.
    """
    if len(text) > _LONG and text.count(",") > MOST_VALUES:
        raise ValueError(f"the answer holds more than {MOST_VALUES:,} values")
    odd = _ODD.search(text)
    if odd and (whole := _unicode(text)) != text:
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
        nulls=len(_NULL.findall(text)) if odd else 0,
        plain=_is_plain(text, items, members),
    )


def _followed(head: Any, items: str) -> tuple[Any, list[msgspec.Raw]]:
    """Follow the key of a list; give the object that the list stands in, and the list."""
    *outer, last = items.split(".")
    for key in outer:
        head = getattr(head, key)
    return head, getattr(head, last) if last else []


_object = msgspec.json.Decoder(dict[str, msgspec.Raw])


def _is_plain(text: str, items: str, members: list[msgspec.Raw]) -> bool:
    """Return whether no key was seen to come twice: in the whole of a short answer, or in samples of a long one."""
    if len(text) > _SHORT:
        return all(_is_whole(members[place]) for place in _places(len(members)))
    outer = msgspec.Raw(text.strip())
    for key in items.split("."):
        if not _is_whole(outer):
            return False
        outer = _object.decode(outer).get(key, outer)
    return all(map(_is_whole, members))


def _is_whole(told: msgspec.Raw) -> bool:
    """Return whether an object's values, with their keys, fill all of its bytes: of keys that came twice one is left."""
    try:
        read = _object.decode(told)
    except (msgspec.DecodeError, RecursionError):
        return False  # something stands where an object belongs
    filled = 1 + sum(len(key.encode()) + 4 + memoryview(value).nbytes for key, value in read.items())
    return filled == memoryview(told).nbytes


# So many objects of a page are looked at, to tell pages and their order apart.
_SAMPLES = 5

# In pages up to this size each object is looked at for keys that come twice. In longer ones that would take as long
# as all else: where keys do come twice there, they will in some of the samples.
_SHORT = 100_000  # bytes


def _places(count: int) -> list[int]:
    """Return the places of the samples among so many objects."""
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
    """Return what reads heads whose list stands under a key."""
    *outer, last = items.split(".")
    inside: list[Any] = [(last, list[msgspec.Raw])] if last else []
    for key in reversed(outer):
        inside = [(key, msgspec.defstruct("Outer", [("total_count", Any, None), *inside], kw_only=True))]
    beside = [(name, Any, None) for name in ("pages", "scroll_param", "total_count")]
    return msgspec.json.Decoder(msgspec.defstruct("Head", [*beside, *inside], kw_only=True))


def _whole(number: Any) -> int | None:
    """Read a count, which older versions of the API send as text; None where it is none that a list can have."""
    return int(number) if re.fullmatch(r"[0-9]{1,15}", str(number)) else None


# A page of 150 conversations has some 20,000 values. Each takes many times its two letters where it is made an object.
MOST_VALUES = 1_000_000
_LONG = 2 * MOST_VALUES  # letters; what is shorter cannot hold as many

# A first half that no second follows, or a second that follows no first. After a backslash these may be plain text.
_HALF = r"[dD](?:[89abAB][\da-fA-F]{2}(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB][\da-fA-F]{2}\\u[dD])[c-fC-F])"
_ODD = re.compile(rf"\\u(?:0000|{_HALF})")  # finds in one look whether any may be amiss
_NULL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


def _unicode(text: str) -> str:
    """Replace halves of surrogate pairs that stand alone, which JSON can spell and DuckDB refuses to read."""
    try:
        whole = json.dumps(json.loads(text), ensure_ascii=False)
        whole.encode()
    except UnicodeEncodeError:
        return whole.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    except (ValueError, RecursionError):
        pass  # no JSON at all, as is found out next
    return text
