"""One report as rows of text with a conversation's id and a moment, from a job or from a file."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from intercom_kit.api.counting import counting
from intercom_kit.concurrency import loop
from intercom_kit.errors import BadRequestError
from intercom_kit.fetch.meter import Meter, bar
from intercom_kit.fetch.session import Session
from intercom_kit.frames.receipt import Receipt
from intercom_kit.reports.comparisons import Comparison
from intercom_kit.reports.datasets import Attribute, Dataset, dataset_of, list_datasets
from intercom_kit.reports.jobs import Job, exported
from intercom_kit.reports.sheet import Sheet
from intercom_kit.reports.typed import instants

ID, MOMENT, TICKET_TYPE = "id", "moment", "ticket_type"
_ONLY = "only_with"
_IDS = ("conversation_id",)
_TICKET_TYPES = ("ticket_type_id", "ticket_type")
_MOMENTS = ("conversation_started_at", "ticket_created", "ticket_created_at", "action_time", "sla_started_at")


@dataclass
class Report:
    """A report's rows: `id`, `moment`, `ticket_type`, and the columns of a comparison, all text but the moment.

    `moment` is an instant, or a local time whose zone is yet to be found. `begun` is when it was made, as far as known.
    """

    name: str
    rows: pd.DataFrame
    counted_by: str
    columns: frozenset[str]
    begun: datetime | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def has_zone(self) -> bool:
        """Return whether its moments are instants."""
        return MOMENT in self.rows and self.rows[MOMENT].dt.tz is not None


def export(
    session: Session, comparison: Comparison, since: datetime, until: datetime, wait: float, receipt: Receipt
) -> Report:
    """Return the report of a span, as Intercom makes it now. Costs about five requests, which the receipt counts."""
    meter, begun = Meter("report", unit="requests"), datetime.now(UTC)

    def sent() -> None:
        meter.requests += 1
        meter.rows = receipt.requests = receipt.requests + 1

    async def work() -> tuple[Dataset, list[tuple[str, Attribute]], Sheet]:
        dataset = dataset_of(await list_datasets(session.transport), comparison.dataset)
        chosen = _chosen(dataset, comparison)
        start, end = math.floor(since.timestamp()), math.ceil(until.timestamp())
        job = Job(dataset, [attribute for _, attribute in chosen], start, end)
        return dataset, chosen, await exported(session.transport, job, meter, wait)

    with session.translated_errors(), bar(meter, session.budget_left) as look, counting(sent):
        dataset, chosen, sheet = loop.run(work(), look)
    names = [(each.id, each.qualified_id, each.qualified_id.partition(".")[2], each.name) for _, each in chosen]
    columns = [name for name, _ in chosen]
    return Report(dataset.id, _rows(sheet.ordered(names), columns), dataset.time, frozenset(columns), begun)


def _chosen(dataset: Dataset, comparison: Comparison) -> list[tuple[str, Attribute]]:
    """Return the attributes to ask for, by the names that they have here: those of other numbers where they exist."""
    first = set(comparison.numbers[0].columns) | ({"teammate"} if comparison.teammate else set())
    chosen = [(ID, dataset.need(_IDS))]
    if dataset.time and (time := dataset.find([dataset.time])):
        chosen.append((MOMENT, time))
    if ticket_type := dataset.find(_TICKET_TYPES):
        chosen.append((TICKET_TYPE, ticket_type))
    for name, names in comparison.asked.items():
        found = dataset.need(names) if name in first else dataset.find(names)
        if found:
            chosen.append((name, found))
    return chosen


def _rows(sheet: Sheet, names: Sequence[str]) -> pd.DataFrame:
    cells = list(zip(*sheet.rows, strict=True)) if sheet.rows else [()] * len(names)
    rows = pd.DataFrame({name: pd.array(_given(texts), dtype="str") for name, texts in zip(names, cells, strict=True)})
    if MOMENT in rows:
        rows[MOMENT] = instants([None if pd.isna(text) else text for text in rows[MOMENT]], None)
    return rows.dropna(subset=[ID]).reset_index(drop=True)


def _given(texts: Sequence[str]) -> list[str | None]:
    return [text.strip() or None for text in texts]


def from_frame(frame: pd.DataFrame, comparison: Comparison) -> Report:
    """Return the report of a frame of `read_report`; raise BadRequestError where it lacks what the metric needs."""
    asked: Mapping[str, tuple[str, ...]] = {ID: _IDS, TICKET_TYPE: _TICKET_TYPES, MOMENT: _MOMENTS, **comparison.asked}
    found = {name: column for name, names in asked.items() if (column := _column(frame, names))}
    if comparison.only_with:
        asked = {**asked, _ONLY: comparison.only_with}
        found |= {_ONLY: column} if (column := _column(frame, comparison.only_with)) else {}
    needed = [name for name in (ID, *comparison.numbers[0].columns, "teammate", _ONLY) if name in asked]
    for name in needed:
        if name not in found and not _another(name, comparison, found):
            there_are = ", ".join(map(str, frame.columns[:20]))
            raise BadRequestError(
                f"The report has no column {asked[name][0]!r}, which {comparison.metric} needs: it has {there_are}. "
                "Choose it under the columns of the report in Intercom, and export it again."
            )
    rows = pd.DataFrame({name: _texts(frame[column], name) for name, column in found.items()})
    file = (frame.attrs.get("intercom") or {}).get("filters", {}).get("file", "report")
    rows = rows.dropna(subset=[ID, _ONLY] if _ONLY in rows else [ID]).reset_index(drop=True)
    return Report(file, rows, found.get(MOMENT, ""), frozenset(found))


def _another(name: str, comparison: Comparison, found: Mapping[str, str]) -> bool:
    """Return whether another number is there in place of the first, as in files with fewer columns."""
    first = comparison.numbers[0].columns
    return name in first and any(set(number.columns) <= found.keys() for number in comparison.numbers[1:])


def _column(frame: pd.DataFrame, names: tuple[str, ...]) -> str | None:
    return next((name for name in names if name in frame.columns), None)


def _texts(series: "pd.Series[Any]", name: str) -> Any:
    """Return a column as text; moments as instants or local times."""
    if name == MOMENT:
        return series if pd.api.types.is_datetime64_any_dtype(series) else instants(list(series.astype("object")), None)
    return pd.array([None if pd.isna(value) else str(value) for value in series], dtype="str")
