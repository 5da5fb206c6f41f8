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
    """The root of all errors of this package."""

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
    """A lack of a credential: none was given or found, it works no longer, or the workspace was closed."""


class BadRequestError(IntercomError, ValueError):
    """A call that cannot be answered as it was asked."""


def hint(name: object, known: Iterable[str], otherwise: str = "") -> str:
    """Ask for an unknown name whether one was meant that is spelled like it; else say `otherwise`, or what there is."""
    names, said = list(known), str(name).lower()
    spelled = [each.lower() for each in names]
    near = difflib.get_close_matches(said, spelled, n=3) or [each for each in spelled if said and said in each][:3]
    if near:
        return f"did you mean {' or '.join(repr(each) for each in names if each.lower() in near)}?"
    return otherwise or f"there are {', '.join(names) or 'none'}."


class BadFilterError(BadRequestError):
    """A filter that is unknown or cannot take its value, with what would be valid."""


class BadMetricError(BadRequestError):
    """A metric that is unknown, or cannot be grouped or defined as asked, with what would be valid."""


class BadChartError(BadRequestError):
    """A frame that a chart cannot draw, with which metric's frame it draws."""


class BadTimeError(BadRequestError):
    """A time that cannot be read, with the spellings that can."""


class BadQueryError(BadRequestError):
    """A query that is wrong, or needs more than may be asked for, with how to narrow it.

    Where it needs more requests than allowed, `plan` is the frame that `Workspace.plan` gives; else None.
    """

    def __init__(self, message: str, *, plan: Any = None) -> None:
        super().__init__(message)
        self.plan = plan


class QueryTimeoutError(BadQueryError):
    """A query over which DuckDB took longer than it was allowed, with how to narrow it."""


class TooManyValuesError(BadRequestError):
    """A list of values that a search can compare only one by one, and not so many."""


class MissingIdentifierError(BadRequestError):
    """A call that lacks a contact's or a company's identifier."""


class NoExternalIdError(BadRequestError):
    """A contact without an external id, whose events were asked for by that."""


class CredentialStoreError(IntercomError):
    """Stored credentials that cannot be read or written, or that others can read, with where they are."""


class CredentialStoreBusyError(CredentialStoreError):
    """Stored credentials that another program is changing, and for too long."""


class LoginError(IntercomError):
    """A login that ended without a connection; each begins anew."""


class LoginDeniedError(LoginError):
    """A login that the user did not allow, or that Intercom refused."""


class LoginStateError(LoginError):
    """An address that holds no answer to this login; the right one may yet come."""


class LoginExpiredError(LoginError):
    """A login that nobody answered in time."""


class LoginUsedError(LoginError):
    """A login that was answered already."""


class LoginRefusedError(LoginError):
    """A login whose code or app Intercom did not take, or whose admin cannot be vouched for."""


class ConnectionFailedError(IntercomError):
    """A connection to Intercom that failed, or broke off, until the retry budget ended."""


class ProxySettingsError(ConnectionFailedError):
    """A proxy that cannot be used, with the variable that names it."""


class CertificateError(ConnectionFailedError):
    """A certificate that is not trusted, or certificates to trust that cannot be read, and how to name others."""


class TimedOutError(ConnectionFailedError):
    """An answer that took longer than the workspace waits, with what was waited for."""


class AnswerTooLargeError(ConnectionFailedError):
    """An answer that is larger than any of its kind can be, of which the rest was not read."""


class NotIntercomError(ConnectionFailedError):
    """An answer by something other than Intercom's API, such as a proxy's login page."""


class IntercomDownError(ConnectionFailedError):
    """A server error of Intercom's that lasted until the retry budget ended."""


class SearchFailedError(IntercomDownError):
    """A list or a search that Intercom answers with 404, although no object was asked for by its id."""


class EndlessPagesError(IntercomError):
    """Pages of a list that do not go on, or do not end."""


class RateLimitedError(IntercomError):
    """A rate limit that lasts longer than the budget for waiting; `until` is when it ends."""

    def __init__(self, message: str, *, until: datetime | None = None, request_id: str | None = None) -> None:
        super().__init__(message, status=429, request_id=request_id)
        self.until = until


class MemoryLimitError(IntercomError):
    """A need of more memory than may be used, with how to make room or allow more."""


class ScrollBusyError(IntercomError):
    """A scroll over companies that somebody else kept open in this app for too long."""


class RefusedError(IntercomError):
    """A request that Intercom understood and refused."""


class TokenInvalidError(RefusedError, NotConnectedError):
    """An access token that is unknown, revoked or expired, so that there is no connection any more."""


class OtherWorkspaceError(RefusedError):
    """A token of another workspace than the one it must be for."""


class WrongRegionError(RefusedError):
    """A workspace that lives on another regional host; `region` is where."""

    def __init__(self, message: str, *, region: str) -> None:
        super().__init__(message)
        self.region = region


class ScopeMissingError(RefusedError):
    """A permission that the token's app lacks; `scope` names it as Intercom's settings do."""

    def __init__(self, message: str, *, scope: str, status: int | None = None, request_id: str | None = None) -> None:
        super().__init__(message, status=status, request_id=request_id)
        self.scope = scope


class PlanRestrictedError(RefusedError):
    """A request that the workspace's plan does not allow."""


class NotFoundError(RefusedError):
    """A contact, company, conversation or other object that does not exist."""


class MergedContactError(NotFoundError):
    """A contact that was merged into another; `merged_into` is the id to use instead."""

    def __init__(self, message: str, *, merged_into: str, request_id: str | None = None) -> None:
        super().__init__(message, status=410, request_id=request_id)
        self.merged_into = merged_into
