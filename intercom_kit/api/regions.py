"""The hosts of Intercom's API by region, and the API version."""

from intercom_kit.errors import BadRequestError

HOSTS = {
    "us": "https://api.intercom.io",
    "eu": "https://api.eu.intercom.io",
    "au": "https://api.au.intercom.io",
}

# Sent explicitly, since without it the version set on the token's app applies.
API_VERSION = "2.16"


def host(region: str) -> str:
    """Return the address of a region's API."""
    try:
        return HOSTS[region.lower()]
    except KeyError:
        raise BadRequestError(f"There is no region {region!r}: use one of {', '.join(HOSTS)}.") from None
