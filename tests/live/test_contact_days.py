"""Intercom compares contacts' times by whole days in the workspace's timezone; the verbs compare them exactly."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from intercom_kit import BadTimeError, Workspace, connect
from intercom_kit.sandbox import Sandbox

from ..conftest import Begin

HOUR = 3600
# Days on which clocks change somewhere, and a plain one.
DAYS = ("2026-03-29", "2026-07-01", "2026-10-25", "2026-11-01")
ZONES = ("Europe/Dublin", "America/Los_Angeles", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu", "UTC")


def around(day: str) -> list[int]:
    """Give every hour, and the seconds beside it, of the two days before and after a day's midnight in UTC."""
    midnight = int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp())
    return [midnight + hour * HOUR + second for hour in range(-48, 49) for second in (-1, 0, 1)]


@pytest.fixture(scope="module")
def everywhen() -> dict[str, int]:
    """Give contacts, by id, with the moment at which each was created and seen."""
    return {f"c{day}{time}": time for day in DAYS for time in around(day)}


@pytest.fixture
def people(begin: Begin, everywhen: dict[str, int]) -> Sandbox:
    """Serve a contact for each of those moments."""
    records = [
        {"type": "contact", "id": id_, "role": "user", "created_at": time, "updated_at": time, "last_seen_at": time}
        for id_, time in everywhen.items()
    ]
    return begin(records={"contacts": records})[0]


def connected(sandbox: Sandbox, timezone: str) -> Workspace:
    """Connect to the sandbox as if its workspace were in another timezone."""
    sandbox._application.workspace.timezone = timezone
    return connect(sandbox.token, base_url=sandbox.base_url)


@pytest.mark.parametrize("timezone", ZONES)
def test_no_contact_is_lost_or_added_at_the_edges_of_days(
    people: Sandbox, everywhen: dict[str, int], timezone: str
) -> None:
    zone = ZoneInfo(timezone)
    with connected(people, timezone) as ws:
        for day in DAYS[:3]:
            begins = datetime.fromisoformat(day).replace(tzinfo=zone)
            ends = (begins + timedelta(days=1)).replace(tzinfo=zone)
            expected = {id_ for id_, time in everywhen.items() if begins.timestamp() <= time < ends.timestamp()}
            assert len(expected) >= 23 * 3
            assert set(ws.contacts(since=day, until=ends)["id"]) == expected


@pytest.mark.parametrize("edge", ["2026-10-25T00:59:59+00:00", "2026-10-25T01:00:00+00:00", "2026-07-01T12:30"])
def test_no_contact_is_lost_or_added_within_a_day(people: Sandbox, everywhen: dict[str, int], edge: str) -> None:
    with connected(people, "Europe/Dublin") as ws:
        moment = datetime.fromisoformat(edge)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo("Europe/Dublin"))
        after = {id_ for id_, time in everywhen.items() if time >= moment.timestamp()}
        assert set(ws.contacts(last_seen_since=edge)["id"]) == after
        assert set(ws.contacts(updated_until=edge)["id"]) == set(everywhen) - after


@pytest.mark.parametrize("filters", [{"until": "9999-12-31"}, {"since": "0001-01-01"}])
def test_the_ends_of_the_calendar_are_refused_or_answered_but_never_break(
    people: Sandbox, everywhen: dict[str, int], filters: dict[str, str]
) -> None:
    with connected(people, "Europe/Dublin") as ws:
        try:
            found = ws.contacts(**filters)
        except BadTimeError:
            return
        assert len(found) == len(everywhen)
