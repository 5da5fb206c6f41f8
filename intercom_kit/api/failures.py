"""From what Intercom answers to the error that a user can act on."""

import json
import re
from collections.abc import Mapping
from typing import Any

from intercom_kit.errors import (
    BadRequestError,
    ConnectionFailedError,
    IntercomDownError,
    IntercomError,
    MergedContactError,
    NotFoundError,
    NotIntercomError,
    PlanRestrictedError,
    RateLimitedError,
    ScopeMissingError,
    ScrollBusyError,
    TokenInvalidError,
)

# The permission that each path needs, by the name it has in the Developer Hub's settings of an app.
_SCOPES = (
    (r"^/me", "Read one admin"),
    (r"^/admins", "Read admins"),
    (r"^/tags", "Read tags"),
    (r"^/conversations", "Read conversations"),
    (r"^/events", "Read events"),
    (r"^/tickets", "Read tickets"),
    (r"^/(contacts|companies)/(?!search$|list$|scroll$)[^/]+$", "Read one user and one company"),
    (r"^/", "Read and list users and companies"),
)

_TOKEN_WORDS = {
    "token_revoked": "was revoked",
    "token_expired": "has expired",
    "token_blocked": "is blocked",
    "token_suspended": "is suspended",
}

_DEAD_TOKEN = frozenset({"unauthorized", "token_not_found", "missing_authorization", *_TOKEN_WORDS})


def failure(status: int, headers: Mapping[str, str], body: str, path: str) -> IntercomError:
    """Name the error that an answer other than 200 means."""
    envelope = _envelope(body)
    if envelope is None:
        return not_intercom(headers, body) if status < 500 else down(status, None)
    request_id = envelope.get("request_id") or headers.get("x-request-id")
    code, message = _first(envelope)
    if status == 401:
        return _unauthorized(code, message, path, request_id)
    if status in (402, 403):
        return _forbidden(code, message, path, status, request_id)
    if status == 404:
        return NotFoundError(_absent(path, message), status=status, request_id=request_id)
    if status == 410:
        return _merged(headers, path, request_id)
    if status == 429:
        return RateLimitedError(f"Intercom's rate limit was exceeded: {message}.", request_id=request_id)
    if status >= 500 or status == 408:
        return down(status, request_id)
    if code == "scroll_exists":
        return ScrollBusyError(
            "Another scroll over companies is open in this app. It closes a minute after its last use: try again "
            "then, and stop the other program if it keeps scrolling.",
            status=status,
            request_id=request_id,
        )
    refusal = BadRequestError(
        f"Intercom refused the request to {path} ({code}): {message}", status=status, request_id=request_id
    )
    refusal.code = code
    return refusal


def _envelope(body: str) -> dict[str, Any] | None:
    """Read Intercom's error envelope; None where the body is something else."""
    try:
        envelope = json.loads(body)
    except ValueError:
        return None
    if isinstance(envelope, dict) and isinstance(envelope.get("errors"), list):
        return envelope
    return None


def _first(envelope: dict[str, Any]) -> tuple[str, str]:
    errors = envelope["errors"]
    first = errors[0] if errors and isinstance(errors[0], dict) else {}
    return str(first.get("code") or "unknown"), str(first.get("message") or "no reason was given")


def scope_for(path: str, message: str = "") -> str:
    """Name the permission that a path needs, as Intercom said or as its settings call it."""
    said = re.search(r"scope \(([a-z_]+)\)", message)
    if said:
        return said[1]
    return next(scope for pattern, scope in _SCOPES if re.match(pattern, path))


def _unauthorized(code: str, message: str, path: str, request_id: str | None) -> IntercomError:
    if code in _DEAD_TOKEN:
        state = _TOKEN_WORDS.get(code, "is not valid")
        return TokenInvalidError(
            f"Not connected: the access token {state} ({message}). Connect again with a new one, by `intercom-kit "
            "login`, ConnectPanel() or connect(token=…); what a session fetched before stays in it. If the token is "
            "new, check that `region` names where the workspace is kept: us, eu or au.",
            status=401,
            request_id=request_id,
        )
    return _scope_missing(message, path, 401, request_id)


def _forbidden(code: str, message: str, path: str, status: int, request_id: str | None) -> IntercomError:
    if code == "api_plan_restricted" or status == 402:
        return PlanRestrictedError(
            f"The workspace's plan does not allow this request ({message}). Ask whoever pays for Intercom to include "
            "API access.",
            status=status,
            request_id=request_id,
        )
    return _scope_missing(message, path, status, request_id)


def _scope_missing(message: str, path: str, status: int, request_id: str | None) -> IntercomError:
    scope = scope_for(path, message)
    return ScopeMissingError(
        f"The token may not ask for {path}: its app lacks the permission “{scope}” ({message}). Tick it in the "
        "Developer Hub under Authentication, and connect again.",
        scope=scope,
        status=status,
        request_id=request_id,
    )


def _absent(path: str, message: str) -> str:
    """Say what is not there, and where to look."""
    family, _, rest = path.strip("/").partition("/")
    if family == "events":
        return f"There is no contact by that identifier ({message}): external ids stand in `external_id` of contacts()."
    noun = "company" if family == "companies" else family.removesuffix("s")
    name = rest.removeprefix("find_by_external_id/").split("/")[0]
    which = f" {name!r}" if name and name not in ("search", "list", "scroll") else ""
    return f"There is no {noun}{which} in this workspace ({message}). Check the id, and that it is Intercom's own."


def _merged(headers: Mapping[str, str], path: str, request_id: str | None) -> IntercomError:
    target = re.search(r"/contacts/([^>;\s]+)", headers.get("link", ""))
    merged_into = target[1] if target else ""
    use = f"ask for {merged_into!r} instead" if merged_into else "Intercom did not say into which"
    named = re.match(r"/contacts/([^/]+)", path)
    return MergedContactError(
        f"The contact{f' {named[1]!r}' if named else ''} was merged into another: {use}.",
        merged_into=merged_into,
        request_id=request_id,
    )


def down(status: int, request_id: str | None) -> IntercomDownError:
    """Say that Intercom answers with server errors."""
    return IntercomDownError(
        f"Intercom answers with an error of its own (HTTP {status}). Try again in a few minutes; "
        "https://www.intercomstatus.com tells of incidents.",
        status=status,
        request_id=request_id,
    )


def not_intercom(headers: Mapping[str, str], body: str) -> NotIntercomError:
    """Say that the answer is none of Intercom's API, and what it looks like."""
    kind = headers.get("content-type", "no content type").split(";")[0]
    what = "an HTML page, such as a proxy's or a network's login page" if "<html" in body[:2000].lower() else kind
    if not body.strip():
        what = "an empty body"
    return NotIntercomError(
        f"What answered is not Intercom's API: it sent {what}. Log in to the network if it asks for that, check "
        "`base_url`, and check the proxy settings (HTTPS_PROXY)."
    )


def unreachable(base_url: str, error: Exception) -> ConnectionFailedError:
    """Say that the connection failed or broke off, and how."""
    reason = str(error) or type(error).__name__
    return ConnectionFailedError(
        f"Intercom could not be reached at {base_url}: {reason}. Check the network and `base_url`, then try again."
    )
