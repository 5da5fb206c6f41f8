"""The sandbox's access tokens and its only OAuth app."""

import base64
import secrets
import time
from typing import Any

from intercom_kit.sandbox.errors import ApiError

CODE_SECONDS = 300  # documented: "about 5 minutes"


class Credentials:
    """The valid and revoked tokens, and the codes and refresh tokens that the OAuth app can exchange."""

    def __init__(
        self, token: str | None, code_seconds: float = CODE_SECONDS, token_seconds: float | None = None
    ) -> None:
        self.token = token or new_token()
        self.client_id = secrets.token_hex(12)
        self.client_secret = secrets.token_hex(20)
        self._valid = {self.token}
        self._revoked: set[str] = set()
        self._codes: dict[str, float] = {}
        self._code_seconds = code_seconds
        self._token_seconds = token_seconds  # None, as at Intercom: tokens never expire
        self._refresh_tokens: set[str] = set()
        self._expires: dict[str, float] = {}

    def check(self, authorization: str | None) -> str:
        """Return the valid token of an Authorization header, or raise an error."""
        token = _read_token(authorization or "")
        if token in self._revoked:
            raise ApiError(401, "token_revoked", "Access Token Revoked")  # wording UNCONFIRMED [error-codes]
        if self._expires.get(token, float("inf")) < time.monotonic():
            raise ApiError(401, "token_expired", "Access Token Expired")  # wording UNCONFIRMED [error-codes]
        if token not in self._valid:
            raise ApiError(401, "unauthorized", "Access Token Invalid")
        return token

    def revoke(self, token: str) -> None:
        self._valid.discard(token)
        self._revoked.add(token)

    def new_code(self) -> str:
        """Return a new authorisation code; codes end in "=", which is part of them."""
        code = base64.b64encode(secrets.token_bytes(26)).decode()
        self._codes[code] = time.monotonic() + self._code_seconds
        return code

    def exchange(self, fields: dict[str, Any]) -> dict[str, Any]:
        """Return a new token for a code, or for a refresh token where tokens expire; each can be used once.

        Documented: 401 with "Unauthorized Code"; envelope and refresh tokens are UNCONFIRMED [oauth-token].
        """
        known_client = fields.get("client_id") == self.client_id and fields.get("client_secret") == self.client_secret
        if not known_client:  # UNCONFIRMED [oauth-token]
            raise ApiError(401, "unauthorized", "Unauthorized Client")
        if fields.get("grant_type") == "refresh_token":
            if fields.get("refresh_token") not in self._refresh_tokens:
                raise ApiError(401, "unauthorized", "Unauthorized Refresh Token")
            self._refresh_tokens.discard(fields["refresh_token"])
        elif self._codes.pop(str(fields.get("code")), 0.0) < time.monotonic():
            raise ApiError(401, "unauthorized", "Unauthorized Code")
        token = new_token()
        self._valid.add(token)
        granted = {"token_type": "Bearer", "token": token, "access_token": token}
        if self._token_seconds is None:
            return granted
        refresh_token = secrets.token_urlsafe()
        self._refresh_tokens.add(refresh_token)
        self._expires[token] = time.monotonic() + self._token_seconds
        return {**granted, "expires_in": self._token_seconds, "refresh_token": refresh_token}


def new_token() -> str:
    """Return a new token that looks like Intercom's: base64 of `tok:` and more."""
    return base64.b64encode(f"tok:{secrets.token_hex(20)}".encode()).decode()


def _read_token(authorization: str) -> str:
    """Return the token of a Bearer or Basic header; with Basic it is the user name (UNCONFIRMED [basic-auth])."""
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() != "basic":
        return value.strip() if scheme.lower() == "bearer" else ""
    try:
        return base64.b64decode(value, validate=True).decode().partition(":")[0]
    except ValueError:
        return ""
