"""The receipt of a frame: what was requested, how complete it is, what it cost, and what did not fit."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from intercom_kit.days import day
from intercom_kit.zones import zone

LAKE = "lake"  # the table that receipts of a lake's answers name


@dataclass
class Receipt:
    """The receipt of one fetch.

    `total` is the number of rows that Intercom reports, if it reports one. `complete` is false where rows or list
    members are known to be missing, and `why` says which. `misfits` counts values that did not fit their declared
    type, by column, and list entries that are not objects. `failures` maps the keys (contacts, conversations …) that
    could not be fetched to the reason. `metric` says what the numbers of a metric mean. `links` are the
    beginnings of links into Intercom's app, by the column whose ids complete them. `fetched` is the number of rows from
    which others were computed, and `here` says how: these are set in receipts of what pandas made of a frame.
    """

    table: str
    filters: Mapping[str, Any] = field(default_factory=dict)
    rows: int = 0
    total: int | None = None
    complete: bool = True
    why: str = ""
    requests: int = 0
    seconds: float = 0.0
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    misfits: dict[str, int] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    metric: dict[str, Any] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    fetched: int | None = None
    here: str = ""

    def __post_init__(self) -> None:
        if isinstance(self.at, str):  # as in `frame.attrs`
            self.at = datetime.fromisoformat(self.at)

    def cut(self, why: str) -> None:
        """Mark the result as incomplete, with the reason."""
        self.complete = False
        self.why = f"{self.why}; {why}" if self.why else why

    def add(self, other: "Receipt") -> None:
        """Add the cost and failures of a further fetch for the same result."""
        self.requests += other.requests
        self.seconds = round(self.seconds + other.seconds, 3)
        self.failures |= other.failures
        if not other.complete:
            self.cut(other.why)

    def begun(self) -> "Receipt":
        """Return the receipt as one of what is computed from these rows, before that is known."""
        return self if self.fetched is not None else replace(self, fetched=self.rows)

    def join(self, other: "Receipt") -> None:
        """Make this the receipt of what is computed from two sources, unless both are parts of one frame."""
        if (self.table, self.filters, self.at) == (other.table, other.filters, other.at):
            return
        self.add(other)
        self.table, self.at = f"{self.table} and {other.table}", min(self.at, other.at)
        self.total, self.fetched = None, (self.fetched or 0) + (other.fetched or 0)
        self.notes = list(dict.fromkeys([*self.notes, *other.notes]))
        self.misfits, self.links = self.misfits | other.misfits, self.links | other.links
        self.metric = {} if other.metric else self.metric

    def as_dict(self) -> dict[str, Any]:
        """Return the receipt in plain values, for `frame.attrs`."""
        values: dict[str, Any] = plain(asdict(self))
        return values if self.here else {name: values[name] for name in values if name not in ("fetched", "here")}

    def sentence(self) -> str:
        """Return the receipt in one line, as under a frame's repr."""
        parts = [
            self._counted(),
            "complete" if self.complete else f"not complete: {self.why}",
        ]
        parts.append(f"{self.requests:,} request{'' if self.requests == 1 else 's'}")
        parts.append(f"as of {self.at:%Y-%m-%d %H:%M:%S} UTC")
        if self.misfits:
            parts.append(f"values that did not fit: {', '.join(f'{k} ({v:,})' for k, v in self.misfits.items())}")
        if self.metric:
            parts.insert(0, self._measured())
        return " · ".join([*parts, *self.notes])

    def _counted(self) -> str:
        """Return how many rows there are, and of how many."""
        noun = "row" if self.rows == 1 else "rows"
        if self.fetched is None or not self.here:
            of = f" of {self.total:,}" if self.total is not None and self.total != self.rows else ""
            return f"{self.table}: {self.rows:,} {noun}{of}"
        if self.here.startswith("computed"):
            return f"{self.table}: {self.rows:,} {noun}, {self.here} from {self.fetched:,}"
        return f"{self.table}: {self.rows:,} of {self.fetched:,} rows, {self.here}"

    def _measured(self) -> str:
        """Return what a metric's number means, and its first and last day."""
        metric = self.metric
        hours = "" if metric["hours"] == "no durations" else f", {metric['hours']}"
        what = f"{metric['title']} ({metric['definition']}): {metric['unit']}{hours}"
        if metric["since"] is None:
            return f"{what}, over whole lifetimes"
        edges = (datetime.fromisoformat(metric[edge]) for edge in ("since", "until"))
        since, until = (moment.astimezone(zone(metric["timezone"])) for moment in edges)
        return f"{what}, {day(since)} to {day(until - timedelta(microseconds=1))} {metric['timezone']}"


def plain(value: Any) -> Any:
    """Return a value in JSON's types, since pandas writes attrs as JSON into Parquet files; times are ISO text."""
    if isinstance(value, Mapping):
        return {str(name): plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple | set):
        return [plain(each) for each in value]
    if isinstance(value, datetime):
        return value.isoformat()
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def kept(receipts: Iterable[Receipt]) -> str:
    """Return what interrupted queries had fetched completely, which is cached and not fetched again."""
    rows: Counter[str] = Counter()
    for receipt in receipts:
        rows[receipt.table] += receipt.rows if "asks" in receipt.filters else 0
    cached = " and ".join(f"{count:,} {table}" for table, count in rows.items() if count)
    return f"Kept, and not fetched again: {cached}." if cached else "Nothing was complete yet, so nothing is kept."
