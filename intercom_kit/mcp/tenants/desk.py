"""The desk of one tenant: its own connection, rows, worker processes, results and threads."""

from typing import TYPE_CHECKING

import anyio

from intercom_kit.apart.workers import Workers
from intercom_kit.errors import (
    BadRequestError,
    CredentialStoreError,
    IntercomError,
    NotConnectedError,
    OtherWorkspaceError,
    TokenInvalidError,
)
from intercom_kit.mcp.foreign.texts import read_once
from intercom_kit.mcp.live_desk import LiveDesk
from intercom_kit.mcp.logins.asking import Connecting
from intercom_kit.mcp.results import Results
from intercom_kit.mcp.tenants.limits import Limits
from intercom_kit.mcp.tenants.tenant import Tenant

if TYPE_CHECKING:
    from intercom_kit.auth.credentials import Credential
    from intercom_kit.tables.privacy import Privacy
    from intercom_kit.workspace import Workspace

NOT_CONNECTED = "Not connected to Intercom: call intercom_connect, which tells the user which page to open."
STORE_FAILS = "The server cannot read or write its stored connections now: tell whoever runs it, and call again later."


class TenantDesk(LiveDesk):
    """The workspace of one tenant, connected with the tenant's stored profile and with nothing else."""

    asks_after = (NotConnectedError, TokenInvalidError)

    def __init__(
        self, tenant: Tenant, logins: Connecting | None, privacy: "Privacy", memory: str, limits: Limits
    ) -> None:
        self._limits = limits
        super().__init__(self._connected, logins, privacy, memory)
        self.tenant = tenant
        self.threads = anyio.CapacityLimiter(limits.calls)
        self._workers = Workers(limits.queries)

    def open(self) -> "Workspace":
        """Connect to the workspace; a process for SQL starts with the first query, since each takes 150 MB."""
        workspace = self._connected()
        workspace.read_bodies(read_once)
        return workspace

    def no_results(self) -> Results:
        """Return an empty cache of as many results as a tenant may keep."""
        return Results(self._limits.results, self._limits.bytes_of_results)

    def is_stored(self) -> bool:
        """Return whether the tenant has a stored connection; no request is sent, and no secret is read."""
        from intercom_kit.auth.profiles import profiles

        try:
            return any(each.name == self.tenant.profile for each in profiles())
        except CredentialStoreError:
            return False

    def credential(self) -> "Credential":
        """Return the tenant's stored credential, checked by a request.

        No token of the environment, and no default, may take its place. Raises NotConnectedError where there is none,
        and as `check` does.
        """
        from intercom_kit.auth.check import check
        from intercom_kit.auth.profiles import load

        try:
            credential = load(self.tenant.profile)
        except BadRequestError:  # there is no such profile; the message names those of others
            raise NotConnectedError(NOT_CONNECTED) from None
        return check(credential)

    def _connected(self) -> "Workspace":
        """Connect with the tenant's credential."""
        from intercom_kit.workspace import Workspace

        limits = self._limits
        return Workspace(self.credential(), memory_limit=limits.memory, privacy=self.privacy, workers=self._workers)

    def spoken(self, error: IntercomError) -> str:
        """Return an error's message, without the operator's files, and with what the tenant can do."""
        if isinstance(error, NotConnectedError | TokenInvalidError | OtherWorkspaceError):
            return NOT_CONNECTED
        return STORE_FAILS if isinstance(error, CredentialStoreError) else super().spoken(error)

    def end(self) -> None:
        """Close the connection, drop rows and results, and end the worker processes."""
        self.close()
        self._workers.close()
