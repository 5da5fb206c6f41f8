"""How rows become an answer: what every calculation of a metric has to provide."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar

from intercom_kit.metrics import periods
from intercom_kit.metrics.request import MetricRequest
from intercom_kit.metrics.sql import SQL, sql, where


@dataclass(frozen=True)
class Calculation(ABC):
    """The steps from rows to an answer, and its columns.

    `columns` come after period and groups. `order` sorts the rows within a period, which are otherwise sorted by
    group, and `ties` those that are equal in both, so that equal requests give rows in the same order.
    """

    columns: tuple[str, ...] = ()
    order: str = ""
    ties: str = ""

    # Which rows of the step `measured` a column of the answer counts, as conditions, the default first; none if the
    # answer is not of a sample, or if its rows are of several. `distinct` if a row may stand there more than once.
    counted: ClassVar[Mapping[str, str]] = {}
    distinct: ClassVar[bool] = False

    # Whether rows may count for more or less than one, by a weight; the answer then `counts` in the weight's unit.
    weighs: ClassVar[bool] = False
    counts: ClassVar[bool] = False

    # What one row of the step `measured` counts for, as SQL; empty if that is more than one number.
    each: ClassVar[str] = ""

    def of_row(self, row: Mapping[str, Any]) -> list[SQL]:  # noqa: ARG002
        """Return the conditions that lead to one row's sample, besides those of its period and groups."""
        return []

    @abstractmethod
    def steps(self, request: MetricRequest) -> list[SQL]:
        """Return the steps of the WITH clause; the last is `answer`."""

    def selection(self, request: MetricRequest) -> list[SQL]:
        """Return the steps that select the subject's rows, and those that groups and filters read.

        Rows are selected by conditions that Intercom's search may apply. Not materialized, they are read along with
        each of their joins, so that the joins decide what is fetched.
        """
        selected = sql(
            """
            selected as not materialized (
                select * from {table} as {alias}
                {restricted}
                {where}
            )
            """,
            table=SQL(request.subject.table.name),
            alias=SQL(request.subject.alias),
            restricted=self.restricted(request),
            where=where([self.bounds(request), request.definition.where, *request.own_filters]),
        )
        return [selected, *request.lookups()]

    def bounds(self, request: MetricRequest) -> SQL:
        """Return the condition by which rows are needed, written so that Intercom's search can apply it."""
        return SQL() if request.definition.events else request.dated

    def restricted(self, request: MetricRequest) -> SQL:  # noqa: ARG002
        """Return the semi joins that lead to the rows that are needed, so that no others are fetched."""
        return SQL()

    def begins(self, request: MetricRequest) -> datetime:
        """Return where the rows begin that the answer is computed from."""
        if not request.compare:
            return request.since
        if request.period:
            return periods.before(request.since, request.period, request.zone)
        return periods.shifted(request.since, request.ends, request.zone)

    def begun(self, request: MetricRequest) -> MetricRequest:
        """Return the request with where its rows begin."""
        return replace(request, begins=self.begins(request))

    def left_out(self, request: MetricRequest) -> dict[str, SQL]:  # noqa: ARG002
        """Return the conditions of rows that do not count, by reason, besides those of the definition."""
        return {}

    def notes(self, request: MetricRequest, rows: int) -> list[str]:  # noqa: ARG002
        """Return what is easily overlooked about an answer from so many rows."""
        return []
