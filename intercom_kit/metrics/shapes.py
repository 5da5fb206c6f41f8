"""How rows become numbers: counts, shares with their interval, and distributions of what was measured."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from intercom_kit.metrics.asking import Asked, select
from intercom_kit.metrics.intervals import of_median, wilson
from intercom_kit.metrics.metric import Definition, Shape


def grouped(
    asked: Asked, measured: Mapping[str, str], sums: Mapping[str, str], columns: Mapping[str, str]
) -> dict[str, str]:
    """Write the tables of a metric that measures each row by itself, sums up by period and group, and reckons."""
    by = f"\ngroup by {', '.join(asked.keys)}" if asked.keys else ""
    reckoned = f"from spread\nleft join sums on {asked.matched('spread', 'sums')}"
    return {
        **asked.asked(),
        **asked.happened(),
        **asked.names(),
        **asked.calendar(),
        **asked.definition.tables,
        "measured": asked.rows({"id": asked.own("id"), **measured}),
        "sums": select({**{key: key for key in asked.keys}, **sums}, f"from measured{by}"),
        **asked.spread(),
        "answer": select({"spread.*": "spread.*", **columns}, reckoned),
    }


@dataclass(frozen=True)
class Count(Shape):
    """A count of rows, each once for every group that it is in."""

    columns: tuple[str, ...] = ("value", "n")

    def tables(self, asked: Asked) -> dict[str, str]:
        """Write the tables."""
        return grouped(asked, {}, {"n": "count(*)"}, {"value": "coalesce(n, 0)::double", "n": "coalesce(n, 0)"})


@dataclass(frozen=True)
class Share(Shape):
    """The share of rows for which the measure is true, among those for which it is not NULL."""

    columns: tuple[str, ...] = ("value", "n", "hits", "low", "high")

    def tables(self, asked: Asked) -> dict[str, str]:
        """Write the tables."""
        hit = {"hit": f"({asked.definition.measure})"}
        return grouped(asked, hit, {"n": "count(hit)", "hits": "count(*) filter (where hit)"}, share("hits", "n"))

    def left_out(self, asked: Asked) -> dict[str, str]:
        """Leave out the rows for which the measure is NULL, where the definition says why that is."""
        return unmeasured(asked.definition)


def unmeasured(definition: Definition, otherwise: str = "") -> dict[str, str]:
    """Write of which rows the measure is NULL, each for the first reason that holds, or for none that is known."""
    missing, reasons = f"({definition.measure}) is null", {}
    for reason, condition in definition.unmeasured.items():
        reasons[reason] = f"{missing} and ({condition})"
        missing += f" and ({condition}) is not true"
    return reasons | ({otherwise: missing} if otherwise else {})


def share(hits: str, n: str) -> dict[str, str]:
    """Write the columns of a share: NULL where there is nothing to have a share of."""
    low, high = wilson(hits, n)
    return {
        "value": f"{hits} / nullif({n}, 0)",
        "n": f"coalesce({n}, 0)",
        "hits": f"coalesce({hits}, 0)",
        "low": low,
        "high": high,
    }


@dataclass(frozen=True)
class Portion(Shape):
    """The share of a period's rows that is in each group; one that is in several counts in each of them."""

    columns: tuple[str, ...] = ("value", "n", "hits", "low", "high")
    order: str = "value desc nulls last"

    def tables(self, asked: Asked) -> dict[str, str]:
        """Write the tables."""
        dated = asked.keys != asked.groups
        whole = "from measured" + ("\ngroup by period" if dated else "")
        totals = select({**({"period": "period"} if dated else {}), "n": "count(distinct id)"}, whole)
        same = "totals.period = spread.period" if dated else "true"
        answer = select(
            {"spread.*": "spread.*", **share("coalesce(sums.hits, 0)", "totals.n")},
            f"from spread\nleft join totals on {same}\nleft join sums on {asked.matched('spread', 'sums')}",
        )
        tables = grouped(asked, {}, {"hits": "count(*)"}, {})
        del tables["answer"]
        return {**tables, "totals": totals, "answer": answer}


@dataclass(frozen=True)
class Tally(Shape):
    """Several `counts` and `sums` of the definition's measures, for each group, beside one another."""

    counts: Mapping[str, str] = field(default_factory=dict)
    sums: Mapping[str, str] = field(default_factory=dict)

    def tables(self, asked: Asked) -> dict[str, str]:
        """Write the tables."""
        counts = {name: f"coalesce({name}, 0)" for name in self.counts}
        columns = {"value": "coalesce(n, 0)::double", **counts, **{name: name for name in self.sums}}
        return grouped(asked, asked.definition.measures, {"n": "count(*)", **self.counts, **self.sums}, columns)


@dataclass(frozen=True)
class Distribution(Shape):
    """The median of what was measured, its interval, percentiles and mean.

    `unmeasured` says of which rows the measure is NULL, of those of which the definition does not say why.
    """

    columns: tuple[str, ...] = ("value", "n", "total", "low", "high", "p25", "p75", "p90", "mean")
    unmeasured: str = ""

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

    def left_out(self, asked: Asked) -> dict[str, str]:
        """Leave out what was not measured, and what contradicts itself."""
        definition = asked.definition
        reasons = unmeasured(definition, self.unmeasured)
        if not definition.negative:
            reasons["its times contradict each other"] = f"({definition.measure}) < 0"
        return reasons
