"""Send the answers that no working server sends."""

import asyncio
from typing import Any

from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope, Send

LOGIN_PAGE = "<!DOCTYPE html><html><head><title>Log in</title></head><body><h1>Log in to the network</h1></body></html>"
BAD_GATEWAY = "<html><body><h1>502 Bad Gateway</h1><hr>nginx</body></html>"


class TruncatedResponse(Response):
    """Promise the whole body, send half of it and hang up."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Stop in the middle: the server closes a connection whose body it knows to be incomplete."""
        body = bytes(self.body)
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})


class DroppedResponse(Response):
    """Hang up without a word."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Close the connection itself: ASGI has no word for it, so this reaches for uvicorn's transport."""
        cycle: Any = receive.__self__  # type: ignore[attr-defined]
        cycle.transport.abort()
        while not cycle.disconnected:
            await asyncio.sleep(0)


def broken(name: str, good: Response) -> Response:
    """Turn a good answer into a bad one."""
    if name == "drop":
        return DroppedResponse()
    if name == "truncate":
        return TruncatedResponse(good.body, good.status_code, dict(good.headers))
    if name == "html":
        return HTMLResponse(LOGIN_PAGE)
    body = b"" if name == "empty" else b"upstream connect error or disconnect/reset before headers"
    return Response(body, 200, media_type="application/json")
