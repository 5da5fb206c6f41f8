"""Call a server for tenants over HTTP as a caller does, and keep every byte that comes back."""

import json
import re
import ssl
import time
from dataclasses import dataclass, field
from html import unescape
from typing import Any

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from tests.auth.conftest import decide_at

ISSUER, URL = "https://login.example.com", "https://mcp.example.com/mcp"
VERSION = "2026-07-28"
PATIENCE = 60.0

_TRUSTED = ssl.create_default_context()  # made once, since httpx would take 30 ms for each request


@dataclass
class Issuer:
    """Who signs tokens, and publishes the keys."""

    key: rsa.RSAPrivateKey = field(
        default_factory=lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048)
    )

    def token(self, subject: str | None, **claims: Any) -> str:
        told = {"iss": ISSUER, "aud": URL, "sub": subject, "exp": int(time.time()) + 3_600} | claims
        return jwt.encode(
            {name: value for name, value in told.items() if value}, self.key, "RS256", headers={"kid": "1"}
        )

    def keys(self) -> Starlette:
        own = jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True) | {"kid": "1", "use": "sig"}
        return Starlette(routes=[Route("/mcp", lambda _: JSONResponse({"keys": [own]}))])


@dataclass
class Said:
    """What came back: all of it as text, and the result in it."""

    text: str
    result: dict[str, Any]

    @property
    def refused(self) -> str:
        """Return the text of an error; empty where there is none."""
        if "message" in self.result:
            return str(self.result["message"])
        return str(self.result["content"][0]["text"]) if self.result.get("isError") else ""

    @property
    def answer(self) -> dict[str, Any]:
        assert not self.refused, self.text
        return dict(self.result["structuredContent"])


@dataclass
class Asking:
    """One caller: the server's address and a token."""

    address: str
    token: str

    def call(self, tool: str, /, patience: float = PATIENCE, **arguments: Any) -> Said:
        return self.send("tools/call", tool, {"name": tool, "arguments": arguments}, patience)

    def complete(self, prompt: str, argument: str) -> Said:
        """Return the values that a prompt's argument may have."""
        params = {"ref": {"type": "ref/prompt", "name": prompt}, "argument": {"name": argument, "value": ""}}
        return self.send("completion/complete", "", params)

    def read(self, uri: str) -> Said:
        return self.send("resources/read", uri, {"uri": uri})

    def send(self, method: str, name: str, params: dict[str, Any], patience: float = PATIENCE) -> Said:
        meta = {
            "io.modelcontextprotocol/protocolVersion": VERSION,
            "io.modelcontextprotocol/clientInfo": {"name": "x", "version": "1"},
            "io.modelcontextprotocol/clientCapabilities": {},
            "progressToken": "p",  # and the same id for everybody's requests, in case that anything goes by these alone
        }
        headers = {
            "Host": "mcp.example.com",
            "Authorization": f"Bearer {self.token}",
            "MCP-Protocol-Version": VERSION,
            "Mcp-Method": method,
            "Mcp-Name": name,
            "Accept": "application/json, text/event-stream",
        }
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": {**params, "_meta": meta}}
        answer = httpx.post(self.address, json=body, headers=headers, timeout=patience, verify=_TRUSTED)
        lines = [line.removeprefix("data: ") for line in answer.text.splitlines() if line.startswith("data: ")]
        messages = [json.loads(line) for line in lines] or [answer.json()]
        last = messages[-1]
        assert all(each["params"]["progressToken"] == "p" for each in messages[:-1]), answer.text
        return Said(answer.text, last.get("result") or last.get("error") or {})


def page_in(text: str) -> str:
    """Return the address of the page that a refusal tells."""
    found = re.search(r"https://mcp\.example\.com\S+/connect/to/\S+", text)
    assert found, text
    return found[0]


class Browser:
    """A browser of one's own: it opens the pages of a login, and presses their buttons."""

    def __init__(self, address: str) -> None:
        self._origin = address.removesuffix("/mcp")
        self._cookies: dict[str, str] = {}

    def open(self, page: str, method: str = "GET", **headers: str) -> httpx.Response:
        """Open a page of the server's, as it is seen behind its proxy; redirects are not followed."""
        path = page.removeprefix("https://mcp.example.com")
        cookie = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        answer = httpx.request(
            method,
            f"{self._origin}{path}",
            headers={"Host": "mcp.example.com", "Cookie": cookie} | headers,
            timeout=PATIENCE,
            verify=_TRUSTED,
        )
        for each in answer.headers.get_list("set-cookie"):
            name, _, value = each.partition(";")[0].partition("=")
            self._cookies[name] = value
        return answer

    def allowed(self, page: str) -> str:
        """Go on from the server's page to Intercom's, allow there, and return where the browser is sent then."""
        answer = self.open(f"{page}?region=us", "POST")
        assert answer.status_code == 303, answer.text
        return decide_at(answer.headers["location"])

    def code(self, page: str) -> str:
        """Log in, and return the code that the last page shows."""
        return code_on(self.open(self.allowed(page)))


def code_on(page: httpx.Response) -> str:
    assert page.status_code == 200, page.text
    found = re.search(r">([A-Z2-9]{4}-[A-Z2-9]{4})<", unescape(page.text))
    assert found, page.text
    return found[1]
