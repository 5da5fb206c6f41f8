"""Renew a credential's token where it expires, and keep the new one where the old one was kept."""

import asyncio
from dataclasses import replace

from intercom_kit.api.secret import Secret
from intercom_kit.api.token import Token
from intercom_kit.auth import exchange, profiles
from intercom_kit.auth.credentials import Credential


class Renewal:
    """Follow a credential through its renewals: `credential` is as of now, and `token` is what requests go with.

    Only a credential with a refresh token is ever renewed, and Intercom hands none out.
    """

    def __init__(self, credential: Credential) -> None:
        self.credential = credential
        renewable = credential.client is not None and credential.refresh_token is not None
        self.token = Token(credential.token, credential.expires_at, self._renew if renewable else None)

    async def _renew(self) -> tuple[Secret, float | None]:
        """Take what another notebook has renewed and stored meanwhile, else ask for a new token and store that."""
        old = self.credential
        kept = await asyncio.to_thread(profiles.load, old.profile) if old.profile else old
        if kept.token.reveal() == old.token.reveal():
            assert old.client is not None  # noqa: S101 - as found above
            assert old.refresh_token is not None  # noqa: S101
            grant = await exchange.renew(exchange.token_host(old.base_url), old.client, old.refresh_token)
            refresh_token = grant.refresh_token or old.refresh_token
            kept = replace(old, token=grant.token, refresh_token=refresh_token, expires_at=grant.expires_at)
            if old.profile:
                await asyncio.to_thread(profiles.renew, kept)
        self.credential = replace(old, token=kept.token, refresh_token=kept.refresh_token, expires_at=kept.expires_at)
        return kept.token, kept.expires_at
