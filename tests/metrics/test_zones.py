"""SQL and Python agree on every period of every timezone, since both reckon with the offsets of tzdata alone."""

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise

import duckdb
import pytest

from intercom_kit import connect, zones
from intercom_kit.metrics import METRICS, ask, periods
from intercom_kit.sandbox import serve
from intercom_kit.values.times import instant
from tests.metrics.restated import label
from tests.metrics.world import World, with_hours

pytestmark = pytest.mark.sampled(4)

FIRST, LAST = datetime(2020, 1, 1, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC)
QUARTER = timedelta(minutes=15)


def alike() -> dict[tuple[object, ...], list[str]]:
    """Put the zones together whose clocks are the same in these years."""
    found = defaultdict(list)
    for name in sorted(zones.names()):
        found[zones.offsets(zones.zone(name), FIRST, LAST)].append(name)
    return found


ALIKE = alike()


@pytest.fixture(scope="module")
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    """A session on another continent, whose own zone must not matter."""
    with duckdb.connect() as opened:
        opened.execute("set TimeZone = 'Asia/Tokyo'")
        yield opened


def test_every_zone_is_walked() -> None:
    assert sum(map(len, ALIKE.values())) == len(zones.names()) > 590
    assert sum(len(offsets) > 1 for offsets in ALIKE) > 50


@pytest.mark.parametrize(("offsets", "names"), ALIKE.items(), ids=[names[0] for names in ALIKE.values()])
def test_periods_are_those_of_the_clock_on_the_wall(
    database: duckdb.DuckDBPyConnection, offsets: tuple[tuple[datetime, timedelta], ...], names: list[str]
) -> None:
    zone = zones.zone(names[0])
    for change in [change for change, _ in offsets[1:]] or [FIRST + timedelta(days=90)]:
        first, last = change - timedelta(hours=6), change + timedelta(hours=26, minutes=7)
        for period in periods.PERIODS:
            if label(first, period, zone) != label(last, period, zone):  # else there is no edge that could be wrong
                _compare(database, period, first, last, zone)


def _compare(database: duckdb.DuckDBPyConnection, period: str, first: datetime, last: datetime, zone: tzinfo) -> None:
    """Compare a calendar with the labels of each of its quarters of an hour, and with Python's."""
    sql = periods.calendar(period, first, last, zone)
    rows = database.execute(f"select quarter, epoch(period), complete from ({sql}) order by 1").fetchall()
    quarters = [datetime.fromtimestamp(quarter * 900, UTC) for quarter, _, _ in rows]
    assert quarters[0] == periods.start(first, period, zone).astimezone(UTC)
    assert quarters[-1] <= last < quarters[-1] + QUARTER
    assert all(later - earlier == QUARTER for earlier, later in pairwise(quarters))
    near = next(place for place, quarter in enumerate(quarters) if quarter > first)  # all before are of its period
    assert {starts for _, starts, _ in rows[:near]} == {quarters[0].timestamp()}
    begins = {label(first, period, zone): quarters[0]}
    for quarter in quarters[near:]:
        begins.setdefault(label(quarter, period, zone), quarter)
    open_one = begins[label(last, period, zone)]
    for quarter, (_, starts, complete) in zip(quarters[near:], rows[near:], strict=True):
        began = begins[label(quarter, period, zone)]
        assert datetime.fromtimestamp(starts, UTC) == began, (period, quarter)
        assert began == periods.start(quarter, period, zone).astimezone(UTC)
        assert complete is (began < open_one)


@pytest.mark.parametrize("system", ["as it is", "old"])
def test_vancouvers_weeks_have_all_their_hours(system: str, request: pytest.FixtureRequest) -> None:
    """Summer time for good, from 2026 on, is in tzdata and not in every system's data, nor in DuckDB's."""
    if system == "old":
        request.getfixturevalue("old_zone_data")
    began = datetime(2026, 11, 9, 5, tzinfo=UTC)
    hours = [began + timedelta(hours=number, minutes=30) for number in range(8)]
    talks = [
        {
            "type": "conversation",
            "id": str(number),
            "created_at": int(hour.timestamp()),
            "updated_at": 0,
            "state": "open",
        }
        for number, hour in enumerate(hours)
    ]
    with serve(records={"conversations": talks}, now=datetime(2026, 11, 20, tzinfo=UTC).timestamp()) as sandbox:
        sandbox.workspace.timezone = "America/Vancouver"
        with connect(sandbox.token, base_url=sandbox.base_url) as ws:
            frame = ws.metric("conversations", definition="calendar", period="week", since="2026-11-09")
    assert frame.iloc[0]["complete"]
    assert frame.iloc[0]["period"].isoformat() == "2026-11-09T00:00:00-07:00"
    assert frame.iloc[0]["n"] == sum(hour >= datetime(2026, 11, 9, 7, tzinfo=UTC) for hour in hours) == 6


@pytest.mark.parametrize("name", METRICS)
def test_no_metric_leaves_timezones_to_duckdb(name: str) -> None:
    now, metric = datetime(2026, 11, 20, tzinfo=UTC), METRICS[name]
    steps = {"steps": ["a", "b"]} if name == "funnel" else {}
    for definition in metric.definitions:
        for zone in ("America/Vancouver", "Asia/Kolkata"):
            question = ask(
                metric,
                since=now - timedelta(days=60),
                now=now,
                zone=zones.zone(zone),
                period="week" if metric.periods else None,
                definition=definition,
                filters=steps | with_hours(name, definition),
            )
            for sql in (question.sql(), question.exclusions_sql()):
                assert not re.search(r"time\s+zone|timezone\(|Vancouver|Kolkata", sql, re.IGNORECASE)


def test_many_years_cost_little_sql() -> None:
    zone = zones.zone("Africa/Casablanca")  # which changes its clocks four times a year
    sql = periods.calendar("week", datetime(2016, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC), zone)
    assert len(sql) < 5_000


@pytest.mark.parametrize("period", ["day", "week", "month"])
def test_a_first_period_is_whole_where_the_clocks_leapt_over_midnight(period: str) -> None:
    zone = zones.zone("Africa/Cairo")  # on 24 April 2026 at midnight, to one
    since = instant("2026-04-24", zone)
    world = World(
        "Africa/Cairo",
        datetime(2026, 6, 1, tzinfo=UTC),
        conversations=[
            {"id": str(minute), "created_at": datetime(2026, 4, 23, 22, tzinfo=UTC) + timedelta(minutes=minute)}
            for minute in (-1, 0, 1)
        ],
    )
    rows = world.rows("conversations", since, definition="calendar", period=period)
    begins = {
        "day": "2026-04-24T01:00:00+03:00",
        "week": "2026-04-20T00:00:00+02:00",
        "month": "2026-04-01T00:00:00+02:00",
    }
    assert (rows[0]["period"], rows[0]["n"]) == (begins[period], 2 if period == "day" else 3)
