"""Days are written alike on every system."""

import re
from datetime import date, datetime
from pathlib import Path

import intercom_kit
from intercom_kit.days import day, month

PACKAGE = Path(intercom_kit.__file__).parent


def test_a_day_has_no_zero_before_it() -> None:
    assert day(date(2026, 11, 1)) == "1 Nov 2026"
    assert day(datetime(2026, 12, 31, 23, 59), year=False) == "31 Dec"
    assert month(date(2026, 5, 31)) == "May 2026"


def test_no_format_asks_for_what_only_some_systems_have() -> None:
    """Windows refuses `%-d`, and Linux `%#d`, which is Windows' word for the same."""
    found = [
        f"{file.relative_to(PACKAGE)}:{number}: {line.strip()}"
        for file in PACKAGE.rglob("*.py")
        for number, line in enumerate(file.read_text("utf-8").splitlines(), 1)
        if re.search(r"%[-#_^][a-zA-Z]", line)
    ]
    assert found == []
