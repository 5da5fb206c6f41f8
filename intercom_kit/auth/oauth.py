"""Intercom's OAuth as pure functions: the authorization URL, and the redirect URL that answers it.

Intercom has neither PKCE nor scopes in the request: an app's permissions are set in the Developer Hub. The `state` is
therefore all that ties an answer to its login, and it is always checked before anything else.
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
    """Return a new random state, for one login only."""
    return secrets.token_urlsafe(32)


def authorize_url(
    client_id: str, state: str, *, region: str = "us", base_url: str | None = None, redirect_uri: str | None = None
) -> str:
    """Return the URL of the page on which the user allows the app to read the workspace.

    It is Intercom's page in the region, or a sandbox's at `base_url`. Without a `redirect_uri`, Intercom redirects to
    the first one that the app has registered.
    """
    if region.lower() not in PAGES:
        raise BadRequestError(f"There is no region {region!r}: use one of {', '.join(PAGES)}.")
    page = f"{base_url.rstrip('/')}/oauth" if base_url else PAGES[region.lower()]
    fields = {"client_id": client_id, "state": state} | ({"redirect_uri": redirect_uri} if redirect_uri else {})
    return f"{page}?{urlencode(fields)}"


def finish(redirected: str | Secret, expected_state: str) -> Secret:
    """Return the code from the redirect URL, or from its query alone.

    A code without its state is refused, since it may belong to another login. Raises LoginStateError where the state is
    missing or wrong, and LoginDeniedError where the user or Intercom refused.
    """
    # Locals show in some tracebacks, and an unused code is as good as a token, so it is never a plain local.
    redirected = redirected if isinstance(redirected, Secret) else Secret(redirected)
    fields = _read(redirected)
    state = fields.get("state")
    if state is None or not state.reveal():
        raise LoginStateError(
            "This is not the complete URL of the page after Intercom's: it must contain code=… and state=…. Copy the "
            "whole URL from the browser's address bar."
        )
    if not secrets.compare_digest(state.reveal().encode(), expected_state.encode()):
        raise LoginStateError(
            "This answer belongs to another attempt to connect, such as an older tab. Use the page that was opened "
            "last, or start again."
        )
    if (error := fields.get("error")) is not None:
        raise LoginDeniedError(_denial(error.reveal()))
    if (code := fields.get("code")) is None or not code.reveal():
        raise LoginStateError("The URL contains no code: start again.")
    return code


def _read(redirected: Secret) -> dict[str, Secret]:
    """Return the query parameters of a URL or a query.

    Intercom's codes end in "=" and may contain "+", which must not be decoded to a space as in a form.
    """
    text = redirected.reveal().strip().strip("<>\"'").partition("#")[0]
    pairs = (pair.partition("=") for pair in text.rpartition("?")[2].split("&"))
    return {unquote(name): Secret(unquote(value)) for name, _, value in pairs}


def _denial(error: str) -> str:
    """Explain the error in a redirect URL; UNCONFIRMED [oauth-denial], since Intercom documents none."""
    if error == "access_denied":
        return "The app was not allowed to read the workspace, so nothing was connected. Start again and choose Allow."
    shown = "".join(letter for letter in error[:80] if letter.isalnum() or letter in "_- .")
    return f"Intercom refused to connect the app ({shown or 'no reason was given'}). Check the app, and start again."
