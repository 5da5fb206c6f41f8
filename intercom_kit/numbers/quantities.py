"""Numbers with their unit as people read them: with as many digits as matter."""

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_SHORT_UNITS = {
    "conversations per 100 active contacts": "per 100 contacts",
    "conversations per company": "per company",
    "replies per available hour": "per hour",
    "assignments per ticket": "per ticket",
    "points of 100": "points",
}
_COUNTED = ("conversations", "tickets", "contacts")


def number(value: float) -> str:
    """Return a number with as many digits as matter."""
    return f"{value:.2g}" if abs(value) < 10 else f"{value:,.0f}"


def percent(share: float) -> str:
    """Return a share in percent, with a decimal where the share is small."""
    return f"{share:.1%}" if 0 < abs(share) < 0.0995 else f"{share:.0%}"


def duration(seconds: float) -> str:
    """Return a duration as text, in the unit that suits it."""
    each, name = next((each, name) for each, name in ((_DAY, "days"), (_HOUR, "h"), (0, "min")) if seconds >= 2 * each)
    return f"{number(seconds / (each or _MINUTE))} {name}"


def written(value: float, unit: str) -> str:
    """Return a number of a metric as text, with its unit."""
    return f"{brief(value, unit)} {_SHORT_UNITS[unit]}" if unit in _SHORT_UNITS else brief(value, unit)


def brief(value: float, unit: str) -> str:
    """Return a number of a metric as text, without a unit that the axis has and that is long."""
    if unit in ("seconds", "minutes"):
        return duration(value * (60 if unit == "minutes" else 1))
    if unit == "share":
        return percent(value)
    if unit in _COUNTED and value == round(value):
        return f"{value:,.0f}"
    return number(value) if unit in (*_COUNTED, *_SHORT_UNITS) else f"{number(value)} {unit}"
