"""Every error that this package raises, each with the remedy in its message.

    IntercomError
    ├── NotConnectedError               no credential was given or found, or it no longer works
    ├── BadRequestError                 the call cannot be answered as written
    │   ├── BadFilterError              an unknown filter, or a value that it does not accept
    │   ├── BadLakeError                a folder that holds no lake, or none that can be used so
    │   ├── BadMetricError              an unknown metric, grouping, period or definition
    │   ├── BadChartError               a frame that a chart cannot draw, or an unknown theme
    │   ├── BadTimeError                a time that cannot be read
    │   ├── BadQueryError               SQL that is not one SELECT, is invalid, or needs too many requests
    │   │   └── QueryTimeoutError       the SQL itself ran longer than `timeout`
    │   ├── TooManyValuesError          a list of values where the search accepts only a few
    │   ├── MissingIdentifierError      events without a contact, company contacts without a company
    │   └── NoExternalIdError           events by external id for a contact that has none
    ├── MissingExtraError               a library that an extra brings is not installed; an ImportError too
    ├── CredentialStoreError            stored credentials cannot be read or written, or others can read them
    │   └── CredentialStoreBusyError    another program is changing them, and does not finish
    ├── LoginError                      a login ended without a connection, for example cancelled
    │   ├── LoginDeniedError            the user did not allow it, or Intercom refused
    │   ├── LoginStateError             the answer is incomplete, or belongs to another login
    │   ├── LoginExpiredError           nobody answered in time
    │   ├── LoginUsedError              the login was answered already
    │   └── LoginRefusedError           Intercom did not accept the code, the app, or the admin
    ├── ConnectionFailedError           Intercom could not be reached
    │   ├── ProxySettingsError          a proxy, for example of HTTPS_PROXY, cannot be used
    │   ├── CertificateError            the certificate is not trusted, or trusted ones cannot be read
    │   ├── TimedOutError               no response within `patience`; the message says what it waited for
    │   ├── AnswerTooLargeError         a response is larger than any of its kind can be
    │   ├── NotIntercomError            something else answered, such as a proxy's login page
    │   └── IntercomDownError           Intercom returned server errors until the retry budget ended
    │       └── SearchFailedError       a list or search returned 404, though it takes no id
    ├── EndlessPagesError               the pages of a list do not advance, or do not end
    ├── RateLimitedError                the rate limit lasts longer than the call may wait
    ├── MemoryLimitError                the session's rows need more memory than it may use
    ├── ReportError                     one of Intercom's own reports cannot be had or read
    │   ├── ReportMissingError          the workspace has no such report, or it lacks an attribute
    │   ├── ReportFailedError           Intercom could not make the report, or lost it
    │   ├── ReportLateError             the report was not ready in time
    │   ├── TooManyReportsError         five reports are being made, and none was finished in time
    │   └── UnreadableReportError       a file is cut, damaged, or no report
    ├── ScrollBusyError                 another scroll over companies is open in this app
    └── RefusedError                    Intercom understood the request and refused it
        ├── TokenInvalidError           the token is unknown, revoked or expired; a NotConnectedError too
        ├── OtherWorkspaceError         the token belongs to another workspace than expected
        ├── WrongRegionError            the workspace lives on another regional host
        ├── ScopeMissingError           the token's app lacks a permission, which the message names
        ├── PlanRestrictedError         the workspace's plan does not include the API
        └── NotFoundError               no such object
            └── MergedContactError      the contact was merged into another; `merged_into` is its id

`request_id` is Intercom's id of the request, which its support may ask for, and `code` its code for the reason of a
refusal.
"""

import itertools
import traceback
from datetime import datetime
from pathlib import Path
from typing import Any

__all__ = [
    "AnswerTooLargeError",
    "BadChartError",
    "BadFilterError",
    "BadLakeError",
    "BadMetricError",
    "BadQueryError",
    "BadRequestError",
    "BadTimeError",
    "CertificateError",
    "ConnectionFailedError",
    "CredentialStoreBusyError",
    "CredentialStoreError",
    "CutShortWarning",
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
    "MissingExtraError",
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
    "ReportError",
    "ReportFailedError",
    "ReportLateError",
    "ReportMissingError",
    "RequestsUsedUpError",
    "ScopeMissingError",
    "ScrollBusyError",
    "SearchFailedError",
    "TimedOutError",
    "TokenInvalidError",
    "TooManyReportsError",
    "TooManyValuesError",
    "UnreadableReportError",
    "WrongRegionError",
]


_PACKAGE = Path(__file__).parent


class CutShortWarning(UserWarning):
    """A warning that a program computes with the newest rows of a list, and may take them for all."""


class IntercomError(Exception):
    """Base class of all errors raised here."""

    code: str | None = None

    def __init__(self, message: str, *, status: int | None = None, request_id: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.request_id = request_id

    def __str__(self) -> str:
        message = super().__str__()
        return f"{message} (request {self.request_id})" if self.request_id else message

    def _render_traceback_(self) -> list[str]:
        """Return what IPython shows instead of a traceback: the lines of the caller's own code, and the message."""
        frames = traceback.extract_tb(self.__traceback__)
        outside = (each for each in frames if "IPython" not in Path(each.filename).parts)
        callers = itertools.takewhile(lambda each: not Path(each.filename).is_relative_to(_PACKAGE), outside)
        return [*(f"line {each.lineno}: {each.line}" for each in callers), f"{type(self).__name__}: {self}"]


class NotConnectedError(IntercomError):
    """A missing credential: none was given or found, it no longer works, or the workspace was closed."""


class BadRequestError(IntercomError, ValueError):
    """A call that cannot be answered as written."""


class BadFilterError(BadRequestError):
    """A filter that is unknown or does not accept its value; the message says what is valid."""


class BadLakeError(BadRequestError):
    """A folder that holds no lake, or one that cannot be used as asked; the message says what to do instead."""


class BadMetricError(BadRequestError):
    """A metric that is unknown, or has no such grouping or definition; the message says what is valid."""


class BadChartError(BadRequestError):
    """A frame that a chart cannot draw; the message names the metric that it draws."""


class BadTimeError(BadRequestError):
    """A time that cannot be parsed; the message shows the valid forms."""


class BadQueryError(BadRequestError):
    """A query that is invalid, or needs more requests than allowed; the message says how to narrow it.

    `plan` is the frame that `Workspace.plan` returns if it needs too many requests, else None, and `missing` the name
    of an unknown table, if that is the mistake.
    """

    def __init__(self, message: str, *, plan: Any = None, missing: str = "") -> None:
        super().__init__(message)
        self.plan = plan
        self.missing = missing


class QueryTimeoutError(BadQueryError):
    """A query that DuckDB ran for longer than `timeout`; the message says how to narrow it."""


class TooManyValuesError(BadRequestError):
    """A list of more values than a search accepts where it takes no lists."""


class MissingIdentifierError(BadRequestError):
    """A call that lacks a contact's or a company's identifier."""


class NoExternalIdError(BadRequestError):
    """A contact without an external id, whose events were requested by external id."""


class MissingExtraError(IntercomError, ImportError):
    """A library that is not installed, and that an extra of this package brings; the message says which."""


class CredentialStoreError(IntercomError):
    """Stored credentials that cannot be read or written, or that other users can read; the message says where."""


class CredentialStoreBusyError(CredentialStoreError):
    """Stored credentials that another program has locked for too long."""


class LoginError(IntercomError):
    """A login that ended without a connection; start a new one."""


class LoginDeniedError(LoginError):
    """A login that the user did not allow, or that Intercom refused."""


class LoginStateError(LoginError):
    """A redirect URL that does not belong to this login; the right one may still arrive."""


class LoginExpiredError(LoginError):
    """A login that nobody answered in time."""


class LoginUsedError(LoginError):
    """A login that was answered already."""


class LoginRefusedError(LoginError):
    """A login whose code or app Intercom did not accept, or whose admin is not confirmed."""


class ConnectionFailedError(IntercomError):
    """A connection to Intercom that failed or was lost until the retry budget ended."""


class ProxySettingsError(ConnectionFailedError):
    """A proxy that cannot be used; the message names the variable that sets it."""


class CertificateError(ConnectionFailedError):
    """A certificate that is not trusted, or a bad list of trusted ones; the message says how to set it."""


class TimedOutError(ConnectionFailedError):
    """A response that took longer than `patience`; the message says what it waited for."""


class AnswerTooLargeError(ConnectionFailedError):
    """A response that is larger than any of its kind can be; the rest was not read."""


class NotIntercomError(ConnectionFailedError):
    """A response from something other than Intercom's API, such as a proxy's login page."""


class IntercomDownError(ConnectionFailedError):
    """A server error of Intercom's that lasted until the retry budget ended."""


class SearchFailedError(IntercomDownError):
    """A list or search that Intercom answers with 404, although it takes no id."""


class EndlessPagesError(IntercomError):
    """Pages of a list that do not advance, or do not end."""


class RateLimitedError(IntercomError):
    """A rate limit that lasts longer than the call may wait; `until` is when it ends."""

    def __init__(self, message: str, *, until: datetime | None = None, request_id: str | None = None) -> None:
        super().__init__(message, status=429, request_id=request_id)
        self.until = until


class RequestsUsedUpError(IntercomError):
    """The end of the requests that a workspace may send in all, as `connect(max_requests=…)` allowed them."""


class MemoryLimitError(IntercomError):
    """A lack of memory; the message says how to need less or allow more."""


class ReportError(IntercomError):
    """A report of Intercom's own that cannot be had or read."""


class ReportMissingError(ReportError):
    """A report that the workspace does not have, or that lacks what is needed of it."""


class ReportFailedError(ReportError):
    """A report that Intercom could not make, or does not know any more."""


class ReportLateError(ReportError):
    """A report that was not ready in time; Intercom may still be making it."""


class TooManyReportsError(ReportError):
    """A report that Intercom does not begin, since as many as it allows are being made."""


class UnreadableReportError(ReportError):
    """A file that is cut, damaged, or no report; the message says where."""


class ScrollBusyError(IntercomError):
    """A scroll over companies that another program kept open in this app for too long."""


class RefusedError(IntercomError):
    """A request that Intercom understood and refused."""


class TokenInvalidError(RefusedError, NotConnectedError):
    """An access token that is unknown, revoked or expired."""


class OtherWorkspaceError(RefusedError):
    """A token of another workspace than expected."""


class WrongRegionError(RefusedError):
    """A workspace that is on another regional host, that of `region`."""

    def __init__(self, message: str, *, region: str) -> None:
        super().__init__(message)
        self.region = region


class ScopeMissingError(RefusedError):
    """A permission that the token's app lacks; `scope` is its name in Intercom's settings."""

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
