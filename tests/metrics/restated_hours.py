"""Office hours restated in plain Python: every day of a span, its intervals, and what of the span lies in them."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from intercom_kit.zones import Zone
from intercom_kit.zones import zone as timezone

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MINUTE = timedelta(minutes=1)

Spans = list[tuple[int, int]]


@dataclass
class Schedule:
    """Intervals in minutes of the day on which they begin: by weekday, by day of every year, and by date."""

    zone: str
    weekly: dict[str, Spans]
    yearly: dict[str, Spans] = field(default_factory=dict)
    dated: dict[str, Spans] = field(default_factory=dict)

    def spans(self, day: date) -> Spans:
        """Return the intervals of a day."""
        if day.isoformat() in self.dated:
            return self.dated[day.isoformat()]
        if day.isoformat()[5:] in self.yearly:
            return self.yearly[day.isoformat()[5:]]
        return self.weekly.get(DAYS[day.weekday()], [])

    def seconds(self, earlier: datetime, later: datetime) -> float:
        """Return the seconds between two instants in which the office is open."""
        zone = timezone(self.zone)
        day, pieces = earlier.astimezone(zone).date() - timedelta(days=3), []
        while day <= later.astimezone(zone).date() + timedelta(days=1):
            for opens, closes in self.spans(day):
                pieces.append((instant(day, opens, zone), instant(day, closes, zone)))
            day += timedelta(days=1)
        counted, total = earlier, 0.0
        for opens, closes in sorted(pieces):
            begins, ends = max(opens, counted), min(closes, later)
            if begins < ends:
                total += (ends - begins).total_seconds()
                counted = ends
        return total

    def written(self) -> tuple[dict[str, list[str]], list[str]]:
        """Return the week and the holidays as arguments of OfficeHours."""
        weekly = {day: list(map(text, spans)) for day, spans in self.weekly.items()}
        days = {**self.yearly, **self.dated}
        return weekly, [" ".join([day, *map(text, spans)]) for day, spans in days.items()]


def instant(day: date, minute: int, zone: Zone) -> datetime:
    """Return the first instant at which clocks show a time, or the first after it where they skip that."""
    wall = datetime.combine(day, time()) + minute * MINUTE
    while True:
        moment = wall.replace(tzinfo=zone).astimezone(UTC)
        if moment.astimezone(zone).replace(tzinfo=None) == wall:
            return moment
        wall += MINUTE


def text(span: tuple[int, int]) -> str:
    """Return an interval as analysts write it."""
    opens, closes = span
    closes -= 1440 if closes > 1440 else 0
    return f"{opens // 60:02}:{opens % 60:02}-{closes // 60:02}:{closes % 60:02}"
