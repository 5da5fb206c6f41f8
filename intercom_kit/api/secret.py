"""A token that cannot be shown by accident."""

import re
import weakref
from collections.abc import Callable
from typing import NoReturn
from urllib.parse import quote

_SHORTEST = 6  # characters; shorter secrets would match in any text
# The user name and password in a URL, and the value of an Authorization header.
_IN_ADDRESSES = re.compile(r"(?<=://)[^\s/]+(?=@)")
_IN_HEADERS = re.compile(r"\b(Bearer|Basic)\s+(?=\S*\d)[\w.~+/=-]{6,}", re.IGNORECASE)


class Secret:
    """A token that only `reveal` returns; printing, pickling and copying do not expose it."""

    __slots__ = ("__weakref__", "_reveal")

    def __init__(self, value: str) -> None:
        # Kept in a closure: `vars`, debuggers and tracebacks with locals show the function, not the value.
        self._reveal: Callable[[], str] = lambda: value
        _in_use.add(weakref.ref(self, _in_use.discard))

    def reveal(self) -> str:
        """Return the token itself."""
        return self._reveal()

    def __repr__(self) -> str:
        return "Secret(…)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("A secret cannot be pickled or copied; connect again where it is needed.")


_in_use: "set[weakref.ref[Secret]]" = set()


def redacted(text: str) -> str:
    """Return a text without the secrets of this process, and without passwords in URLs and headers.

    For foreign texts, such as exception messages, which may quote a secret.
    """
    for reference in tuple(_in_use):  # copied in one step, since other threads may add secrets
        secret = reference()
        value = secret.reveal() if secret else ""
        if len(value) >= _SHORTEST:
            text = text.replace(value, "…").replace(quote(value, safe=""), "…")
    return _IN_HEADERS.sub(r"\1 …", _IN_ADDRESSES.sub("…", text))
