"""What a frame is: how much of what was asked for it holds, what that cost, and what is amiss."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from intercom_kit.days import day
from intercom_kit.zones import zone


@dataclass
class Receipt:
    """An account of what one fetch brought.

    `total` is how many rows Intercom says there are, where it says. `complete` is false where rows or members are
    known to be missing, and `why` says which. `misfits` counts values that did not fit their declared type, by
    column, and what stood in a list where an object belongs. `failures` names the keys (contacts, conversations …)
    that could not be asked, with the reason. `metric` says what the numbers of a metric mean.
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

    def __post_init__(self) -> None:
        if isinstance(self.at, str):  # as it stands in `frame.attrs`
            self.at = datetime.fromisoformat(self.at)

    def cut(self, why: str) -> None:
        """Declare that something is missing, and why."""
        self.complete = False
        self.why = f"{self.why}; {why}" if self.why else why

    def as_dict(self) -> dict[str, Any]:
        """Give plain values for `frame.attrs`."""
        given: dict[str, Any] = plain(asdict(self))
        return given

    def sentence(self) -> str:
        """Say it in a line, as under a frame's repr."""
        of = f" of {self.total:,}" if self.total is not None and self.total != self.rows else ""
        said = [
            f"{self.table}: {self.rows:,} {'row' if self.rows == 1 else 'rows'}{of}",
            "complete" if self.complete else f"not complete: {self.why}",
        ]
        said.append(f"{self.requests:,} request{'' if self.requests == 1 else 's'}")
        said.append(f"as of {self.at:%Y-%m-%d %H:%M:%S} UTC")
        if self.misfits:
            said.append(f"values that did not fit: {', '.join(f'{k} ({v:,})' for k, v in self.misfits.items())}")
        if self.metric:
            said.insert(0, self._measured())
        return " · ".join([*said, *self.notes])

    def _measured(self) -> str:
        """Say what a metric's number is, and of which days."""
        told = self.metric
        edges = (datetime.fromisoformat(told[edge]) for edge in ("since", "until"))
        since, until = (moment.astimezone(zone(told["timezone"])) for moment in edges)
        hours = "" if told["hours"] == "no durations" else f", {told['hours']}"
        what = f"{told['title']} ({told['definition']}): {told['unit']}{hours}"
        return f"{what}, {day(since)} to {day(until - timedelta(microseconds=1))} {told['timezone']}"


def plain(value: Any) -> Any:
    """Give a value as JSON has it, since pandas writes attrs as JSON into Parquet files; times are ISO text."""
    if isinstance(value, Mapping):
        return {str(name): plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple | set):
        return [plain(each) for each in value]
    if isinstance(value, datetime):
        return value.isoformat()
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def kept(receipts: Iterable[Receipt]) -> str:
    """Say what stays of queries' fetches that were broken off."""
    rows: Counter[str] = Counter()
    for receipt in receipts:
        rows[receipt.table] += receipt.rows if "asks" in receipt.filters else 0
    stays = " and ".join(f"{count:,} {table}" for table, count in rows.items() if count)
    return f"Kept, and not asked for again: {stays}." if stays else "Nothing had come whole yet, so nothing is kept."
