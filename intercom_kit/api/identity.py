"""Whom a credential belongs to: the workspace, its region and timezone, and the admin."""

import json
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from intercom_kit.api.transport import Transport
from intercom_kit.errors import ScopeMissingError, WrongRegionError

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
    note: str = ""

    @property
    def zone(self) -> ZoneInfo:
        """Give the workspace's timezone."""
        try:
            return ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError):
            return ZoneInfo("UTC")


async def identify(transport: Transport, region: str | None) -> Identity:
    """Ask Intercom who the token belongs to, with one request.

    Raises WrongRegionError where the workspace is kept in another region than was asked for. A token that may not
    read admins is no error: the identity then says so, and times without a zone are read as UTC.
    """
    try:
        page = await transport.send("GET", "/me", attempts=ATTEMPTS)
    except ScopeMissingError as error:
        return Identity(note=f"Times without a timezone are read as UTC, since the workspace's is unknown: {error}")
    me = json.loads(page.text)
    app = me.get("app") or {}
    identity = Identity(
        workspace_id=str(app.get("id_code") or ""),
        workspace=str(app.get("name") or ""),
        region=str(app.get("region") or "").lower(),
        timezone=str(app.get("timezone") or "UTC"),
        admin=str(me.get("name") or ""),
    )
    if region and identity.region and identity.region != region:
        raise WrongRegionError(
            f"The workspace “{identity.workspace}” is kept in region {identity.region}, and {region} was asked: "
            f'connect with region="{identity.region}".',
            region=identity.region,
        )
    return identity
