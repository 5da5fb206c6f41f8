"""Trade a code for a token, renew one that expires, and take one back; the requests of OAuth."""

import contextlib
import json
import time
from collections.abc import Mapping

from intercom_kit.api.identity import ATTEMPTS
from intercom_kit.api.regions import HOSTS
from intercom_kit.api.secret import Secret
from intercom_kit.api.token import Token
from intercom_kit.api.transport import Transport
from intercom_kit.auth.credentials import Credential, Grant, OAuthClient
from intercom_kit.errors import BadRequestError, LoginRefusedError, NotIntercomError, RefusedError, TokenInvalidError

TOKEN_PATH = "/auth/eagle/token"  # noqa: S105 - an address
UNINSTALL_PATH = "/auth/uninstall"
PATIENCE = 30.0  # seconds: somebody waits before a browser


def token_host(base_url: str) -> str:
    """Say where tokens are handed out: for Intercom always in the US.

    Every client found has it so (UNCONFIRMED [oauth-token]).
    """
    return HOSTS["us"] if base_url in HOSTS.values() else base_url


async def exchange(base_url: str, client: OAuthClient, code: Secret) -> Grant:
    """Trade a code for a token, with one request. Raises LoginRefusedError."""
    return await _ask(base_url, client, {"code": code})


async def renew(base_url: str, client: OAuthClient, refresh_token: Secret) -> Grant:
    """Renew a token that expires, with one request, as OAuth 2 has it.

    UNCONFIRMED [oauth-token], since none of Intercom's expires.
    """
    fields = {"grant_type": Secret("refresh_token"), "refresh_token": refresh_token}
    return await _ask(base_url, client, fields)


async def uninstall(transport: Transport) -> None:
    """Uninstall the app from the workspace, which is how Intercom takes a token back: one request.

    UNCONFIRMED [oauth-uninstall]: that every region's host does it, that it ends an app's own access token as it ends
    those of OAuth, and whether tokens that other admins gave the app end as well. That the token is dead already is no
    error.
    """
    with contextlib.suppress(TokenInvalidError):
        await transport.send("POST", UNINSTALL_PATH, blank=True, attempts=ATTEMPTS)


async def revoke(credential: Credential) -> None:
    """Take back a credential's token, where no workspace is connected with it."""
    transport = Transport(credential.base_url, Token(credential.token), patience=PATIENCE)
    try:
        await uninstall(transport)
    finally:
        await transport.close()


async def _ask(base_url: str, client: OAuthClient, fields: Mapping[str, Secret]) -> Grant:
    """Post to the token's address; a code works once, so that only what surely did nothing is asked again."""
    transport = Transport(base_url, None, patience=PATIENCE)
    form = {"client_id": Secret(client.id), "client_secret": client.secret, **fields}
    grant, refusal = None, None
    try:
        grant = _read((await transport.send("POST", TOKEN_PATH, form=form, repeatable=False)).text)
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
    """Read a token; an answer that cannot be read must not stand in an error, and is None."""
    try:
        said = json.loads(text)
        token, refresh = said.get("access_token") or said.get("token"), said.get("refresh_token")
        lasts = said.get("expires_in")
        expires_at = time.time() + float(lasts) if lasts is not None else None
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        return None
    if not isinstance(token, str) or not token.isascii() or not token.isprintable() or " " in token or not token:
        return None
    return Grant(Secret(token), Secret(str(refresh)) if refresh else None, expires_at)


def _refusal(error: RefusedError | BadRequestError) -> LoginRefusedError:
    """Say what a refused exchange means.

    The wording of "Unauthorized Code" is Intercom's, others are UNCONFIRMED [oauth-token].
    """
    if "Unauthorized Code" in str(error):
        said = "Intercom did not take the code: it was used already, or is older than five minutes. Start again."
    else:
        said = (
            "Intercom did not take the app's client id and secret. Copy both again from the app's Basic information in "
            "the Developer Hub (INTERCOM_CLIENT_ID, INTERCOM_CLIENT_SECRET), and start again."
        )
    return LoginRefusedError(said, status=error.status, request_id=error.request_id)
