"""Find what to connect with: an argument, else the environment."""

import os

from intercom_kit.api.regions import host
from intercom_kit.api.secret import Secret
from intercom_kit.auth.credentials import Credential, OAuthClient, address, clean
from intercom_kit.errors import NotConnectedError


def find(token: str | None = None, region: str | None = None, base_url: str | None = None) -> Credential:
    """Take what is given, else INTERCOM_ACCESS_TOKEN, INTERCOM_REGION and INTERCOM_BASE_URL from the environment.

    Raises NotConnectedError where there is no token, TokenInvalidError where it can be none, BadRequestError for an
    unknown region or a `base_url` that is no address.
    """
    secret = Secret(token or os.environ.get("INTERCOM_ACCESS_TOKEN") or "")
    origin = "an argument" if token else "INTERCOM_ACCESS_TOKEN"
    del token
    base_url = base_url or os.environ.get("INTERCOM_BASE_URL")
    region = region or os.environ.get("INTERCOM_REGION")
    if not secret.reveal().strip():
        raise NotConnectedError(
            "There is no credential. Set INTERCOM_ACCESS_TOKEN, or call intercom_kit.connect(token=…) with an access "
            "token from your workspace's Developer Hub; intercom_kit.demo() needs none."
        )
    return Credential(
        clean(secret.reveal()), address(base_url or host(region or "us")), region and region.lower(), origin=origin
    )


def find_client(client_id: str | None = None, client_secret: str | Secret | None = None) -> OAuthClient:
    """Take the app's client id and secret as given, else INTERCOM_CLIENT_ID and INTERCOM_CLIENT_SECRET.

    Raises NotConnectedError where one is missing, and says where they stand.
    """
    if not isinstance(client_secret, Secret):
        client_secret = Secret(client_secret or os.environ.get("INTERCOM_CLIENT_SECRET") or "")
    client_id = (client_id or os.environ.get("INTERCOM_CLIENT_ID") or "").strip()
    if not client_id or not client_secret.reveal().strip():
        raise NotConnectedError(
            "A login needs your app's client id and secret: set INTERCOM_CLIENT_ID and INTERCOM_CLIENT_SECRET, from "
            "the app's Basic information in the Developer Hub of your workspace. An access token needs neither."
        )
    return OAuthClient(client_id, clean(client_secret.reveal(), "client secret"))
