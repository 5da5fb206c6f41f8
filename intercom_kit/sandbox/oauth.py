"""The OAuth flow: consent page, redirect with a code, and token exchange."""

import json
from collections.abc import Awaitable, Callable
from html import escape
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from intercom_kit.sandbox.credentials import Credentials
from intercom_kit.sandbox.errors import bad_parameter

APP_NAME = "intercom_kit"
REGISTERED = "https://127.0.0.1:8917/callback"  # the redirect URL if the request has none
PAGE = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>:root {{ color-scheme: light dark }}
body {{ font: 1rem/1.5 sans-serif; max-width: 34rem; margin: 4rem auto; padding: 0 1rem }}
button {{ font: inherit; padding: .6rem 1.4rem; margin-right: .6rem }}</style></head>
<body><main><h1>{title}</h1>{content}</main></body>
</html>"""
CONSENT = """<p>The app <strong>{app}</strong> asks to read people, companies, conversations, events and admins
of the workspace <strong>{workspace}</strong>. Then go back to Jupyter, or to where you began.</p>
<form method="post" action="/oauth">{fields}
<button type="submit" name="decision" value="allow">Allow</button>
<button type="submit" name="decision" value="deny">Deny</button></form>"""


class OAuthPages:
    """The consent pages of app.intercom.com and the token exchange of api.intercom.io, at the sandbox's address."""

    def __init__(self, credentials: Credentials, workspace_name: str) -> None:
        self._credentials = credentials
        self._workspace_name = workspace_name

    def handlers(self) -> list[tuple[str, str, Callable[[Request], Awaitable[Response]]]]:
        """Return methods, paths and handlers; /a/oauth/connect is the other authorisation URL in use."""
        return [
            ("GET", "/oauth", self.consent),
            ("GET", "/a/oauth/connect", self.consent),
            ("POST", "/oauth", self.decide),
            ("POST", "/auth/eagle/token", self.exchange),
        ]

    async def consent(self, request: Request) -> Response:
        """Return the consent page."""
        query = {"redirect_uri": REGISTERED, **request.query_params}
        problem = self._problem(query)
        if problem:
            return _page("This app cannot be authorised", f"<p>{escape(problem)}</p>", 400)
        hidden = {name: query[name] for name in ("client_id", "redirect_uri", "state") if name in query}
        fields = "".join(
            f'<input type="hidden" name="{name}" value="{escape(value)}">' for name, value in hidden.items()
        )
        content = CONSENT.format(app=APP_NAME, workspace=escape(self._workspace_name), fields=fields)
        return _page(f"Connect {APP_NAME} to Intercom", content)

    async def decide(self, request: Request) -> Response:
        """Redirect the user to the app with a code, or with `access_denied`."""
        fields = _form(await request.body())
        problem = self._problem(fields)
        if problem:
            return _page("This app cannot be authorised", f"<p>{escape(problem)}</p>", 400)
        if fields.get("decision") == "allow":
            answer = {"code": self._credentials.new_code()}
        else:
            answer = {"error": "access_denied"}  # UNCONFIRMED [oauth-denial]
        if "state" in fields:
            answer["state"] = fields["state"]
        redirect = _redirect(fields)
        joiner = "&" if urlsplit(redirect).query else "?"
        return RedirectResponse(f"{redirect}{joiner}{urlencode(answer)}", 302)

    async def exchange(self, request: Request) -> Response:
        """Return a token for a code sent as a form or as JSON."""
        body = await request.body()
        if "json" not in request.headers.get("content-type", ""):
            return JSONResponse(self._credentials.exchange(_form(body)))
        try:
            fields = json.loads(body)
        except ValueError:
            fields = None
        if not isinstance(fields, dict):
            raise bad_parameter("Request body is not valid JSON")
        return JSONResponse(self._credentials.exchange(fields))

    def _problem(self, fields: dict[str, str]) -> str | None:
        """Return the error of a request, if any: HTTPS is required; loopback is UNCONFIRMED [oauth-redirect]."""
        if fields.get("client_id") != self._credentials.client_id:
            return "No app has this client_id."
        redirect = urlsplit(_redirect(fields))
        loopback = redirect.hostname in ("localhost", "127.0.0.1", "::1")
        if redirect.scheme != "https" and not (redirect.scheme == "http" and loopback):
            return "The redirect_uri must be an https URL (or a loopback URL, for development)."
        return None


def _redirect(fields: dict[str, str]) -> str:
    """Return the requested redirect URL, or else the first one that the app has registered."""
    return fields.get("redirect_uri", REGISTERED)


def _form(body: bytes) -> dict[str, str]:
    return dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))


def _page(title: str, content: str, status: int = 200) -> HTMLResponse:
    return HTMLResponse(PAGE.format(title=escape(title), content=content), status)
