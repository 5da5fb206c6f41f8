"""One way to define a metric: in words, with its source, and in SQL."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from intercom_kit.metrics.sql import SQL, sql

OFFICE_HOURS = "office hours, as Intercom counts them"
CALENDAR = "calendar time, around the clock"
NO_HOURS = "no durations"


@dataclass(frozen=True)
class Instead:
    """The time column that replaces a NULL one, and the condition under which it may."""

    column: str
    where: SQL


@dataclass(frozen=True)
class Definition:
    """One way to define a metric.

    `measure` is the SQL of what one row of the subject counts for; `measures` are several, by name. `at` is the time
    column by which a row belongs to a period; `instead` may replace it where it is NULL. `steps` are steps of the WITH
    clause, and `join` joins them to the subject, `once` if that repeats no row. `left_out` gives the conditions of rows
    that do not count, by reason; `unmeasured` those of rows whose measure is NULL, of which the first that holds is the
    reason. `needs` are the tables read besides the subject's. A measure below zero contradicts itself, unless it may be
    `negative`. With `events`, a row stands once for each event of the contact in the span. A definition about `now` has
    no history.

    A definition in `own_hours` needs the office hours of the request. `statistic` is then Intercom's value of the same,
    by name, `each` the measure that should equal it, and `comparable` the condition under which both mean the same.

    The SQL may contain {now}, the time of the request, {day}, the local date of a row, and {open_hours}, the steps of
    `metrics.office_hours`.
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
    steps: str = ""
    join: str = ""
    once: bool = False
    where: str = ""
    left_out: Mapping[str, str] = field(default_factory=dict)
    unmeasured: Mapping[str, str] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    negative: bool = False
    events: bool = False
    now: bool = False
    own_hours: bool = False
    statistic: str = ""
    each: str = ""
    comparable: str = "true"

    def filled(self, **values: Any) -> "Definition":
        """Return the definition with values in place of their names in its SQL."""

        def fill(template: str) -> SQL:
            return sql(template, **values)

        return replace(
            self,
            measure=fill(self.measure),
            measures={name: fill(each) for name, each in self.measures.items()},
            steps=fill(self.steps),
            join=fill(self.join),
            where=fill(self.where),
            left_out={reason: fill(each) for reason, each in self.left_out.items()},
            unmeasured={reason: fill(each) for reason, each in self.unmeasured.items()},
        )
