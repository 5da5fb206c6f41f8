"""Intercom's OAuth as pure functions: the page to open, and what comes back from it.

Intercom has neither PKCE nor scopes in the request: what an app may read is ticked in the Developer Hub. The `state`
is therefore all that ties an answer to the login that asked for it, and it is always checked, before anything else.
"""

import secrets
from urllib.parse import unquote, urlencode

from intercom_kit.api.secret import Secret
from intercom_kit.errors import BadRequestError, LoginDeniedError, LoginStateError

PAGES = {
    "us": "https://app.intercom.com/oauth",
    "eu": "https://app.eu.intercom.com/oauth",
    "au": "https://app.au.intercom.com/oauth",
}


def new_state() -> str:
    """Make a state that nobody can guess; for one login only."""
    return secrets.token_urlsafe(32)


def authorize_url(
    client_id: str, state: str, *, region: str = "us", base_url: str | None = None, redirect_uri: str | None = None
) -> str:
    """Return the page on which the user allows the app to read the workspace.

    It is Intercom's own of the region, or the one of a sandbox at `base_url`. Without a `redirect_uri`, Intercom sends
    the user to the first that the app has registered.
    """
    if region.lower() not in PAGES:
        raise BadRequestError(f"There is no region {region!r}: use one of {', '.join(PAGES)}.")
    page = f"{base_url.rstrip('/')}/oauth" if base_url else PAGES[region.lower()]
    fields = {"client_id": client_id, "state": state} | ({"redirect_uri": redirect_uri} if redirect_uri else {})
    return f"{page}?{urlencode(fields)}"


def finish(redirected: str | Secret, expected_state: str) -> Secret:
    """Take the code from whatever came back: the whole address that the user landed on, or its query alone.

    A code without its state is refused, since nobody could say whose it is. Raises LoginStateError where the state is
    missing or another's, and LoginDeniedError where the user refused, or Intercom did.
    """
    # Locals show in some tracebacks; a code is worth a token until it is used, so it is never in one as it is.
    redirected = redirected if isinstance(redirected, Secret) else Secret(redirected)
    fields = _read(redirected)
    state = fields.get("state")
    if state is None or not state.reveal():
        raise LoginStateError(
            "This is not the whole address that you landed on after Intercom's page: it must hold code=… and state=…. "
            "Copy it again, from the first letter to the last."
        )
    if not secrets.compare_digest(state.reveal().encode(), expected_state.encode()):
        raise LoginStateError(
            "This answer belongs to another attempt to connect, such as an older tab. Use the page that was opened "
            "last, or start again."
        )
    if (error := fields.get("error")) is not None:
        raise LoginDeniedError(_denial(error.reveal()))
    if (code := fields.get("code")) is None or not code.reveal():
        raise LoginStateError("The address that you landed on holds no code: start again.")
    return code


def _read(redirected: Secret) -> dict[str, Secret]:
    """Read the fields of an address or a query.

    Codes of Intercom's end in "=" and may hold "+", and must come through as they are: not as in a form, where a plus
    stands for a space.
    """
    text = redirected.reveal().strip().strip("<>\"'").partition("#")[0]
    pairs = (pair.partition("=") for pair in text.rpartition("?")[2].split("&"))
    return {unquote(name): Secret(unquote(value)) for name, _, value in pairs}


def _denial(error: str) -> str:
    """Say what an error in the address means; UNCONFIRMED [oauth-denial], since Intercom documents none."""
    if error == "access_denied":
        return "The app was not allowed to read the workspace, so nothing was connected. Start again and choose Allow."
    shown = "".join(letter for letter in error[:80] if letter.isalnum() or letter in "_- .")
    return f"Intercom refused to connect the app ({shown or 'no reason was given'}). Check the app, and start again."
