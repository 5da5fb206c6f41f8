"""The OAuth requests: exchange a code for a token, renew a token, and revoke one."""

import contextlib
import json
import time
from collections.abc import Mapping

from intercom_kit.api.asking import Request
from intercom_kit.api.identity import ATTEMPTS
from intercom_kit.api.regions import HOSTS
from intercom_kit.api.secret import Secret
from intercom_kit.api.token import Token
from intercom_kit.api.transport import Transport
from intercom_kit.auth.credentials import Credential, Grant, OAuthClient
from intercom_kit.errors import BadRequestError, LoginRefusedError, NotIntercomError, RefusedError, TokenInvalidError

TOKEN_PATH = "/auth/eagle/token"  # noqa: S105 - an address
UNINSTALL_PATH = "/auth/uninstall"
PATIENCE = 30.0  # seconds: a user is waiting


def token_host(base_url: str) -> str:
    """Return the host that issues tokens: for Intercom, always the US one.

    Every known client does so (UNCONFIRMED [oauth-token]).
    """
    return HOSTS["us"] if base_url in HOSTS.values() else base_url


async def exchange(base_url: str, client: OAuthClient, code: Secret) -> Grant:
    """Exchange a code for a token, with one request. Raises LoginRefusedError."""
    return await _ask(base_url, client, {"code": code})


async def renew(base_url: str, client: OAuthClient, refresh_token: Secret) -> Grant:
    """Renew a token that expires, with one request, as OAuth 2 defines it.

    UNCONFIRMED [oauth-token], since Intercom's tokens do not expire.
    """
    fields = {"grant_type": Secret("refresh_token"), "refresh_token": refresh_token}
    return await _ask(base_url, client, fields)


async def uninstall(transport: Transport) -> None:
    """Uninstall the app from the workspace, which revokes its token, with one request.

    UNCONFIRMED [oauth-uninstall]: that every region's host supports it, that it also revokes the app's own access token
    and not only those of OAuth, and whether it revokes tokens that other admins granted. An invalid token is no error.
    """
    with contextlib.suppress(TokenInvalidError):
        await transport.send(Request("POST", UNINSTALL_PATH, blank=True), attempts=ATTEMPTS)


async def revoke(credential: Credential) -> None:
    """Revoke a credential's token, where no workspace is connected with it."""
    transport = Transport(credential.base_url, Token(credential.token), patience=PATIENCE)
    try:
        await uninstall(transport)
    finally:
        await transport.close()


async def _ask(base_url: str, client: OAuthClient, fields: Mapping[str, Secret]) -> Grant:
    """Post a form to the token endpoint; a code works once, so only a 429 is retried."""
    transport = Transport(base_url, None, patience=PATIENCE)
    form = {"client_id": Secret(client.id), "client_secret": client.secret, **fields}
    grant, refusal = None, None
    try:
        grant = _read((await transport.send(Request("POST", TOKEN_PATH, form=form), repeatable=False)).text)
    except (RefusedError, BadRequestError) as error:
        refusal = _refusal(error)
    finally:
        await transport.close()
    if refusal:
        raise refusal
    if grant is None:
        raise NotIntercomError("The answer to the login holds no token: check `base_url`, and start again.")
    return grant


def _read(text: str) -> Grant | None:
    """Read a token; None for a malformed response, which no error may quote."""
    try:
        response = json.loads(text)
        token, refresh = response.get("access_token") or response.get("token"), response.get("refresh_token")
        expires_in = response.get("expires_in")
        expires_at = time.time() + float(expires_in) if expires_in is not None else None
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        return None
    if not isinstance(token, str) or not token.isascii() or not token.isprintable() or " " in token or not token:
        return None
    return Grant(Secret(token), Secret(str(refresh)) if refresh else None, expires_at)


def _refusal(error: RefusedError | BadRequestError) -> LoginRefusedError:
    """Return the error for a refused exchange.

    The wording of "Unauthorized Code" is Intercom's, others are UNCONFIRMED [oauth-token].
    """
    if "Unauthorized Code" in str(error):
        message = "Intercom did not take the code: it was used already, or is older than five minutes. Start again."
    else:
        message = (
            "Intercom did not take the app's client id and secret. Copy both again from the app's Basic information in "
            "the Developer Hub (INTERCOM_CLIENT_ID, INTERCOM_CLIENT_SECRET), and start again."
        )
    return LoginRefusedError(message, status=error.status, request_id=error.request_id)
