"""What went wrong, in one line of the panel's own words, with the whole message behind it."""

import os
import re
from html import escape

from intercom_kit.auth.finding import WAYS
from intercom_kit.errors import (
    CertificateError,
    ConnectionFailedError,
    IntercomDownError,
    IntercomError,
    LoginDeniedError,
    LoginExpiredError,
    LoginStateError,
    LoginUsedError,
    NotConnectedError,
    NotIntercomError,
    ProxySettingsError,
    RateLimitedError,
    ScopeMissingError,
    TimedOutError,
    TokenInvalidError,
    WrongRegionError,
)

REGIONS = {"us": "United States", "eu": "Europe", "au": "Australia"}

# The first kind that fits; other errors say their first sentence.
_SENTENCES: dict[type[IntercomError], str] = {
    LoginStateError: "This is not the address of the page that Intercom opened last: copy all of it once more.",
    LoginDeniedError: "The app was not allowed to read the workspace: connect again, and choose Allow.",
    LoginExpiredError: "Nobody answered in time: connect again.",
    LoginUsedError: "This address has been used already: connect again.",
    RateLimitedError: "Intercom takes no more requests at the moment: try again in a minute.",
    TimedOutError: "Intercom did not answer in time: try again.",
    NotIntercomError: "Something other than Intercom answered: check the network, and try again.",
    IntercomDownError: "Intercom has a problem of its own: try again later.",
}
# What a message advises to those who have no panel.
_ADVICE = {f" {WAYS}": "", "again with `intercom-kit login` or ConnectPanel()": "with an access token below"}
_CODE = re.compile(r"`([^`]*)`")
_NO_APP = "To connect with Intercom, set INTERCOM_CLIENT_ID and INTERCOM_CLIENT_SECRET. An access token needs neither."


def problem(error: Exception) -> str:
    """Return what went wrong and what to do, as HTML; the whole message is behind it, if it says more.

    Other packages' messages are left out, since they may quote a secret.
    """
    if not isinstance(error, IntercomError):
        return f"Something unexpected went wrong ({escape(type(error).__name__)}). Try again."
    short, whole = _sentence(error), _whole(error)
    if short == whole:
        return escape(short)
    shown = _CODE.sub(r"<code>\1</code>", escape(whole, quote=False))
    return f"{escape(short)} <details><summary>Details</summary>{shown}</details>"


def no_app(error: NotConnectedError) -> str:
    """Return what to do where no app's client id and secret are known, as HTML."""
    return f"{_NO_APP} <details><summary>Details</summary>{escape(str(error))}</details>"


def region_to_choose(error: Exception, chosen: str | None) -> str | None:
    """Return the region to offer where the region may be what is wrong, else None; `chosen` is the panel's."""
    if isinstance(error, WrongRegionError):
        return error.region
    named = chosen or os.environ.get("INTERCOM_REGION", "").lower()
    return named if isinstance(error, TokenInvalidError) and error.status and named in REGIONS else None


def _sentence(error: IntercomError) -> str:
    """Return the problem and its remedy in one line."""
    match error:
        case WrongRegionError():
            return f"The workspace is kept in {_named(error.region)}, chosen below now: enter the token again."
        case TokenInvalidError(status=int()):
            return "Intercom does not accept the access token: copy it again, or make a new one."
        case ScopeMissingError():
            return f"The app lacks a permission: tick “{error.scope}” in the Developer Hub under Authentication."
        case CertificateError() | ProxySettingsError():
            return _first(error)
    for kind, sentence in _SENTENCES.items():
        if isinstance(error, kind):
            return sentence
    if isinstance(error, ConnectionFailedError):
        return "Intercom could not be reached: check the network, and try again."
    return _first(error)


def _first(error: IntercomError) -> str:
    """Return the first sentence of a message, without marks of code."""
    return re.split(r"(?<=[.:]) (?=[A-Z“])", _whole(error), maxsplit=1)[0].replace("`", "").rstrip(":")


def _whole(error: IntercomError) -> str:
    """Return the message, without the ways of connecting that a panel replaces."""
    if isinstance(error, TokenInvalidError) and error.status:
        code = f" ({error.code})" if error.code else ""
        request = f" Its support may ask for the request {error.request_id}." if error.request_id else ""
        return f"Intercom answered with status {error.status}{code}.{request}"
    text = str(error)
    for advice, instead in _ADVICE.items():
        text = text.replace(advice, instead)
    return text


def _named(region: str) -> str:
    return {"us": "the United States"}.get(region) or REGIONS.get(region, region)
