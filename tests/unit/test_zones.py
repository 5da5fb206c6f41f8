"""Timezones are tzdata's, whatever the system has, and what others call them is read where it is certain."""

import copy
import pickle
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pandas as pd
import pytest

from intercom_kit import zones
from intercom_kit.zone_names import standard

# By half hours and by two, at midnight, four times a year, a day left out, summer time for good, and never.
CHANGING = ("Australia/Lord_Howe", "Antarctica/Troll", "Africa/Cairo", "America/Havana", "Africa/Casablanca")
CHANGING += ("Pacific/Apia", "America/Vancouver", "Asia/Kolkata", "Etc/UTC")

RAILS = """American Samoa|International Date Line West|Midway Island|Hawaii|Alaska|Pacific Time (US & Canada)|Tijuana|
Arizona|Mazatlan|Mountain Time (US & Canada)|Central America|Central Time (US & Canada)|Chihuahua|Guadalajara|
Mexico City|Monterrey|Saskatchewan|Bogota|Eastern Time (US & Canada)|Indiana (East)|Lima|Quito|Atlantic Time (Canada)|
Caracas|Georgetown|La Paz|Puerto Rico|Santiago|Newfoundland|Brasilia|Buenos Aires|Montevideo|Greenland|Mid-Atlantic|
Azores|Cape Verde Is.|Edinburgh|Lisbon|London|Monrovia|UTC|Amsterdam|Belgrade|Berlin|Bern|Bratislava|Brussels|Budapest|
Casablanca|Copenhagen|Dublin|Ljubljana|Madrid|Paris|Prague|Rome|Sarajevo|Skopje|Stockholm|Vienna|Warsaw|
West Central Africa|Zagreb|Zurich|Athens|Bucharest|Cairo|Harare|Helsinki|Jerusalem|Kaliningrad|Kyiv|Pretoria|Riga|
Sofia|Tallinn|Vilnius|Baghdad|Istanbul|Kuwait|Minsk|Moscow|Nairobi|Riyadh|St. Petersburg|Volgograd|Tehran|Abu Dhabi|
Baku|Muscat|Samara|Tbilisi|Yerevan|Kabul|Almaty|Astana|Ekaterinburg|Islamabad|Karachi|Tashkent|Chennai|Kolkata|Mumbai|
New Delhi|Sri Jayawardenepura|Kathmandu|Dhaka|Urumqi|Rangoon|Bangkok|Hanoi|Jakarta|Krasnoyarsk|Novosibirsk|Beijing|
Chongqing|Hong Kong|Irkutsk|Kuala Lumpur|Perth|Singapore|Taipei|Ulaanbaatar|Osaka|Sapporo|Seoul|Tokyo|Yakutsk|Adelaide|
Darwin|Brisbane|Canberra|Guam|Hobart|Melbourne|Port Moresby|Sydney|Vladivostok|Magadan|New Caledonia|Solomon Is.|
Srednekolymsk|Auckland|Fiji|Kamchatka|Marshall Is.|Wellington|Chatham Is.|Nuku'alofa|Samoa|Tokelau Is.""".replace(
    "\n", ""
)


@pytest.mark.usefixtures("old_zone_data")
def test_what_the_system_has_does_not_matter() -> None:
    november = datetime(2026, 11, 9, 12, tzinfo=UTC)
    assert november.astimezone(ZoneInfo("America/Vancouver")).hour == 12
    assert november.astimezone(zones.zone("America/Vancouver")).hour == 5  # summer time for good, from 2026 on


@pytest.mark.parametrize("name", CHANGING)
def test_every_change_of_clocks_is_found_to_the_second(name: str) -> None:
    zone, first, last = zones.zone(name), datetime(2010, 1, 1, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC)
    found = zones.offsets(zone, first, last)
    for (moment, offset), (change, later) in pairwise([*found, (last, None)]):
        assert later != offset
        assert change == last or (change - timedelta(seconds=1)).astimezone(zone).utcoffset() == offset
        while moment < change:
            assert moment.astimezone(zone).utcoffset() == offset, moment
            moment += timedelta(hours=1)


@pytest.mark.usefixtures("old_zone_data")
def test_pandas_shows_times_by_it_and_not_by_the_systems_zone_of_the_name() -> None:
    times = pd.DatetimeIndex(["2026-11-09T07:00Z"]).tz_convert(zones.zone("America/Vancouver"))
    assert times[0].isoformat() == "2026-11-09T00:00:00-07:00"
    again = pickle.loads(pickle.dumps(times))  # noqa: S301 - ours
    assert again[0].isoformat() == "2026-11-09T00:00:00-07:00"


def test_an_unknown_name_is_refused() -> None:
    for name in ("Mars/Phobos", "", "../zones", "Europe"):
        with pytest.raises(ZoneInfoNotFoundError):
            zones.zone(name)


def test_a_frame_with_its_times_can_be_pickled_copied_and_joined_with_another() -> None:
    zone = zones.zone("Europe/Dublin")
    frame = pd.DataFrame({"period": pd.DatetimeIndex(["2026-03-29T01:30Z"]).tz_convert(zone)})
    again = pickle.loads(pickle.dumps(frame))  # noqa: S301 - ours
    pd.testing.assert_frame_equal(again, frame)
    assert copy.deepcopy(zone) is zone
    theirs = pd.DataFrame({"period": frame["period"].dt.tz_convert("Europe/Dublin")})
    assert pd.concat([frame, theirs])["period"].dtype == frame["period"].dtype


def test_every_name_that_rails_has_is_known() -> None:
    named = {name: standard(name) for name in RAILS.split("|")}
    assert len(named) == 151
    assert [name for name, zone in named.items() if zone not in zones.names()] == []


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Europe/Dublin", "Europe/Dublin"),
        ("Asia/Calcutta", "Asia/Calcutta"),  # old names are names
        ("europe/dublin", "Europe/Dublin"),
        ("America/New York", "America/New_York"),
        ("Europe/Edinburgh", "Europe/London"),  # in the example of Intercom's documentation
        ("Asia/New_Delhi", "Asia/Kolkata"),
        ("Pacific Time (US & Canada)", "America/Los_Angeles"),
        ("(GMT-08:00) Pacific Time (US & Canada)", "America/Los_Angeles"),
        ("Eastern Time (US & Canada)", "America/New_York"),
        ("Edinburgh", "Europe/London"),
        ("Kyiv", "Europe/Kyiv"),
        ("Samoa", "Pacific/Apia"),  # not tzdata's US/Samoa, which is another
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("GMT Standard Time", "Europe/London"),
    ],
)
def test_what_others_call_a_timezone_is_read(said: str, meant: str) -> None:
    assert standard(said) == meant


@pytest.mark.parametrize("said", ["Mars/Phobos", "America/Edinburgh", "PST", "Eastern", "", "../zones", "Europe"])
def test_what_is_not_certain_is_not_guessed(said: str) -> None:
    assert standard(said) is None
