"""The token that requests go with: as it is, or renewed where it expires."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from intercom_kit.api.secret import Secret
from intercom_kit.errors import IntercomError, LoginRefusedError

MARGIN = 60.0  # seconds before its end at which a token is renewed

# Gives a new token and when it expires, in Unix seconds; None is never.
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
        """Forget who renews the token just now: in a forked process, nobody does."""
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
        """Renew the token that was refused, unless somebody did meanwhile, and return whether there is a new one.

        That it fails is not raised: the request then tells what the old token is worth.
        """
        async with self._lock:
            if self.secret is not refused:
                return True
            if self._renew is None:
                return False
            try:
                self.secret, self._expires_at = await self._renew()
            except LoginRefusedError:
                self._renew = None  # once refused, it stays so
                return False
            except IntercomError:
                return False
            return True
