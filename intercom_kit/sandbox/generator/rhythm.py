"""The start times of conversations: growth, season, weekday, hour and incidents."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from intercom_kit.sandbox.contents import zones
from intercom_kit.sandbox.generator.seeded import Dice

HOUR = 3600
# Conversations by local hour: peaks in the morning and afternoon, a few at night from other continents.
HOURS = np.array([5, 4, 3, 3, 3, 4, 8, 18, 45, 80, 95, 90, 70, 78, 92, 90, 82, 60, 38, 28, 24, 20, 14, 8], dtype=float)
WEEKDAYS = np.array([1.25, 1.15, 1.1, 1.05, 0.9, 0.28, 0.25])
MONTHS = np.array([1.12, 1.05, 1.05, 1.0, 0.97, 0.95, 0.82, 0.78, 1.05, 1.1, 1.12, 0.8])


@dataclass(frozen=True)
class Incident:
    """An outage of the product: many conversations, a tag, slow answers."""

    start: int
    end: int
    tag: str


def generate_incidents(dice: Dice, start: int, now: int, hours: int) -> list[Incident]:
    """Generate incidents on working days: one per 90 days of history, at least one."""
    incidents = []
    for number in range(max(1, hours // (24 * 90))):
        incident_start = start + int((now - start) * (number + dice.uniform(0.3, 0.7)) / max(1, hours // (24 * 90)))
        day = datetime.fromtimestamp(incident_start, UTC).replace(hour=9 + dice.whole(0, 5), minute=0, second=0)
        day -= timedelta(days=max(0, day.weekday() - 4))
        incident_start = int(day.timestamp())
        incidents.append(Incident(incident_start, incident_start + dice.whole(2, 6) * HOUR, f"incident {day:%Y-%m-%d}"))
    return incidents


def start_times(seed: int, count: int, start: int, now: int, zone: str, incidents: list[Incident]) -> list[int]:
    """Return random start times of conversations, ascending."""
    hours = np.arange(start, now, HOUR)
    local = [datetime.fromtimestamp(int(hour), zones.zone(zone)) for hour in hours]
    weights = HOURS[[moment.hour for moment in local]]
    weights = weights * WEEKDAYS[[moment.weekday() for moment in local]]
    weights = weights * MONTHS[[moment.month - 1 for moment in local]]
    weights = weights * np.linspace(0.75, 1.25, len(hours))  # the workspace grows
    for incident in incidents:
        weights[(hours >= incident.start) & (hours < incident.end)] *= 14
    chance = np.random.default_rng(seed)
    drawn = chance.choice(hours, size=count, p=weights / weights.sum()) + chance.integers(0, HOUR, size=count)
    return [int(moment) for moment in np.sort(np.minimum(drawn, now - 20))]
