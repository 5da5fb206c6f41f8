"""The pages of a tenant's login: before Intercom's page it says who asks, and after it shows the code for them."""

import secrets
from html import escape
from urllib.parse import urlsplit

import anyio.to_thread
from mcp.server import MCPServer
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from intercom_kit.api.secret import Secret
from intercom_kit.auth.receiver import PAGE
from intercom_kit.errors import IntercomError
from intercom_kit.mcp.tenants.attempts import LIFE, Attempt, Attempts

_REGIONS = {
    "us": "Go on, workspace in the United States",
    "eu": "Go on, workspace in Europe",
    "au": "Go on, workspace in Australia",
}
_WHO = """<p>The account <strong>{subject}</strong> of {issuer} asks to read an Intercom workspace through
<strong>{host}</strong>{tenant}.</p>"""
_BEFORE = """{who}<p>Go on only if you have just asked an assistant for this yourself. Intercom's own page then asks
whether the app may read the workspace, and you come back to a page with a code for your assistant.</p>
<form method="post"><p>{buttons}</p></form>"""
_BUTTON = '<button type="submit" formaction="?region={region}">{text}</button> '
_AFTER = """<p>Intercom allows reading “{workspace}”. To connect it, give your assistant this code within
{minutes} minutes:</p><p style="font: 2rem monospace">{code}</p>{who}<p>If you did not ask for this, close the page, and
give the code to nobody: with it, that account would read this workspace.</p>"""


class Pages:
    """The pages on which a browser connects a tenant's workspace; they need no token, and give nothing away."""

    def __init__(self, attempts: Attempts) -> None:
        self._attempts = attempts
        self._is_secure = attempts.url.startswith("https:")
        self._cookie = f"{'__Host-' if self._is_secure else ''}intercom_kit_login"

    def add_to(self, server: MCPServer[object]) -> None:
        """Add the pages below the path of the public URL."""
        path = urlsplit(self._attempts.url).path
        server.custom_route(f"{path}/to/{{ticket}}", methods=["GET"])(self.before)
        server.custom_route(f"{path}/to/{{ticket}}", methods=["POST"])(self.go_on)
        server.custom_route(f"{path}/callback", methods=["GET"])(self.after)

    async def before(self, request: Request) -> Response:
        """Return the page that says who asks. Looking at it changes nothing, as programs do that preview links."""
        attempt = self._attempts.at(request.path_params["ticket"])
        if attempt is None:
            return _gone()
        texts = {"us": "Go on to Intercom"} if self._attempts.is_sandbox(attempt) else _REGIONS
        buttons = "".join(_BUTTON.format(region=region, text=text) for region, text in texts.items())
        return _page("Connect Intercom", _BEFORE.format(who=self._who(attempt), buttons=buttons))

    async def go_on(self, request: Request) -> Response:
        """Redirect the browser to Intercom's page, with a cookie by which it is known when it comes back."""
        attempt = self._attempts.at(request.path_params["ticket"])
        if attempt is None:
            return _gone()
        if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
            return _page("Not connected", "<p>Open the page yourself: another page has sent you here.</p>", 403)
        cookie = request.cookies.get(self._cookie, "")
        cookie = cookie if attempt is self._attempts.of_browser(cookie) else secrets.token_urlsafe(32)
        region = request.query_params.get("region", "")
        url = self._attempts.go_on(attempt, cookie, region if region in _REGIONS else "us")
        if url is None:
            return _page(
                "Not connected",
                "<p>Another browser has gone on from this page. If that was not yours, ask your assistant to connect "
                "again, and give it no code that others send you.</p>",
                409,
            )
        response = RedirectResponse(url, 303, headers=_HEADERS)
        response.set_cookie(
            self._cookie, cookie, max_age=int(LIFE), path="/", secure=self._is_secure, httponly=True, samesite="lax"
        )
        return response

    async def after(self, request: Request) -> Response:
        """Take Intercom's answer, and return the page with the code, or with what went wrong."""
        redirected = Secret(f"?{request.url.query}")
        cookie = request.cookies.get(self._cookie, "")
        try:
            attempt = await anyio.to_thread.run_sync(self._attempts.answered, cookie, redirected)
        except IntercomError as error:
            return _page("Not connected", f"<p>{escape(str(error))}</p>", 400)
        identity = attempt.credential.identity if attempt.credential else None
        text = _AFTER.format(
            workspace=_name(identity.workspace if identity else ""),
            minutes=attempt.minutes_left,
            code=attempt.shown_code,
            who=self._who(attempt),
        )
        return _page("Almost connected", text)

    def _who(self, attempt: Attempt) -> str:
        caller = attempt.caller
        tenant = "" if caller.subject == caller.tenant.value else f", for {_name(caller.tenant.value)}"
        return _WHO.format(
            subject=_name(caller.subject),
            issuer=_name(caller.tenant.issuer),
            host=escape(urlsplit(self._attempts.url).netloc),
            tenant=tenant,
        )


# Without form-action, which browsers apply to the redirect to Intercom as well.
_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"
    ),
}


def _name(text: str) -> str:
    """Return a name as HTML, in which characters show that are invisible, or turn the direction of others."""
    return escape("".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text))


def _page(title: str, content: str, status: int = 200) -> Response:
    return HTMLResponse(PAGE.format(title=escape(title), content=content), status, headers=_HEADERS)


def _gone() -> Response:
    return _page("Nothing here", "<p>This login is over. Ask your assistant to connect again.</p>", 404)
