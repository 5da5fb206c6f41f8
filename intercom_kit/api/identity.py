"""Whom a credential belongs to: the workspace, its region and timezone, and the admin."""

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from intercom_kit import zone_names
from intercom_kit.api.transport import Transport
from intercom_kit.errors import OtherWorkspaceError, ScopeMissingError, WrongRegionError
from intercom_kit.zones import zone

# Who connects waits for the answer: what cannot be reached is said after a few seconds.
ATTEMPTS = 4


@dataclass(frozen=True)
class Identity:
    """Who is connected to what; `note` says what could not be found out, or not as Intercom says it."""

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
        """Return whether `zone` is the workspace's own, and not a stand-in."""
        return not self.note and self.zone.key == self.timezone


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
            f"{workspace_id}, for which it was kept. Connect that one anew under a name of its own."
        )
    if region and identity.region and identity.region != region:
        raise WrongRegionError(
            f"The workspace “{identity.workspace}” is kept in region {identity.region}, and {region} was asked: "
            f'connect with region="{identity.region}".',
            region=identity.region,
        )
    return identity


def _timezone(said: Any) -> tuple[str, str]:
    """Read what Intercom calls the workspace's timezone: tzdata's name, and a note where that is another one."""
    if not said:
        return (
            "UTC",
            "Intercom does not tell the workspace's timezone, so times without one are read as UTC, and days are UTC's",
        )
    name = zone_names.standard(str(said))
    if name is None:
        return "UTC", (
            f"The workspace's timezone, {str(said)!r}, is not known, so times without one are read as UTC, and days "
            "are UTC's: choose another in Intercom's settings, or give times with an offset, as 2026-01-31T09:30+01:00"
        )
    return name, "" if name == said else f"The workspace's timezone, {str(said)!r}, is read as {name}"
