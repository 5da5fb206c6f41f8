"""What opens a workspace: a token, where it is valid, and what is known of whose it is."""

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
    """What Intercom gave for a code: a token, and for tokens that expire also how to renew it.

    Intercom's own tokens never expire and come without `refresh_token`; `expires_at` is in Unix seconds.
    """

    token: Secret
    refresh_token: Secret | None = None
    expires_at: float | None = None


@dataclass(frozen=True)
class Credential:
    """A token and where it is valid.

    `region` is None where nobody said, and then the workspace's own is taken. `workspace_id` is the workspace that the
    token must belong to, None where any will do. `identity` and `budget` are what `check` learnt, None before.
    `profile` names the stored profile that this came from, and `origin` says in words where the token was found. The
    last three renew a token that expires, as Intercom's own do not.
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
        """Return whether the workspace's region decides on the host: nobody named one, and it is one of Intercom's."""
        return self.region is None and self.base_url in HOSTS.values()


def hidden(text: str | Secret | None) -> Secret:
    """Hide what a user gave as text; a variable that holds it as it is would show in a traceback with locals.

    A mark of UTF-8, which Windows puts before a text, is no part of it.
    """
    return text if isinstance(text, Secret) else Secret((text or "").strip().lstrip("\ufeff").strip())


def clean(secret: Secret, what: str = "access token") -> Secret:
    """Refuse what no header can carry: the error of sending it would quote the token."""
    if not secret.reveal():
        raise NotConnectedError(f"The {what} is empty: copy it again from your workspace's Developer Hub.")
    if not secret.reveal().isascii() or not secret.reveal().isprintable() or " " in secret.reveal():
        raise TokenInvalidError(
            f"The {what} holds a space, a line break or another character that none has: copy it again from your "
            "workspace's Developer Hub, in one piece."
        )
    return secret


def address(base_url: str) -> str:
    """Check that a base URL says how to speak with which host, and holds no secret that would be stored and shown."""
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
