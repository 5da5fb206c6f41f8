"""How rows become numbers: counts, shares with their interval, and distributions of what was measured."""

from collections.abc import Mapping
from dataclasses import dataclass

from intercom_kit.metrics.asking import Asked, select
from intercom_kit.metrics.intervals import of_median, wilson
from intercom_kit.metrics.metric import Definition


def grouped(
    asked: Asked, measured: Mapping[str, str], sums: Mapping[str, str], columns: Mapping[str, str]
) -> dict[str, str]:
    """Write the tables of a metric that measures each row by itself, sums up by period and group, and reckons."""
    sums_of_groups = select(
        {**{key: key for key in asked.keys}, **sums},
        "from measured" + (f"\ngroup by {', '.join(asked.keys)}" if asked.keys else ""),
    )
    spread = select(
        {"spread.*": "spread.*", **columns},
        f"from spread\nleft join sums on {asked.matched('spread', 'sums')}",
    )
    return {
        **asked.asked(),
        **asked.names(),
        **asked.calendar(),
        **asked.definition.tables,
        "measured": asked.rows(measured),
        "sums": sums_of_groups,
        **asked.spread(),
        "answer": spread,
    }


@dataclass(frozen=True)
class Count:
    """Count rows."""

    columns: tuple[str, ...] = ("value", "n")
    order: str = ""

    def tables(self, asked: Asked) -> dict[str, str]:
        """Count each row once for every group that it is in."""
        return grouped(
            asked,
            {"id": asked.own("id")},
            {"n": "count(*)"},
            {"value": "coalesce(n, 0)::double", "n": "coalesce(n, 0)"},
        )

    def left_out(self, definition: Definition) -> dict[str, str]:  # noqa: ARG002
        """Leave nothing out."""
        return {}


@dataclass(frozen=True)
class Share:
    """Give the share of rows for which the measure is true, among those for which it is not NULL."""

    columns: tuple[str, ...] = ("value", "n", "hits", "low", "high")
    order: str = ""

    def tables(self, asked: Asked) -> dict[str, str]:
        """Count the rows, and those that are meant."""
        low, high = wilson("hits", "n")
        return grouped(
            asked,
            {"hit": f"({asked.definition.measure})"},
            {"n": "count(hit)", "hits": "count(*) filter (where hit)"},
            {
                "value": "hits / nullif(n, 0)",
                "n": "coalesce(n, 0)",
                "hits": "coalesce(hits, 0)",
                "low": low,
                "high": high,
            },
        )

    def left_out(self, definition: Definition) -> dict[str, str]:  # noqa: ARG002
        """Leave out what the definition says, which is NULL."""
        return {}


@dataclass(frozen=True)
class Distribution:
    """Give the median of what was measured, its interval, percentiles and mean.

    `unmeasured` says of which rows the measure is NULL.
    """

    unmeasured: str
    columns: tuple[str, ...] = ("value", "n", "total", "low", "high", "p25", "p75", "p90", "mean")
    order: str = ""

    def tables(self, asked: Asked) -> dict[str, str]:
        """Put the values of each group in order."""
        measure = f"({asked.definition.measure})::double"
        value = measure if asked.definition.negative else f"case when {measure} >= 0 then {measure} end"
        low, high = of_median("ordered", "n")
        return grouped(
            asked,
            {"value": value},
            {
                "n": "count(value)",
                "total": "count(*)",
                "ordered": "list(value order by value) filter (where value is not null)",
                "median": "median(value)",
                "percentiles": "quantile_cont(value, [0.25, 0.75, 0.9])",
                "mean": "avg(value)",
            },
            {
                "value": "median",
                "n": "coalesce(n, 0)",
                "total": "coalesce(total, 0)",
                "low": low,
                "high": high,
                "p25": "percentiles[1]",
                "p75": "percentiles[2]",
                "p90": "percentiles[3]",
                "mean": "mean",
            },
        )

    def left_out(self, definition: Definition) -> dict[str, str]:
        """Leave out what was not measured, and what contradicts itself."""
        reasons = {self.unmeasured: f"({definition.measure}) is null"}
        if not definition.negative:
            reasons["its times contradict each other"] = f"({definition.measure}) < 0"
        return reasons
