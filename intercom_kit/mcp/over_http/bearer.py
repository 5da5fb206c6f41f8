"""Authorization over HTTP: bearer tokens that one issuer has signed for this server alone."""

import logging
from http.client import HTTPException
from typing import Any

import anyio
import anyio.to_thread
import jwt
from mcp.server.auth.provider import AccessToken, TokenVerifier

from intercom_kit.api.quoting import reason

_log = logging.getLogger(__name__)

_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]

_PATIENCE = 5.0  # seconds for the issuer's keys: nobody is served while they are fetched
_THREADS = 16  # of their own, so that no call can take those in which others' tokens are checked


class SignedTokens(TokenVerifier):
    """The verifier of signed tokens (JWT): signature by the issuer's keys, issuer, audience, time."""

    def __init__(self, issuer: str, audience: str, keys: str) -> None:
        self._issuer = issuer
        self._audience = audience
        self._keys = jwt.PyJWKClient(keys, timeout=_PATIENCE)
        self._threads = anyio.CapacityLimiter(_THREADS)

    async def verify_token(self, token: str) -> AccessToken | None:
        """Return the token with its subject and scopes; None where it is invalid for this server."""
        try:
            claims = await anyio.to_thread.run_sync(self._claims, token, limiter=self._threads)
        except (jwt.PyJWKClientConnectionError, HTTPException, OSError, ValueError) as error:
            _log.warning("A caller's token could not be checked against the issuer's keys: %s", reason(error))
            return None
        except jwt.PyJWTError:
            return None
        return AccessToken(
            token=token,
            client_id=str(claims.get("client_id") or claims.get("azp") or claims["sub"]),
            subject=claims["sub"],
            scopes=str(claims.get("scope") or "").split(),
            expires_at=int(claims["exp"]),
            resource=self._audience,
            claims=claims,
        )

    def _claims(self, token: str) -> dict[str, Any]:
        return jwt.decode(
            token,
            self._keys.get_signing_key_from_jwt(token),
            algorithms=_ALGORITHMS,
            audience=self._audience,
            issuer=self._issuer,
            options={"require": ["exp", "iss", "aud", "sub"]},
        )
