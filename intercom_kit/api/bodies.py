"""Read response bodies within a size limit, which also holds for the decompressed size.

| Response | Limit |
|---|---|
| a page of a list or of a search | 16 MB |
| one object by its id, such as a conversation with its parts | 32 MB |
| the file of a report | 256 MB |
| /me, and the responses of a login | 1 MB |
| an error (any status but 2xx); the rest is cut off | 1 MB |

A page of 150 conversations is half a megabyte, and a conversation with 500 parts one or two. Bodies longer than `FREE`
on the wire are read one at a time. Only the encodings of `ACCEPTED` are decoded.
"""

import asyncio
import zlib
from collections.abc import AsyncIterator, Mapping

from intercom_kit.api.quoting import quoted
from intercom_kit.errors import AnswerTooLargeError, NotIntercomError

LARGEST_PAGE = 16_000_000  # bytes
LARGEST_OBJECT = 32_000_000
LARGEST_FILE = 256_000_000
LARGEST_WORD = 1_000_000
LARGEST_REFUSAL = 1_000_000
FREE = 4_000_000

ACCEPTED = "gzip, deflate"
MAX_LAYERS = 3  # of content encodings within each other; servers use one
_GZIP, _ZLIB, _RAW = 16 + zlib.MAX_WBITS, zlib.MAX_WBITS, -zlib.MAX_WBITS


def bound_of(path: str, items: str) -> int:
    """Return the size limit of a response in bytes; `items` is the key of its list, dotted where nested."""
    if path == "/me" or path.startswith("/auth/"):
        return LARGEST_WORD
    if path.startswith("/download/"):
        return LARGEST_FILE
    return LARGEST_PAGE if items and "." not in items else LARGEST_OBJECT


async def read_body(
    chunks: AsyncIterator[bytes], headers: Mapping[str, str], bound: int, turn: asyncio.Lock, *, cut: bool = False
) -> bytes | bytearray:
    """Return the decoded body; one longer than `FREE` takes the lock `turn` first.

    A body that is too large raises AnswerTooLargeError, and one that cannot be decoded NotIntercomError. With `cut`,
    the former is truncated and the latter is empty instead.
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
    """Read the encoded body, unless its Content-Length is above the limit."""
    declared = headers.get("content-length", "")
    if not cut and declared.isdecimal() and len(declared) < 20 and int(declared) > bound:
        raise _too_large(bound)
    received, locked = bytearray(), False
    try:
        async for chunk in chunks:
            received += chunk
            if len(received) > bound:
                if cut:
                    break
                raise _too_large(bound)
            if len(received) > FREE and not locked:
                locked = await turn.acquire()
    finally:
        if locked:
            turn.release()
    return received


def _layers(headers: Mapping[str, str]) -> list[str]:
    """Return the content encodings of a body, the outermost first."""
    named = [name.strip().lower() for name in headers.get("content-encoding", "").split(",")]
    layers = [name for name in reversed(named) if name not in ("", "identity")]
    if len(layers) > MAX_LAYERS or not {"gzip", "x-gzip", "deflate"}.issuperset(layers):
        raise NotIntercomError(
            f"What answered is not Intercom's API: its body is packed as {quoted(', '.join(named), 80)}, which was not "
            "asked for. Check `base_url` and the proxy settings (HTTPS_PROXY)."
        )
    return layers


def _unpacked(packed: bytes | bytearray, layers: list[str], bound: int, cut: bool) -> bytes | bytearray:
    """Decode one encoding after another; none may exceed the limit."""
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
    form = _GZIP if layer != "deflate" else _ZLIB if packed[0] & 0x0F == 8 else _RAW  # some servers omit zlib's header
    unpacking = zlib.decompressobj(form)
    inside = unpacking.decompress(packed, bound + 1)
    if len(inside) > bound and not cut:
        del inside  # else the error's traceback would keep it
        raise _too_large(bound)
    if not unpacking.eof and not cut:
        raise zlib.error("it breaks off")
    return inside[:bound]


def _too_large(bound: int) -> AnswerTooLargeError:
    return AnswerTooLargeError(
        f"An answer is larger than the {bound / 1e6:,.0f} MB that one of its kind can have, and was not read to its "
        "end: check that `base_url` is Intercom's API. If it is, ask for fewer rows, or for other ones."
    )
