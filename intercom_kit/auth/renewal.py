"""Renew a credential's token where it expires, and store it in the same profile."""

import asyncio
from dataclasses import replace

from intercom_kit.api.secret import Secret
from intercom_kit.api.token import Token
from intercom_kit.auth import exchange, profiles
from intercom_kit.auth.credentials import Credential


class Renewal:
    """A credential through its renewals: `credential` is the current one, and `token` is what requests carry.

    Only a credential with a refresh token is ever renewed, and Intercom issues none.
    """

    def __init__(self, credential: Credential) -> None:
        self.credential = credential
        renewable = credential.client is not None and credential.refresh_token is not None
        self.token = Token(credential.token, credential.expires_at, self._renew if renewable else None)

    async def _renew(self) -> tuple[Secret, float | None]:
        """Return the new token and its expiry: one that another process has stored, else a new one, which is stored."""
        old = self.credential
        kept = await asyncio.to_thread(profiles.load, old.profile) if old.profile else old
        if kept.token.reveal() == old.token.reveal():
            assert old.client is not None  # noqa: S101 - it is renewable
            assert old.refresh_token is not None  # noqa: S101
            grant = await exchange.renew(exchange.token_host(old.base_url), old.client, old.refresh_token)
            refresh_token = grant.refresh_token or old.refresh_token
            kept = replace(old, token=grant.token, refresh_token=refresh_token, expires_at=grant.expires_at)
            if old.profile:
                await asyncio.to_thread(profiles.renew, kept)
        self.credential = replace(old, token=kept.token, refresh_token=kept.refresh_token, expires_at=kept.expires_at)
        return kept.token, kept.expires_at
