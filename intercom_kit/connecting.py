"""Create a Workspace: on your own data, or on sample data in an embedded sandbox."""

import os
from inspect import signature
from typing import Any, get_args

from intercom_kit.api.secret import Secret
from intercom_kit.auth.check import check
from intercom_kit.auth.credentials import hidden
from intercom_kit.auth.finding import find
from intercom_kit.errors import BadRequestError
from intercom_kit.hints import hint
from intercom_kit.live.query_call import checked_requests
from intercom_kit.tables.privacy import Privacy
from intercom_kit.workspace import Workspace


def connect(
    token: str | Secret | None = None,
    *,
    region: str | None = None,
    base_url: str | None = None,
    profile: str | None = None,
    patience: float = 120.0,
    memory_limit: str | None = None,
    privacy: Privacy = "full",
    max_requests: int | None = None,
) -> Workspace:
    """Connect to a workspace, and check with one request that the token is valid and belongs to that workspace.

    The token is the argument, else INTERCOM_ACCESS_TOKEN, else that of the stored profile: `profile`, else
    INTERCOM_PROFILE, else the one used last. `region` is "us", "eu" or "au", else INTERCOM_REGION; without either, the
    workspace's own is found. `base_url`, else INTERCOM_BASE_URL, is the address of a sandbox or a proxy.

    `patience` is the timeout of one request in seconds, including waits and retries; the error says what it waited
    for. `memory_limit`, such as "2GB", limits the memory of rows and queries together; the default is four fifths of
    the machine's. DuckDB does not count a single huge value, such as a list of a billion. With `privacy="masked"`
    names, addresses, attributes and texts are replaced by pseudonyms before they are stored, equal ones by equal ones;
    with "none" they are left out. `max_requests`, else INTERCOM_MAX_REQUESTS, is the number of requests that the
    workspace may send in all, this check included: what needs more raises BadQueryError before it begins where that can
    be counted, and RequestsUsedUpError on the way where not.

    Raises BadRequestError, NotConnectedError, TokenInvalidError, WrongRegionError, OtherWorkspaceError.
    """
    if privacy not in get_args(Privacy):
        raise BadRequestError(f"privacy={privacy!r} must be one of {', '.join(map(repr, get_args(Privacy)))}.")
    allowed = _allowed(max_requests)
    token = hidden(token)
    credential = check(find(token, region, base_url, profile), patience=patience)
    if credential.budget:
        credential.budget.allowed = allowed
    return Workspace(credential, patience=patience, memory_limit=memory_limit, privacy=privacy)


def _allowed(max_requests: int | None) -> int | None:
    """Return how many requests a workspace may send in all; None for any number."""
    given = os.environ.get("INTERCOM_MAX_REQUESTS", "") if max_requests is None else max_requests
    if given == "":
        return None
    return checked_requests(int(given) if isinstance(given, str) and given.isdecimal() else given)


def demo(*, privacy: Privacy = "full", **options: Any) -> Workspace:
    """Connect to an embedded sandbox with sample data; no account and no network are needed.

    If INTERCOM_BASE_URL is a sandbox on this machine, as under `intercom-kit demo` and `intercom-kit lab`, that one is
    used. `options` are those of `intercom_kit.sandbox.serve`, such as `conversations=20_000, seed=3`.
    """
    if not options and os.environ.get("INTERCOM_BASE_URL", "").startswith("http://127.0.0.1:"):
        return connect(privacy=privacy)
    from intercom_kit import sandbox  # only a demo needs a server

    known = signature(sandbox.Sandbox).parameters
    for name in options:
        if name not in known:
            raise BadRequestError(f"demo() takes no {name!r}: {hint(name, known)}")
    running = sandbox.serve(**options)
    served = running.__enter__()
    try:
        workspace = connect(served.token, base_url=served.base_url, privacy=privacy)
    except BaseException:
        running.__exit__(None, None, None)
        raise
    workspace._on_close.append(lambda: running.__exit__(None, None, None))
    return workspace
