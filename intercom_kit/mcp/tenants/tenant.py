"""Who calls, and for whom: as the verified token says, compared exactly, letter by letter."""

import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any

from mcp.server.auth.middleware.auth_context import get_access_token
from mcp.server.auth.provider import AccessToken
from mcp.server.mcpserver.exceptions import ToolError

from intercom_kit.errors import BadRequestError

SUBJECT = "sub"

# Claims that their owner, or whoever manages an account, may choose: with one of them, people could become others.
_CHOSEN = """
email name nickname given_name middle_name family_name preferred_username username login upn unique_name profile picture
website gender birthdate zoneinfo locale phone_number address
"""
# Claims that say nothing of whom a token is about: many callers would be one tenant, or one caller many.
_OF_ALL = """
iss aud scope scp exp iat nbf jti azp client_id appid sid nonce auth_time acr amr at_hash typ ver token_use idp roles
"""

_LONGEST = 1_000  # characters of a claim


@dataclass(frozen=True)
class Tenant:
    """Whom a connection belongs to: the value of one claim, by one issuer."""

    issuer: str
    claim: str
    value: str

    @property
    def profile(self) -> str:
        """Return the name of the tenant's profile: recognisable, and another one for each tenant."""
        whole = json.dumps([self.issuer, self.claim, self.value])  # ASCII, and unlike for unlike tenants
        plain = re.sub(r"[^A-Za-z0-9@._+-]+", "-", self.value)[:40]
        return f"{plain}-{hashlib.sha256(whole.encode()).hexdigest()[:40]}"


@dataclass(frozen=True)
class Caller:
    """Who calls for a tenant: where a claim names the tenant, there may be many of them."""

    tenant: Tenant
    subject: str


def check_claim(claim: str) -> str:
    """Return the claim that names tenants; raise BadRequestError for one that people can choose, or that all share."""
    if claim in _CHOSEN.split():
        raise BadRequestError(
            f"The claim {claim!r} may be changed by people themselves, and then it would open another's workspace: "
            "name a claim that only the issuer sets, such as sub, oid, tid or org_id."
        )
    if claim in _OF_ALL.split() or not claim:
        raise BadRequestError(
            f"The claim {claim!r} does not say for whom a token is: name one that does, such as sub or org_id."
        )
    return claim


def current_caller(claim: str) -> Caller:
    """Return the caller of the current request, by its verified token; raise ToolError as `caller_of` does."""
    return caller_of(get_access_token(), claim)


def caller_of(token: AccessToken | None, claim: str) -> Caller:
    """Return whose token it is, and for which tenant.

    Raises ToolError where there is no token, or where its claims do not name a tenant by a text.
    """
    if token is None:
        raise ToolError("This server answers only callers who show a token.")
    claims: dict[str, Any] = token.claims or {}
    issuer, subject, value = (claims.get(name) for name in ("iss", SUBJECT, claim))
    if not (_is_name(issuer) and _is_name(subject) and _is_name(value)) or subject != token.subject:
        raise ToolError(
            f"Your token does not say for whom you call: its claim {claim!r} has to be a text. Sign in to an "
            "organisation, or ask whoever runs this server."
        )
    return Caller(Tenant(str(issuer), claim, str(value)), str(subject))


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _LONGEST
