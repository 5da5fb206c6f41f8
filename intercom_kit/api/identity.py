"""The owner of a credential: the workspace, its region and timezone, and the admin."""

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from intercom_kit import zone_names
from intercom_kit.api.asking import Request
from intercom_kit.api.transport import Transport
from intercom_kit.errors import OtherWorkspaceError, ScopeMissingError, WrongRegionError
from intercom_kit.zones import zone

# The user waits for the connection, so a failure is reported after a few seconds.
ATTEMPTS = 4


@dataclass(frozen=True)
class Identity:
    """The workspace and the admin of a credential; `note` says what is unknown, or differs from Intercom's value."""

    workspace_id: str = ""
    workspace: str = ""
    region: str = ""
    timezone: str = "UTC"
    admin: str = ""
    email_verified: bool = False
    note: str = ""

    @property
    def zone(self) -> ZoneInfo:
        """Return the workspace's timezone."""
        return zone(zone_names.standard(self.timezone) or "UTC")

    @property
    def zone_is_known(self) -> bool:
        """Return whether `zone` is the workspace's own, and not a fallback."""
        return not self.note and self.zone.key == self.timezone


async def identify(transport: Transport, region: str | None, workspace_id: str | None = None) -> Identity:
    """Return the workspace and the admin that a token belongs to, with one request.

    Raises WrongRegionError where the workspace is hosted in another region than `region`, and OtherWorkspaceError where
    it is not `workspace_id`. A token that may not read admins is no error: `note` then says so, and times without a
    timezone are read as UTC.
    """
    try:
        page = await transport.send(Request("GET", "/me"), attempts=ATTEMPTS)
    except ScopeMissingError as error:
        return Identity(note=f"Times without a timezone are read as UTC, since the workspace's is unknown: {error}")
    me = page.whole()
    app = me.get("app") if isinstance(me.get("app"), dict) else {}
    timezone, note = _timezone(app.get("timezone"))
    identity = Identity(
        workspace_id=str(app.get("id_code") or ""),
        workspace=str(app.get("name") or ""),
        region=str(app.get("region") or "").lower(),
        timezone=timezone,
        admin=str(me.get("name") or ""),
        email_verified=me.get("email_verified") is True,
        note=note,
    )
    if workspace_id and identity.workspace_id and identity.workspace_id != workspace_id:
        raise OtherWorkspaceError(
            f"The token belongs to the workspace “{identity.workspace}” ({identity.workspace_id}), and not to "
            f"{workspace_id}, for which it was kept. Connect that workspace under another profile name."
        )
    if region and identity.region and identity.region != region:
        raise WrongRegionError(
            f"The workspace “{identity.workspace}” is kept in region {identity.region}, not in {region}: "
            f'connect with region="{identity.region}".',
            region=identity.region,
        )
    return identity


def _timezone(reported: Any) -> tuple[str, str]:
    """Return tzdata's name of the timezone that Intercom reports, and a note where the names differ."""
    if not reported:
        return (
            "UTC",
            "Intercom does not tell the workspace's timezone, so times without one are read as UTC, and days are UTC's",
        )
    name = zone_names.standard(str(reported))
    if name is None:
        return "UTC", (
            f"The workspace's timezone, {str(reported)!r}, is not known, so times without one are read as UTC, and "
            "days are UTC's: choose another in Intercom's settings, or give times with an offset, as "
            "2026-01-31T09:30+01:00"
        )
    return name, "" if name == reported else f"The workspace's timezone, {str(reported)!r}, is read as {name}"
