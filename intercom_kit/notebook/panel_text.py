"""The texts of the connect panel, as HTML in the theme's colours; all foreign text is escaped."""

import os
from datetime import UTC, datetime
from html import escape
from typing import Literal

from intercom_kit.auth.login import Login
from intercom_kit.errors import BadRequestError

State = Literal["not connected", "waiting", "working", "connected", "disconnecting", "failed"]
Way = Literal["loopback", "paste", "token"]

# What hosts of notebooks set, whose kernels run on another machine than the browser.
_ELSEWHERE = ("JUPYTERHUB_", "BINDER_", "SSH_CONNECTION", "COLAB_", "CODESPACES", "KAGGLE_")

# The mark differs too, for those who do not see the colour.
_MARKS: dict[State, tuple[str, str]] = {
    "not connected": ("○", "var(--jp-ui-font-color2, inherit)"),
    "waiting": ("◔", "var(--jp-warn-color1, inherit)"),
    "working": ("◔", "var(--jp-warn-color1, inherit)"),
    "connected": ("●", "var(--jp-success-color1, inherit)"),
    "disconnecting": ("◔", "var(--jp-warn-color1, inherit)"),
    "failed": ("✕", "var(--jp-error-color1, inherit)"),
}


def way() -> Way:
    """Return how to connect: by INTERCOM_KIT_AUTH, else "paste" where the kernel seems to run on another machine.

    Raises BadRequestError for any other value.
    """
    chosen = os.environ.get("INTERCOM_KIT_AUTH", "").strip().lower()
    match chosen:
        case "loopback" | "paste" | "token":
            return chosen
        case "":
            elsewhere = any(name.startswith(_ELSEWHERE) for name in os.environ)
            return "paste" if elsewhere else "loopback"
    raise BadRequestError(f"INTERCOM_KIT_AUTH is {chosen!r}: set it to loopback, paste or token, or not at all.")


def status(state: State, html: str) -> str:
    """Return the line that shows the state, which screen readers announce when it changes."""
    mark, colour = _MARKS[state]
    return (
        '<div role="status" aria-live="polite" style="line-height: 1.5; white-space: normal; overflow-wrap: anywhere">'
        f'<span aria-hidden="true" style="color: {colour}">{mark}</span> {html}</div>'
    )


def where_is_the_token() -> str:
    """Return where to find an access token, which a click shows."""
    hub = '<a href="https://app.intercom.com/a/apps/_/developer-hub" target="_blank" rel="noopener">Developer Hub</a>'
    return (
        '<details style="line-height: 1.5; white-space: normal"><summary>Where do I find it?</summary>'
        f"In Intercom, open the {hub}, choose your app or make one, and copy the token from its page Configure → "
        "Authentication.</details>"
    )


def waiting(login: Login, how: Way) -> str:
    """Return what to do while Intercom asks for consent."""
    link = f'<a href="{escape(login.url)}" target="_blank" rel="noopener noreferrer">Open Intercom in a new tab</a>'
    paste = "copy its address from the browser's bar, paste it here, and choose Finish"
    note = f" {escape(login.note)}" if login.note else ""
    if how == "paste" or not login.receiving:
        text = f"and choose Allow. The page that follows need not load: {paste}."
    elif "redirect_uri=https" in login.url:
        text = (
            "and choose Allow. Your browser will warn about a self-signed certificate; that is expected: continue, and "
            f"this panel connects by itself. If a page does not load, {paste}."
        )
    else:
        text = f"and choose Allow: this panel then connects by itself. If the page that follows does not load, {paste}."
    return f"<b>{link}</b> {text}{note}"


def connected(note: str) -> str:
    """Return the text for a connection: since when, and how to use it."""
    kept = f"<br>{note}" if note else ""
    return f"Connected since {datetime.now(UTC):%H:%M} UTC. Take <code>panel.workspace</code> in the next cell.{kept}"


def revoking(workspace: str) -> str:
    """Return what revoking does, to be confirmed."""
    return (
        f"Revoke the token of {escape(workspace)}? That uninstalls the app at Intercom, and ends the access of "
        "everybody who uses its token."
    )


def disconnected(*, revoked: bool) -> str:
    """Return the text after disconnecting, with a warning if the environment would connect again."""
    done = "Disconnected, and the token is revoked." if revoked else "Disconnected."
    again = " INTERCOM_ACCESS_TOKEN is still set, and connects again when the cell is run."
    return f"{done}{again if os.environ.get('INTERCOM_ACCESS_TOKEN') else ''} Choose how to connect."
