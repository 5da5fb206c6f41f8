"""The token that requests carry, renewed where it expires."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from intercom_kit.api.secret import Secret
from intercom_kit.errors import IntercomError, LoginRefusedError

MARGIN = 60.0  # seconds before a token expires at which it is renewed

# Returns a new token and its expiry in Unix seconds, None for never.
Renew = Callable[[], Awaitable[tuple[Secret, float | None]]]


class Token:
    """The token of one connection; used from the event loop only.

    Intercom's tokens never expire, and need no `renew`.
    """

    def __init__(self, secret: Secret, expires_at: float | None = None, renew: Renew | None = None) -> None:
        self.secret = secret
        self._expires_at = expires_at
        self._renew = renew
        self._lock = asyncio.Lock()

    def begin_anew(self) -> None:
        """Replace the lock: in a forked process, no renewal is in progress."""
        self._lock = asyncio.Lock()

    @property
    def is_due(self) -> bool:
        """Return whether the token is about to expire and can be renewed."""
        return bool(self._renew) and self._expires_at is not None and time.time() > self._expires_at - MARGIN

    async def fresh(self) -> Secret:
        """Return the token, renewed first if it is about to expire."""
        if self.is_due:
            await self.renewed(self.secret)
        return self.secret

    async def renewed(self, refused: Secret) -> bool:
        """Renew the refused token, unless another task already has, and return whether there is a new one.

        A failed renewal is not raised: the next request reports whether the old token still works.
        """
        async with self._lock:
            if self.secret is not refused:
                return True
            if self._renew is None:
                return False
            try:
                self.secret, self._expires_at = await self._renew()
            except LoginRefusedError:
                self._renew = None  # a refusal is final
                return False
            except IntercomError:
                return False
            return True
