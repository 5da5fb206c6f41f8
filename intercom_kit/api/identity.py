"""Whom a credential belongs to: the workspace, its region and timezone, and the admin."""

import json
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from intercom_kit.api.transport import Transport
from intercom_kit.errors import NotIntercomError, OtherWorkspaceError, ScopeMissingError, WrongRegionError

# Who connects waits for the answer: what cannot be reached is said after a few seconds.
ATTEMPTS = 4


@dataclass(frozen=True)
class Identity:
    """Tell who is connected to what; `note` says what could not be found out."""

    workspace_id: str = ""
    workspace: str = ""
    region: str = ""
    timezone: str = "UTC"
    admin: str = ""
    email_verified: bool = False
    note: str = ""

    @property
    def zone(self) -> ZoneInfo:
        """Give the workspace's timezone."""
        try:
            return ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            return ZoneInfo("UTC")


async def identify(transport: Transport, region: str | None, workspace_id: str | None = None) -> Identity:
    """Ask Intercom who the token belongs to, with one request.

    Raises WrongRegionError where the workspace is kept in another region than was asked for, and OtherWorkspaceError
    where it is another than `workspace_id`. A token that may not
    read admins is no error: the identity then says so, and times without a zone are read as UTC.
    """
    try:
        page = await transport.send("GET", "/me", attempts=ATTEMPTS)
    except ScopeMissingError as error:
        return Identity(note=f"Times without a timezone are read as UTC, since the workspace's is unknown: {error}")
    try:
        me = json.loads(page.text)
    except (ValueError, RecursionError):  # nested too deeply, or with numbers too long, for what this is
        raise NotIntercomError("The answer to /me cannot be read: check that `base_url` is Intercom's API.") from None
    app = me.get("app") if isinstance(me.get("app"), dict) else {}
    identity = Identity(
        workspace_id=str(app.get("id_code") or ""),
        workspace=str(app.get("name") or ""),
        region=str(app.get("region") or "").lower(),
        timezone=str(app.get("timezone") or "UTC"),
        admin=str(me.get("name") or ""),
        email_verified=me.get("email_verified") is True,
    )
    if workspace_id and identity.workspace_id and identity.workspace_id != workspace_id:
        raise OtherWorkspaceError(
            f"The token belongs to the workspace “{identity.workspace}” ({identity.workspace_id}), and not to "
            f"{workspace_id}, for which it was kept. Connect that one anew under a name of its own."
        )
    if region and identity.region and identity.region != region:
        raise WrongRegionError(
            f"The workspace “{identity.workspace}” is kept in region {identity.region}, and {region} was asked: "
            f'connect with region="{identity.region}".',
            region=identity.region,
        )
    return identity
