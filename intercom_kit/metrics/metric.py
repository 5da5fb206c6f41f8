"""What a metric is: a declaration, from which its SQL, its documentation and its account follow."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from intercom_kit.errors import BadMetricError
from intercom_kit.metrics.periods import instant
from intercom_kit.metrics.subjects import OF_CONVERSATIONS, Subject

if TYPE_CHECKING:
    from intercom_kit.metrics.asking import Asked

OFFICE_HOURS = "office hours, as Intercom counts them"
CALENDAR = "calendar time, around the clock"
NO_HOURS = "no durations"


@dataclass(frozen=True)
class Instead:
    """The column of a time that stands in where another is NULL, and the condition under which it may."""

    column: str
    where: str


@dataclass(frozen=True)
class Definition:
    """One way to define a metric.

    `measure` is what one row of the subject counts for, as SQL, or `measures` are, by their names. `at` is the column
    of the time by which a row belongs to a period; where that is NULL there may be one `instead`. `tables` are made
    before, by their names, and `join` joins them to the subject. `left_out` says which rows do not count, and under
    which condition; `unmeasured` says the same of rows of which the measure is NULL, the first that holds. `needs` are
    the tables beside the subject's that it reads. A measure below zero contradicts itself, unless it may be `negative`.
    With `events` a row of the subject stands once for each event of the contact in the span, or not at all. A
    definition of how things are `now` cannot tell how they were.
    """

    text: str
    source: str
    measure: str = ""
    measures: Mapping[str, str] = field(default_factory=dict)
    at: str = "created_at"
    instead: Instead | None = None
    hours: str = NO_HOURS
    unit: str = ""
    name: str = ""
    tables: Mapping[str, str] = field(default_factory=dict)
    join: str = ""
    where: str = ""
    left_out: Mapping[str, str] = field(default_factory=dict)
    unmeasured: Mapping[str, str] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    negative: bool = False
    events: bool = False
    now: bool = False

    def filled(self, now: datetime, day: Callable[[], str]) -> "Definition":
        """Put the moment, and the local day of a row, where the SQL says {now} and {day}."""

        def fill(sql: str) -> str:
            return sql.replace("{now}", instant(now)).replace("{day}", day() if "{day}" in sql else "")

        def fill_all(several: Mapping[str, str]) -> dict[str, str]:
            return {name: fill(sql) for name, sql in several.items()}

        return replace(
            self,
            measure=fill(self.measure),
            measures=fill_all(self.measures),
            tables=fill_all(self.tables),
            left_out=fill_all(self.left_out),
            unmeasured=fill_all(self.unmeasured),
        )


@dataclass(frozen=True)
class Shape(ABC):
    """How rows become an answer: the tables that lead to `answer`, and its columns.

    `columns` stand after period and groups; `order` sorts the rows within a period, if not by their groups, and `ties`
    tells rows apart that are equal in both, so that every answer to one question has the same order.
    """

    columns: tuple[str, ...] = ()
    order: str = ""
    ties: str = ""

    @abstractmethod
    def tables(self, asked: "Asked") -> dict[str, str]:
        """Write the tables, by their names; the last is `answer`."""

    def bounds(self, asked: "Asked") -> str:
        """Write which of the subject's rows matter, by their times, in a form that Intercom can be asked for."""
        return "" if asked.definition.events else asked.bounded()

    def restricted(self, asked: "Asked") -> str:  # noqa: ARG002
        """Write the semi joins along which the subject's rows are found, so that no others are asked for."""
        return ""

    def begins(self, asked: "Asked") -> datetime:
        """Say from when on events and rows are needed, where that is before the answer begins."""
        return asked.since

    def left_out(self, asked: "Asked") -> dict[str, str]:  # noqa: ARG002
        """Say which rows do not count, beside those that the definition names, and under which condition."""
        return {}

    def notes(self, asked: "Asked", rows: int) -> list[str]:  # noqa: ARG002
        """Say what is easily overlooked about an answer that so many rows of the subject were asked for."""
        return []


@dataclass(frozen=True)
class Metric:
    """The declaration of one metric.

    `question` is what it answers, `denominator` what its `n` counts. `window` is the span it looks at where none is
    asked for, `by` and `period` how it is divided then. `options` are parameters of its own, with their defaults.
    """

    name: str
    title: str
    question: str
    unit: str
    denominator: str
    shape: Shape
    definitions: Mapping[str, Definition]
    subject: Subject = OF_CONVERSATIONS
    window: str = "28d"
    by: tuple[str, ...] = ()
    period: str | None = None
    compare: str | None = None
    periods: bool = True
    compares: bool = True
    options: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def definition(self, name: str | None) -> Definition:
        """Give the definition of a name, or the metric's first; raise BadMetricError with those that it has."""
        if name is not None and name not in self.definitions:
            known = " and ".join(map(repr, self.definitions))
            raise BadMetricError(f"{self.name} has no definition {name!r}: it has {known}.")
        name = name or next(iter(self.definitions))
        return replace(self.definitions[name], name=name, unit=self.definitions[name].unit or self.unit)

    def needs(self, definition: Definition) -> tuple[str, ...]:
        """Name the tables that a definition of it reads."""
        return (self.subject.table.name, *definition.needs)
