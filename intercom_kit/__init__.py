"""Live Intercom data as pandas DataFrames, fetched when asked for and kept for the session only.

    >>> import intercom_kit as ik
    >>> ws = ik.demo()              # an embedded sandbox, no account needed
    >>> ws.contacts(limit=3)

`connect()` does the same on a real workspace.
"""

from intercom_kit.errors import (
    BadFilterError,
    BadRequestError,
    BadTimeError,
    ConnectionFailedError,
    IntercomDownError,
    IntercomError,
    MergedContactError,
    MissingIdentifierError,
    NoExternalIdError,
    NotConnectedError,
    NotFoundError,
    NotIntercomError,
    PlanRestrictedError,
    RateLimitedError,
    RefusedError,
    ScopeMissingError,
    ScrollBusyError,
    TokenInvalidError,
    WrongRegionError,
)
from intercom_kit.workspace import Workspace, connect, demo

__all__ = [
    "BadFilterError",
    "BadRequestError",
    "BadTimeError",
    "ConnectionFailedError",
    "IntercomDownError",
    "IntercomError",
    "MergedContactError",
    "MissingIdentifierError",
    "NoExternalIdError",
    "NotConnectedError",
    "NotFoundError",
    "NotIntercomError",
    "PlanRestrictedError",
    "RateLimitedError",
    "RefusedError",
    "ScopeMissingError",
    "ScrollBusyError",
    "TokenInvalidError",
    "Workspace",
    "WrongRegionError",
    "connect",
    "demo",
]
