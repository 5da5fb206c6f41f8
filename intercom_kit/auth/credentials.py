"""Find the credential to connect with: an argument, else the environment."""

import os
from dataclasses import dataclass
from urllib.parse import urlsplit

from intercom_kit.api.regions import host
from intercom_kit.api.secret import Secret
from intercom_kit.errors import BadRequestError, NotConnectedError, TokenInvalidError


@dataclass(frozen=True)
class Credential:
    """Hold a token and where it is valid; `region` is None where nobody said, and then it is not checked."""

    token: Secret
    base_url: str
    region: str | None


def find(token: str | None = None, region: str | None = None, base_url: str | None = None) -> Credential:
    """Take what is given, else INTERCOM_ACCESS_TOKEN, INTERCOM_REGION and INTERCOM_BASE_URL from the environment.

    Raises NotConnectedError where there is no token, TokenInvalidError where it can be none, BadRequestError for an
    unknown region or a `base_url` that is no address.
    """
    token = token or os.environ.get("INTERCOM_ACCESS_TOKEN")
    base_url = base_url or os.environ.get("INTERCOM_BASE_URL")
    region = region or os.environ.get("INTERCOM_REGION") or (None if base_url else "us")
    if not token or not token.strip():
        raise NotConnectedError(
            "There is no credential. Set INTERCOM_ACCESS_TOKEN, or call intercom_kit.connect(token=…) with an access "
            "token from your workspace's Developer Hub; intercom_kit.demo() needs none."
        )
    return Credential(_clean(token), _address(base_url or host(region or "us")), region and region.lower())


def _clean(token: str) -> Secret:
    """Refuse what no header can carry: the error of sending it would quote the token."""
    token = token.strip()
    if not token.isascii() or not token.isprintable() or " " in token:
        raise TokenInvalidError(
            "The access token holds a space, a line break or another character that no token has: copy it again from "
            "your workspace's Developer Hub, in one piece."
        )
    return Secret(token)


def _address(base_url: str) -> str:
    """Check that a base URL says how to speak with which host."""
    try:
        parts = urlsplit(base_url)
        valid = parts.scheme in ("https", "http") and parts.hostname and parts.port != 0
    except ValueError:
        valid = False
    if not valid:
        raise BadRequestError(
            f"base_url {base_url!r} must begin with https:// or http:// and name a host, like https://api.intercom.io."
        )
    return base_url
