"""Every error that this package raises, each with the remedy in its sentence.

    IntercomError
    ├── NotConnectedError               no credential was given or found, or it works no longer
    ├── BadRequestError                 the call cannot be answered as it was asked
    │   ├── BadFilterError              an unknown filter, or a value that it cannot take
    │   ├── BadMetricError              an unknown metric, grouping, period or definition
    │   ├── BadChartError               a frame that a chart cannot draw, or an unknown theme
    │   ├── BadTimeError                a time that cannot be read
    │   ├── BadQueryError               SQL that is no single SELECT, cannot be read, or needs too much
    │   │   └── QueryTimeoutError       the SQL itself ran longer than `timeout`
    │   ├── TooManyValuesError          a list of values that the search can compare only one by one
    │   ├── MissingIdentifierError      events without a contact, company contacts without a company
    │   └── NoExternalIdError           events by external id for a contact that has none
    ├── CredentialStoreError            stored credentials cannot be read or written, or others can read them
    │   └── CredentialStoreBusyError    another program is changing them, and does not come to an end
    ├── LoginError                      a login ended without a connection, as by cancelling
    │   ├── LoginDeniedError            the user did not allow it, or Intercom refused
    │   ├── LoginStateError             the answer is not whole, or belongs to another login
    │   ├── LoginExpiredError           nobody answered in time
    │   ├── LoginUsedError              the login was answered already
    │   └── LoginRefusedError           Intercom did not take the code, the app, or the admin
    ├── ConnectionFailedError           Intercom could not be reached
    │   ├── ProxySettingsError          a proxy is named, as by HTTPS_PROXY, that cannot be used
    │   ├── CertificateError            what answered cannot prove to be Intercom, or no proof can be read
    │   ├── TimedOutError               nothing came within `patience`; the sentence says what was waited for
    │   ├── AnswerTooLargeError         an answer that is larger than any of its kind can be
    │   ├── NotIntercomError            something else answered, such as a proxy's login page
    │   └── IntercomDownError           Intercom answered with a server error until the budget ended
    │       └── SearchFailedError       a list or search answered 404, of which nobody gave an id
    ├── EndlessPagesError               the pages of a list do not go on, or do not end
    ├── RateLimitedError                the rate limit lasts longer than the budget for waiting
    ├── MemoryLimitError                the session's rows need more memory than it may use
    ├── ScrollBusyError                 another scroll over companies is open in this app
    └── RefusedError                    Intercom understood and said no
        ├── TokenInvalidError           the token is unknown, revoked or expired; a NotConnectedError too
        ├── OtherWorkspaceError         the token belongs to another workspace than it must
        ├── WrongRegionError            the workspace lives on another regional host
        ├── ScopeMissingError           the token's app lacks a permission, which is named
        ├── PlanRestrictedError         the workspace's plan does not include the API
        └── NotFoundError               no such object
            └── MergedContactError      the contact was merged into another, whose id is given

`request_id` is Intercom's own name for the request, worth quoting to Intercom's support, and `code` its word for what
is wrong with a request that it refused.
"""

import difflib
import itertools
import traceback
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

__all__ = [
    "AnswerTooLargeError",
    "BadChartError",
    "BadFilterError",
    "BadMetricError",
    "BadQueryError",
    "BadRequestError",
    "BadTimeError",
    "CertificateError",
    "ConnectionFailedError",
    "CredentialStoreBusyError",
    "CredentialStoreError",
    "EndlessPagesError",
    "IntercomDownError",
    "IntercomError",
    "LoginDeniedError",
    "LoginError",
    "LoginExpiredError",
    "LoginRefusedError",
    "LoginStateError",
    "LoginUsedError",
    "MemoryLimitError",
    "MergedContactError",
    "MissingIdentifierError",
    "NoExternalIdError",
    "NotConnectedError",
    "NotFoundError",
    "NotIntercomError",
    "OtherWorkspaceError",
    "PlanRestrictedError",
    "ProxySettingsError",
    "QueryTimeoutError",
    "RateLimitedError",
    "RefusedError",
    "ScopeMissingError",
    "ScrollBusyError",
    "SearchFailedError",
    "TimedOutError",
    "TokenInvalidError",
    "TooManyValuesError",
    "WrongRegionError",
]


_PACKAGE = Path(__file__).parent


class IntercomError(Exception):
    """Be the root of all errors of this package."""

    code: str | None = None

    def __init__(self, message: str, *, status: int | None = None, request_id: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.request_id = request_id

    def __str__(self) -> str:
        said = super().__str__()
        return f"{said} (request {self.request_id})" if self.request_id else said

    def _render_traceback_(self) -> list[str]:
        """Be shown by IPython as a sentence, under those lines of the caller's own code that led here."""
        frames = traceback.extract_tb(self.__traceback__)
        called = (each for each in frames if "IPython" not in Path(each.filename).parts)
        theirs = itertools.takewhile(lambda each: not Path(each.filename).is_relative_to(_PACKAGE), called)
        return [*(f"line {each.lineno}: {each.line}" for each in theirs), f"{type(self).__name__}: {self}"]


class NotConnectedError(IntercomError):
    """Say that no credential was given or found, that it works no longer, or that the workspace was closed."""


class BadRequestError(IntercomError, ValueError):
    """Say that the call cannot be answered as it was asked."""


def hint(name: object, known: Iterable[str], otherwise: str = "") -> str:
    """Ask for an unknown name whether one was meant that is spelled like it; else say `otherwise`, or what there is."""
    names, said = list(known), str(name).lower()
    spelled = [each.lower() for each in names]
    near = difflib.get_close_matches(said, spelled, n=3) or [each for each in spelled if said and said in each][:3]
    if near:
        return f"did you mean {' or '.join(repr(each) for each in names if each.lower() in near)}?"
    return otherwise or f"there are {', '.join(names) or 'none'}."


class BadFilterError(BadRequestError):
    """Say that a filter is unknown or cannot take its value, and what would be valid."""


class BadMetricError(BadRequestError):
    """Say that a metric is unknown, or cannot be grouped or defined as asked, and what would be valid."""


class BadChartError(BadRequestError):
    """Say that a chart cannot draw a frame, and which metric's frame it draws."""


class BadTimeError(BadRequestError):
    """Say that a time cannot be read, and which spellings can."""


class BadQueryError(BadRequestError):
    """Say what is wrong with a query, or that it needs more than may be asked for, and how to narrow it.

    Where it needs more requests than allowed, `plan` is the frame that `Workspace.plan` gives; else None.
    """

    def __init__(self, message: str, *, plan: Any = None) -> None:
        super().__init__(message)
        self.plan = plan


class QueryTimeoutError(BadQueryError):
    """Say that DuckDB took longer over a query than it was allowed, and how to narrow it."""


class TooManyValuesError(BadRequestError):
    """A list of values that a search can compare only one by one, and not so many."""


class MissingIdentifierError(BadRequestError):
    """Say that a call needs a contact's or a company's identifier."""


class NoExternalIdError(BadRequestError):
    """Say that events were asked by external id for a contact that has none."""


class CredentialStoreError(IntercomError):
    """Say that stored credentials cannot be read or written, or that others can read them, and where they are."""


class CredentialStoreBusyError(CredentialStoreError):
    """Stored credentials that another program is changing, and for too long."""


class LoginError(IntercomError):
    """Say that a login ended without a connection; each begins anew."""


class LoginDeniedError(LoginError):
    """Say that the user did not allow the app to read the workspace, or that Intercom refused."""


class LoginStateError(LoginError):
    """Say that an address holds no answer to this login; the right one may yet come."""


class LoginExpiredError(LoginError):
    """Say that nobody answered in time."""


class LoginUsedError(LoginError):
    """Say that the login was answered already."""


class LoginRefusedError(LoginError):
    """Say that Intercom did not take the code or the app, or that the admin cannot be vouched for."""


class ConnectionFailedError(IntercomError):
    """Say that Intercom could not be reached, or broke off, until the retry budget ended."""


class ProxySettingsError(ConnectionFailedError):
    """A proxy that cannot be used, with the variable that names it."""


class CertificateError(ConnectionFailedError):
    """A certificate that is not trusted, or certificates to trust that cannot be read, and how to name others."""


class TimedOutError(ConnectionFailedError):
    """Say that an answer took longer than the workspace waits, and what was waited for."""


class AnswerTooLargeError(ConnectionFailedError):
    """An answer that is larger than any of its kind can be, of which the rest was not read."""


class NotIntercomError(ConnectionFailedError):
    """Say that something other than Intercom's API answered, such as a proxy's login page."""


class IntercomDownError(ConnectionFailedError):
    """Say that Intercom answered with a server error until the retry budget ended."""


class SearchFailedError(IntercomDownError):
    """A list or a search that Intercom answers with 404, although no object was asked for by its id."""


class EndlessPagesError(IntercomError):
    """Pages of a list that do not go on, or do not end."""


class RateLimitedError(IntercomError):
    """Say that the rate limit lasts longer than the budget for waiting; `until` is when it ends."""

    def __init__(self, message: str, *, until: datetime | None = None, request_id: str | None = None) -> None:
        super().__init__(message, status=429, request_id=request_id)
        self.until = until


class MemoryLimitError(IntercomError):
    """Say that the session's rows need more memory than it may use, and how to make room or allow more."""


class ScrollBusyError(IntercomError):
    """Say that another scroll over companies stayed open in this app for too long."""


class RefusedError(IntercomError):
    """Say that Intercom understood the request and refused it."""


class TokenInvalidError(RefusedError, NotConnectedError):
    """Say that the access token is unknown, revoked or expired, so that there is no connection any more."""


class OtherWorkspaceError(RefusedError):
    """Say that the token belongs to another workspace than the one it must be for."""


class WrongRegionError(RefusedError):
    """Say that the workspace lives on another regional host; `region` is where."""

    def __init__(self, message: str, *, region: str) -> None:
        super().__init__(message)
        self.region = region


class ScopeMissingError(RefusedError):
    """Say that the token's app lacks a permission; `scope` names it as Intercom's settings do."""

    def __init__(self, message: str, *, scope: str, status: int | None = None, request_id: str | None = None) -> None:
        super().__init__(message, status=status, request_id=request_id)
        self.scope = scope


class PlanRestrictedError(RefusedError):
    """Say that the workspace's plan does not allow this request."""


class NotFoundError(RefusedError):
    """Say that there is no such contact, company, conversation or other object."""


class MergedContactError(NotFoundError):
    """Say that a contact was merged into another; `merged_into` is the id to use instead."""

    def __init__(self, message: str, *, merged_into: str, request_id: str | None = None) -> None:
        super().__init__(message, status=410, request_id=request_id)
        self.merged_into = merged_into
