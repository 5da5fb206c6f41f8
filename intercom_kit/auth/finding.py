"""Find the credential to connect with: from arguments, else the environment, else a stored profile."""

import os

from intercom_kit.api.regions import host
from intercom_kit.api.secret import Secret
from intercom_kit.auth import profiles
from intercom_kit.auth.credentials import Credential, OAuthClient, address, clean, hidden
from intercom_kit.errors import BadRequestError, NotConnectedError

WAYS = (
    "Log in with `intercom-kit login` or with ConnectPanel() in a notebook, set INTERCOM_ACCESS_TOKEN, or call "
    "intercom_kit.connect(token=…); intercom_kit.demo() needs no account."
)


def find(
    token: str | Secret | None = None,
    region: str | None = None,
    base_url: str | None = None,
    profile: str | None = None,
) -> Credential:
    """Return the credential: from the arguments, else INTERCOM_ACCESS_TOKEN, else a stored profile.

    The profile is the argument's, else INTERCOM_PROFILE's, else the default. INTERCOM_REGION and INTERCOM_BASE_URL
    are the defaults of `region` and `base_url`, unless `profile` is given. A stored token is sent only to the host that
    it is bound to. Costs no request. Raises NotConnectedError where there is no credential, TokenInvalidError for an
    impossible token, BadRequestError for an unknown region or profile, an invalid base URL, or contradictory arguments.
    """
    token, origin = hidden(token), "an argument"
    if token.reveal() and profile:
        raise BadRequestError("Give a token or a profile to connect with, not both.")
    if not token.reveal() and not profile:
        token, origin = hidden(os.environ.get("INTERCOM_ACCESS_TOKEN")), "INTERCOM_ACCESS_TOKEN"
    if not profile:
        base_url = base_url or os.environ.get("INTERCOM_BASE_URL")
        region = region or os.environ.get("INTERCOM_REGION")
    region = region and region.lower()
    requested = address(base_url) if base_url else host(region) if region else None
    if not token.reveal():
        return _stored(profile or os.environ.get("INTERCOM_PROFILE"), requested)
    return Credential(clean(token), requested or host("us"), region, origin=origin)


def find_client(
    client_id: str | None = None, client_secret: str | Secret | None = None, profile: str | None = None
) -> OAuthClient:
    """Return an app's client id and secret: the arguments, else INTERCOM_CLIENT_ID and INTERCOM_CLIENT_SECRET.

    If those are missing, the stored profile's are returned: the named profile's, else the default's. Raises
    NotConnectedError where there are none, and says where to find them.
    """
    client_secret = hidden(client_secret or os.environ.get("INTERCOM_CLIENT_SECRET"))
    client_id = (client_id or os.environ.get("INTERCOM_CLIENT_ID") or "").strip()
    stored = _stored_client(profile)
    if stored and client_id in ("", stored.id) and not client_secret.reveal():
        return stored
    if not client_id or not client_secret.reveal():
        raise NotConnectedError(
            "A login needs your app's client id and secret: set INTERCOM_CLIENT_ID and INTERCOM_CLIENT_SECRET, from "
            "the app's Basic information in the Developer Hub of your workspace. An access token needs neither."
        )
    return OAuthClient(client_id, clean(client_secret, "client secret"))


def _stored(profile: str | None, requested: str | None) -> Credential:
    if not profiles.profiles() and not profile:
        raise NotConnectedError(f"Not connected: there is no credential. {WAYS}")
    credential = profiles.load(profile)
    if requested and requested != credential.base_url:
        raise NotConnectedError(
            f"Not connected: there is no credential for {requested}. The profile {credential.profile!r} is for "
            f"{credential.base_url}, and its token goes nowhere else: to use it, name no other region or address, and "
            f"unset INTERCOM_REGION and INTERCOM_BASE_URL. {WAYS}"
        )
    return credential


def _stored_client(profile: str | None) -> OAuthClient | None:
    known = {each.name for each in profiles.profiles() if each.used or each.name == profile}
    name = profile if profile in known else None if profile else next(iter(known), None)
    try:
        return profiles.load(name).client if name else None
    except NotConnectedError:
        return None  # the keyring is locked or empty
