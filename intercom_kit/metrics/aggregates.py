"""The calculations that several metrics share: counts, shares with their interval, and distributions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from intercom_kit.metrics.calculation import Calculation
from intercom_kit.metrics.definition import Definition
from intercom_kit.metrics.intervals import of_median, wilson
from intercom_kit.metrics.request import MetricRequest
from intercom_kit.metrics.sql import SQL, group_by, join, same, sql, step

_SUMS = """
    sums as (
        select
            {keys:,}
            {sums}
        from measured
        {by_key}
    )
"""
_ANSWER = """
    answer as (
        select
            spread.*,
            {columns}
        from spread
        left join sums on {of_key}
    )
"""


def aggregated(calculation: Calculation, request: MetricRequest, measured: str, sums: str, *answer: SQL) -> list[SQL]:
    """Return the steps that measure each row, aggregate by period and group, and compute the answer.

    `measured` are columns of rows, `sums` their aggregates, and `answer` the columns computed from these; without
    these the last step is `spread`.
    """
    rows = request.rows(f"{request.column('id')} as id" + (f",\n{measured}" if measured else ""))
    steps = [
        *calculation.selection(request),
        *request.calendar(),
        SQL(request.definition.steps),
        step("measured", rows),
        sql(
            _SUMS,
            keys=request.keys,
            sums=SQL(sums),
            by_key=group_by(request.keys),
        ),
        request.spread(),
    ]
    if answer:
        steps.append(sql(_ANSWER, columns=join(",\n", answer), of_key=same("spread", "sums", request.keys)))
    return steps


@dataclass(frozen=True)
class Count(Calculation):
    """A count of rows, each once for every group that it is in."""

    columns: tuple[str, ...] = ("value", "n")
    counted: ClassVar[Mapping[str, str]] = {"n": "true"}
    each: ClassVar[str] = "1"

    def steps(self, request: MetricRequest) -> list[SQL]:
        answer = SQL("coalesce(n, 0)::double as value, coalesce(n, 0) as n")
        return aggregated(self, request, "", "count(*) as n", answer)


@dataclass(frozen=True)
class Share(Calculation):
    """The share of rows whose measure is true, among those whose measure is not NULL."""

    columns: tuple[str, ...] = ("value", "n", "hits", "low", "high")
    counted: ClassVar[Mapping[str, str]] = {"n": "hit is not null", "hits": "hit"}
    each: ClassVar[str] = "hit"

    def steps(self, request: MetricRequest) -> list[SQL]:
        hit = f"({request.definition.measure}) as hit"
        sums = "count(hit) as n, count(*) filter (where hit) as hits"
        return aggregated(self, request, hit, sums, share("hits", "n"))

    def left_out(self, request: MetricRequest) -> dict[str, SQL]:
        """Return the conditions of rows whose measure is NULL, for reasons that the definition names."""
        return unmeasured(request.definition)


def unmeasured(definition: Definition, otherwise: str = "") -> dict[str, SQL]:
    """Return the conditions of rows whose measure is NULL: each for the first reason that holds, else `otherwise`."""
    missing, reasons = f"({definition.measure}) is null", {}
    for reason, condition in definition.unmeasured.items():
        reasons[reason] = SQL(f"{missing} and ({condition})")
        missing += f" and ({condition}) is not true"
    return reasons | ({otherwise: SQL(missing)} if otherwise else {})


def share(hits: str, n: str, known: str = "true") -> SQL:
    """Return the columns of a share: NULL where `n` is 0, or where it is not `known`."""
    low, high = wilson(SQL(hits), SQL(n))
    template = """
        {value} as value,
        coalesce({n}, 0) as n,
        coalesce({hits}, 0) as hits,
        {low} as low,
        {high} as high
    """
    parts = {"value": sql("{hits} / nullif({n}, 0)", hits=SQL(hits), n=SQL(n)), "low": low, "high": high}
    if known != "true":
        parts = {name: SQL(f"case when {known} then {each} end") for name, each in parts.items()}
    return sql(template, hits=SQL(hits), n=SQL(n), **parts)


@dataclass(frozen=True)
class Portion(Calculation):
    """The share of a period's rows that is in each group; a row in several groups counts in each."""

    columns: tuple[str, ...] = ("value", "n", "hits", "low", "high")
    order: str = "value desc nulls last"
    counted: ClassVar[Mapping[str, str]] = {"hits": "true"}  # n is of all groups

    def steps(self, request: MetricRequest) -> list[SQL]:
        period = tuple(key for key in request.keys if key == "period")
        answer = sql(
            """
            totals as (
                select {period:,} count(distinct id) as n
                from measured
                {by_period}
            ),
            answer as (
                select
                    spread.*,
                    {share}
                from spread
                left join totals on {of_period}
                left join sums on {of_key}
            )
            """,
            period=period,
            by_period=group_by(period),
            share=share("coalesce(sums.hits, 0)", "totals.n"),
            of_period=SQL("totals.period = spread.period" if period else "true"),
            of_key=same("spread", "sums", request.keys),
        )
        return [*aggregated(self, request, "", "count(*) as hits"), answer]


@dataclass(frozen=True)
class Tally(Calculation):
    """Several aggregates of the definition's measures, for each group.

    `sums` computes them, `n` among them, and `answer` the columns from these.
    """

    sums: str = ""
    answer: str = ""
    counted: ClassVar[Mapping[str, str]] = {"n": "true"}

    def steps(self, request: MetricRequest) -> list[SQL]:
        return aggregated(self, request, named(request.definition.measures), self.sums, SQL(self.answer))


def named(measures: Mapping[str, str]) -> SQL:
    """Return measures as columns with their names."""
    return join(",\n", (f"{measure} as {name}" for name, measure in measures.items()))


@dataclass(frozen=True)
class Distribution(Calculation):
    """The median of what was measured, its interval, percentiles and mean.

    `unmeasured` is the reason why a measure is NULL where the definition names none that holds.
    """

    columns: tuple[str, ...] = ("value", "n", "total", "low", "high", "p25", "p75", "p90", "mean")
    unmeasured: str = ""
    counted: ClassVar[Mapping[str, str]] = {"n": "value is not null", "total": "true"}
    each: ClassVar[str] = "value"

    def steps(self, request: MetricRequest) -> list[SQL]:
        measure = f"({request.definition.measure})::double"
        value = measure if request.definition.negative else f"case when {measure} >= 0 then {measure} end"
        sums = """
            count(value) as n,
            count(*) as total,
            list(value order by value) filter (where value is not null) as ordered,
            median(value) as median,
            quantile_cont(value, [0.25, 0.75, 0.9]) as percentiles,
            avg(value) as mean
        """
        low, high = of_median(SQL("ordered"), SQL("n"))
        answer = """
            median as value,
            coalesce(n, 0) as n,
            coalesce(total, 0) as total,
            {low} as low,
            {high} as high,
            percentiles[1] as p25,
            percentiles[2] as p75,
            percentiles[3] as p90,
            mean
        """
        return aggregated(self, request, f"{value} as value", sql(sums), sql(answer, low=low, high=high))

    def left_out(self, request: MetricRequest) -> dict[str, SQL]:
        """Return the conditions of rows that were not measured, or whose times contradict each other."""
        reasons = unmeasured(request.definition, self.unmeasured)
        if not request.definition.negative:
            reasons["with times that contradict each other"] = SQL(f"({request.definition.measure}) < 0")
        return reasons
