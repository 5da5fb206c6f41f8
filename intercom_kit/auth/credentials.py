"""Credentials: a token, the host where it is valid, and its owner, if known."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from intercom_kit.api.budget import RateBudget
from intercom_kit.api.identity import Identity
from intercom_kit.api.quoting import quoted
from intercom_kit.api.regions import HOSTS
from intercom_kit.api.secret import Secret
from intercom_kit.errors import BadRequestError, NotConnectedError, TokenInvalidError


@dataclass(frozen=True)
class OAuthClient:
    """The client id and secret of an app of yours, from its page in Intercom's Developer Hub."""

    id: str
    secret: Secret


@dataclass(frozen=True)
class Grant:
    """The token that Intercom returned for a code, with a refresh token if it expires.

    Intercom's own tokens never expire and come without `refresh_token`; `expires_at` is in Unix seconds.
    """

    token: Secret
    refresh_token: Secret | None = None
    expires_at: float | None = None


@dataclass(frozen=True)
class Credential:
    """A token and where it is valid.

    `region` is None where it was not named; the workspace's own region then applies. `workspace_id` is the workspace
    that the token must belong to, None for any. `identity` and `budget` are set by `check`. `profile` is the stored
    profile that this came from, and `origin` describes where the token was found. The last three renew a token that
    expires, which Intercom's own tokens do not.
    """

    token: Secret
    base_url: str
    region: str | None = None
    workspace_id: str | None = None
    identity: Identity | None = None
    budget: RateBudget | None = None
    profile: str | None = None
    origin: str = "an argument"
    client: OAuthClient | None = None
    refresh_token: Secret | None = None
    expires_at: float | None = None

    @property
    def may_move(self) -> bool:
        """Return whether `check` may switch to another of Intercom's regional hosts, since no region was named."""
        return self.region is None and self.base_url in HOSTS.values()


def hidden(text: str | Secret | None) -> Secret:
    """Return a user's text as a Secret, since a plain variable would show in a traceback with locals.

    A byte order mark, which Windows may add, is removed.
    """
    return text if isinstance(text, Secret) else Secret((text or "").strip().lstrip("\ufeff").strip())


def clean(secret: Secret, what: str = "access token") -> Secret:
    """Return the secret, or raise an error if no header can carry it; httpx's own error would quote it."""
    if not secret.reveal():
        raise NotConnectedError(f"The {what} is empty: copy it again from your workspace's Developer Hub.")
    if not secret.reveal().isascii() or not secret.reveal().isprintable() or " " in secret.reveal():
        raise TokenInvalidError(
            f"The {what} holds a space, a line break or another character that none has: copy it again from your "
            "workspace's Developer Hub, in one piece."
        )
    return secret


def address(base_url: str) -> str:
    """Return a valid base URL; raise BadRequestError if it lacks a scheme or host, or has a password in it."""
    try:
        parts = urlsplit(base_url)
        valid = parts.scheme in ("https", "http") and parts.hostname and parts.port != 0 and base_url.isprintable()
        secret = "@" in parts.netloc
    except ValueError:
        valid, secret = False, False
    if secret:
        raise BadRequestError(
            "base_url holds a user name or a password, which is never sent: leave out all up to the @. Where a proxy "
            "wants them, they belong into HTTPS_PROXY."
        )
    if not valid or " " in base_url:
        raise BadRequestError(
            f"base_url {quoted(base_url)!r} must begin with https:// or http:// and name a host, like "
            "https://api.intercom.io."
        )
    return base_url.rstrip("/")
