"""Find the credential to connect with: an argument, else the environment."""

import os
from dataclasses import dataclass

from intercom_kit.api.regions import host
from intercom_kit.api.secret import Secret
from intercom_kit.errors import NotConnectedError


@dataclass(frozen=True)
class Credential:
    """Hold a token and where it is valid; `region` is None where nobody said, and then it is not checked."""

    token: Secret
    base_url: str
    region: str | None


def find(token: str | None = None, region: str | None = None, base_url: str | None = None) -> Credential:
    """Take what is given, else INTERCOM_ACCESS_TOKEN, INTERCOM_REGION and INTERCOM_BASE_URL from the environment.

    Raises NotConnectedError where there is no token, BadRequestError for an unknown region.
    """
    token = token or os.environ.get("INTERCOM_ACCESS_TOKEN")
    base_url = base_url or os.environ.get("INTERCOM_BASE_URL")
    region = region or os.environ.get("INTERCOM_REGION") or (None if base_url else "us")
    if not token or not token.strip():
        raise NotConnectedError(
            "There is no credential. Set INTERCOM_ACCESS_TOKEN, or call intercom_kit.connect(token=…) with an access "
            "token from your workspace's Developer Hub; intercom_kit.demo() needs none."
        )
    return Credential(Secret(token.strip()), base_url or host(region or "us"), region and region.lower())
