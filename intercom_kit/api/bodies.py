"""Read the body of an answer, of which nobody knows how long it is: within a bound, also once it is unpacked.

| What is asked for | Its bound |
|---|---|
| a page of a list or of a search | 16 MB |
| one object by its id, such as a conversation with its parts | 32 MB |
| who one is, and the answers of a login | 1 MB |
| a refusal or a failure (any status but 2xx), of which the beginning counts | 1 MB |

A page of 150 conversations is half a megabyte, and a conversation with 500 parts one or two. What is longer than
`FREE`, packed or not, is read one answer at a time. Only packings that were asked for are unpacked.
"""

import asyncio
import zlib
from collections.abc import AsyncIterator, Mapping

from intercom_kit.api.quoting import quoted
from intercom_kit.errors import AnswerTooLargeError, NotIntercomError

LARGEST_PAGE = 16_000_000  # bytes
LARGEST_OBJECT = 32_000_000
LARGEST_WORD = 1_000_000
LARGEST_REFUSAL = 1_000_000
FREE = 4_000_000

ACCEPTED = "gzip, deflate"
MOST_LAYERS = 3  # of packings within each other; servers use one
_GZIP, _ZLIB, _RAW = 16 + zlib.MAX_WBITS, zlib.MAX_WBITS, -zlib.MAX_WBITS


def bound_of(path: str, items: str) -> int:
    """Give how many bytes an answer may have; `items` is the key of its list, dotted where an object holds that."""
    if path == "/me" or path.startswith("/auth/"):
        return LARGEST_WORD
    return LARGEST_PAGE if items and "." not in items else LARGEST_OBJECT


async def read_body(
    chunks: AsyncIterator[bytes], headers: Mapping[str, str], bound: int, turn: asyncio.Lock, *, cut: bool = False
) -> bytes | bytearray:
    """Read a body and unpack it; what is longer than `FREE` waits for its `turn`.

    If it may be `cut`, what is beyond the bound is left out, and all of it where it cannot be unpacked. Else these
    raise AnswerTooLargeError and NotIntercomError.
    """
    packed = await _received(chunks, headers, bound, turn, cut)
    try:
        return _unpacked(packed, _layers(headers), bound, cut)
    except NotIntercomError:
        if cut:
            return b""
        raise


async def _received(
    chunks: AsyncIterator[bytes], headers: Mapping[str, str], bound: int, turn: asyncio.Lock, cut: bool
) -> bytearray:
    """Receive what comes over the wire; where headers tell that it is too long, none of it."""
    told = headers.get("content-length", "")
    if not cut and told.isdecimal() and len(told) < 20 and int(told) > bound:
        raise _too_large(bound)
    came, taken = bytearray(), False
    try:
        async for chunk in chunks:
            came += chunk
            if len(came) > bound:
                if cut:
                    break
                raise _too_large(bound)
            if len(came) > FREE and not taken:
                taken = await turn.acquire()
    finally:
        if taken:
            turn.release()
    return came


def _layers(headers: Mapping[str, str]) -> list[str]:
    """Name the packings of a body, the outermost first."""
    named = [name.strip().lower() for name in headers.get("content-encoding", "").split(",")]
    layers = [name for name in reversed(named) if name not in ("", "identity")]
    if len(layers) > MOST_LAYERS or not {"gzip", "x-gzip", "deflate"}.issuperset(layers):
        raise NotIntercomError(
            f"What answered is not Intercom's API: its body is packed as {quoted(', '.join(named), 80)}, which was not "
            "asked for. Check `base_url` and the proxy settings (HTTPS_PROXY)."
        )
    return layers


def _unpacked(packed: bytes | bytearray, layers: list[str], bound: int, cut: bool) -> bytes | bytearray:
    """Take the packings off, one after another, none of which may hold more than the bound."""
    for layer in layers:
        try:
            packed = _inflated(packed, layer, bound, cut) if packed else packed
        except zlib.error as error:
            raise NotIntercomError(
                f"What answered is not Intercom's API: its body cannot be unpacked ({quoted(error)}). Check `base_url` "
                "and the proxy settings (HTTPS_PROXY)."
            ) from None
    return packed[:bound] if cut else packed


def _inflated(packed: bytes | bytearray, layer: str, bound: int, cut: bool) -> bytes:
    form = _GZIP if layer != "deflate" else _ZLIB if packed[0] & 0x0F == 8 else _RAW  # some leave zlib's head out
    unpacking = zlib.decompressobj(form)
    inside = unpacking.decompress(packed, bound + 1)
    if len(inside) > bound and not cut:
        del inside  # which the error would keep
        raise _too_large(bound)
    if not unpacking.eof and not cut:
        raise zlib.error("it breaks off")
    return inside[:bound]


def _too_large(bound: int) -> AnswerTooLargeError:
    return AnswerTooLargeError(
        f"An answer is larger than the {bound / 1e6:,.0f} MB that one of its kind can have, and was not read to its "
        "end: check that `base_url` is Intercom's API. If it is, ask for fewer rows, or for other ones."
    )
