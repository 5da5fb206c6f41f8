"""Translate Intercom's error responses into errors that a user can act on."""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from intercom_kit.api.quoting import quoted
from intercom_kit.api.regions import HOSTS
from intercom_kit.errors import (
    BadRequestError,
    IntercomDownError,
    IntercomError,
    MergedContactError,
    NotFoundError,
    NotIntercomError,
    PlanRestrictedError,
    RateLimitedError,
    ScopeMissingError,
    ScrollBusyError,
    SearchFailedError,
    TokenInvalidError,
    TooManyReportsError,
)

# The permission that each path needs, by its name in an app's settings in the Developer Hub.
_SCOPES = (
    (r"^/me", "Read one admin"),
    (r"^/admins/activity_log", "Read admin activity logs"),
    (r"^/(admins|away_status_reasons)", "Read admins"),
    (r"^/office_hours", "read_write_office_hours"),
    (r"^/(export|download)/reporting_data", "export_reporting_data"),
    (r"^/(articles|help_center)", "Read and list articles"),
    *((rf"^/{noun}", f"Read {noun}") for noun in ("tags", "conversations", "events")),
    (r"^/ticket", "Read tickets"),
    (r"^/calls", "Read conversations"),  # UNCONFIRMED [calls]: the description names none
    (r"^/(contacts|companies)/(?!search$|list$|scroll$)[^/]+$", "Read one user and one company"),
    (r"^/", "Read and list users and companies"),
)

# What a plan may lack, by the paths that need it; any other path needs access to the API.
_FEATURES = {
    r"^/admins/activity_log": "activity logs",
    r"^/office_hours": "office hours",
    r"^/ticket": "tickets",
    r"^/(export|download)/reporting_data": "the export of reporting data",
}

_TOKEN_WORDS = {
    "token_revoked": "was revoked",
    "token_expired": "has expired",
    "token_blocked": "is blocked",
    "token_suspended": "is suspended",
}

_DEAD_TOKEN = frozenset({"unauthorized", "token_not_found", "missing_authorization", *_TOKEN_WORDS})

# The status that belongs to each code, for errors that arrive with status 200.
_STATUSES = (
    (r"unauthorized|missing_authorization|token_\w+", 401),
    (r"payment_required", 402),
    (r"forbidden|action_forbidden|api_plan_restricted", 403),
    (r"parameter_not_found", 400),
    (r"\w*not_found", 404),
    (r"request_timeout", 408),
    (r"contact_merged", 410),
    (r"rate_limit_exceeded|too_many_requests|retry_after", 429),
    (r"service_unavailable", 503),
    (r"server_error|internal\w*|unknown", 500),
    (r"", 400),
)

# Last parts of paths that list or search, where a 404 is a failure; and lists by a key in the query, where it is not.
_LISTS = ("search", "list", "scroll", "deleted")
_ONE_BY_QUERY = ("companies", "events", "me")


def failure(status: int, headers: Mapping[str, str], body: str, path: str, page: object = None) -> IntercomError:
    """Return the error for a response other than 200; `page` is the requested cursor or page after the first."""
    if 300 <= status < 400:
        return _redirected(status, headers)
    envelope = _envelope(body)
    if envelope is None:
        return not_intercom(headers, body) if status < 500 else down(status, _request_id({}, headers))
    request_id = _request_id(envelope, headers)
    code, message = _first(envelope)
    why = message or "no reason was given"
    if status == 401:
        return _unauthorized(code, why, path, request_id)
    if status in (402, 403):
        return _forbidden(code, why, path, status, request_id)
    if status == 404:
        return _not_found(path, why, page, request_id)
    if status == 410:
        return _merged(headers, path, request_id)
    if status == 429 and path.startswith("/export/") and "pending" in why:
        return TooManyReportsError(
            f"Intercom makes no more reports at once ({why}): wait until those that others asked for are ready.",
            status=status,
            request_id=request_id,
        )
    if status == 429:
        return RateLimitedError(f"Intercom's rate limit was exceeded: {why}.", request_id=request_id)
    if status >= 500 or status == 408:
        return down(status, request_id, message)
    if code == "scroll_exists":
        return ScrollBusyError(
            "Another scroll over companies is open in this app. It closes a minute after its last use: try again "
            "then, and stop the other program if it keeps scrolling.",
            status=status,
            request_id=request_id,
        )
    refusal = BadRequestError(
        f"Intercom refused the request to {quoted(path)} ({code}): {why}", status=status, request_id=request_id
    )
    refusal.code = code
    return refusal


def status_meant(body: str) -> int | None:
    """Return the status that a response of 200 should have had, where its body is an error list."""
    if '"error.list"' not in body:  # a thousand times faster than parsing it
        return None
    envelope = _envelope(body)
    if envelope is None or envelope.get("type") != "error.list":
        return None
    code, _ = _first(envelope)
    return next(status for pattern, status in _STATUSES if not pattern or re.fullmatch(pattern, code))


def _envelope(body: str) -> dict[str, Any] | None:
    """Read Intercom's error envelope; None where the body is something else."""
    try:
        envelope = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if isinstance(envelope, dict) and isinstance(envelope.get("errors"), list):
        return envelope
    return None


def _first(envelope: dict[str, Any]) -> tuple[str, str]:
    """Return the code and the message of the first error; either may be missing or of any type."""
    errors = envelope["errors"]
    first = errors[0] if errors else None
    if not isinstance(first, dict):
        return "unknown", quoted(first) if isinstance(first, str) else ""
    return quoted(first.get("code") or "unknown", 80), quoted(first.get("message") or "").rstrip(".")


def _request_id(envelope: dict[str, Any], headers: Mapping[str, str]) -> str | None:
    """Return Intercom's id of the request, if there is one."""
    request_id = envelope.get("request_id") or headers.get("x-request-id")
    return quoted(request_id, 80) or None if isinstance(request_id, str | int) else None


def scope_for(path: str, message: str = "") -> str:
    """Return the permission that a path needs: from Intercom's message, else by its name in the Developer Hub."""
    scope_in_message = re.search(r"scope \(([a-z_]+)\)", message)
    if scope_in_message:
        return scope_in_message[1]
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
        feature = next((name for pattern, name in _FEATURES.items() if re.match(pattern, path)), "API access")
        return PlanRestrictedError(
            f"The workspace's plan does not allow this request ({message}). Ask whoever pays for Intercom to include "
            f"{feature}.",
            status=status,
            request_id=request_id,
        )
    return _scope_missing(message, path, status, request_id)


def _scope_missing(message: str, path: str, status: int, request_id: str | None) -> IntercomError:
    scope = scope_for(path, message)
    return ScopeMissingError(
        f"The token may not ask for {quoted(path)}: its app lacks the permission “{scope}” ({message}). Tick it in the "
        "Developer Hub under Authentication, and connect again.",
        scope=scope,
        status=status,
        request_id=request_id,
    )


def _not_found(path: str, message: str, page: object, request_id: str | None) -> IntercomError:
    """Return the error for a 404: a missing object, or a failed search or list, which has no id to miss."""
    *_, last = parts = path.strip("/").split("/")
    if last in _LISTS or (len(parts) == 1 and last not in _ONE_BY_QUERY):
        kind = "search" if last == "search" else "list"
        where = f" on the page after {quoted(page, 80)}" if page else ""
        return SearchFailedError(
            f"Intercom's {kind} {quoted(path)} failed{where} (HTTP 404: {message}). That is a failure of Intercom's, "
            "since no object was asked for by its id: try again in a few minutes, and tell Intercom's support if it "
            "stays.",
            status=404,
            request_id=request_id,
        )
    return NotFoundError(_absent(parts, message), status=404, request_id=request_id)


def _absent(parts: list[str], message: str) -> str:
    """Explain which object is missing, and where to look."""
    family, *rest = parts
    if family in ("me", "auth"):
        return f"Nothing answers at /{'/'.join(parts)} ({message}): check that `base_url` is Intercom's API."
    if family == "events":
        return f"There is no contact by that identifier ({message}): external ids stand in `external_id` of contacts()."
    if family in ("export", "download"):
        return f"Intercom knows no such report ({message}): ask for it again."
    noun = "company" if family == "companies" else family.removesuffix("s")
    name = next((quoted(unquote(part), 80) for part in rest if part != "find_by_external_id"), "")
    which = f" {name!r}" if name else ""
    return f"There is no {noun}{which} in this workspace ({message}). Check the id, and that it is Intercom's own."


def _merged(headers: Mapping[str, str], path: str, request_id: str | None) -> IntercomError:
    target = re.search(r"/contacts/([\w-]{1,80})(?![\w-])", headers.get("link", ""))
    merged_into = target[1] if target else ""
    use = f"ask for {merged_into!r} instead" if merged_into else "Intercom did not say into which"
    named = re.match(r"/contacts/([^/]+)", path)
    return MergedContactError(
        f"The contact{f' {quoted(unquote(named[1]), 80)!r}' if named else ''} was merged into another: {use}.",
        merged_into=merged_into,
        request_id=request_id,
    )


def down(status: int, request_id: str | None, message: str = "") -> IntercomDownError:
    """Return the error for a server error of Intercom's."""
    return IntercomDownError(
        f"Intercom answers with an error of its own (HTTP {status}{f': {message}' if message else ''}). Try again in a "
        "few minutes; https://www.intercomstatus.com tells of incidents.",
        status=status,
        request_id=request_id,
    )


def not_intercom(headers: Mapping[str, str], body: str) -> NotIntercomError:
    """Return the error for a response that is not Intercom's, with what it looks like."""
    kind = quoted(headers.get("content-type", "").split(";")[0], 80) or "no content type"
    what = "an HTML page, such as a proxy's or a network's login page" if "<html" in body[:2000].lower() else kind
    if not body.strip():
        what = "an empty body"
    return NotIntercomError(
        f"What answered is not Intercom's API: it sent {what}. Log in to the network if it asks for that, check "
        "`base_url`, and check the proxy settings (HTTPS_PROXY)."
    )


def _redirected(status: int, headers: Mapping[str, str]) -> NotIntercomError:
    """Return the error for a redirect, with its target but not its query, which may hold secrets."""
    try:
        target = urlsplit(headers.get("location", ""))
        host = f"{target.hostname}:{target.port}" if target.port else target.hostname or ""
    except ValueError:
        host, target = "", urlsplit("")
    place = quoted(f"{target.scheme}://{host}{target.path}" if host else target.path)
    region = next((region for region, home in HOSTS.items() if host and home.endswith(f"//{host}")), None)
    to = f"to {place}" if place else "that does not say where to"
    remedy = (
        f'If the workspace is kept there, connect with region="{region}"'
        if region
        else "Log in to the network if it asks for that, and check `base_url`"
    )
    return NotIntercomError(
        f"The address answers with a redirect (HTTP {status}) {to}, "
        f"which is not followed, since a token goes to no other host. {remedy}.",
        status=status,
    )
