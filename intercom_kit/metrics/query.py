"""The SQL that answers a request to a metric, and what its numbers mean."""

import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from intercom_kit.errors import BadMetricError
from intercom_kit.metrics.definition import Definition
from intercom_kit.metrics.metric import Metric
from intercom_kit.metrics.request import MetricRequest
from intercom_kit.metrics.sql import SQL, Identifier, join, partition, sql, step, where

_HAPPENED = """
    {events}
    group by contact.id
"""


@dataclass(frozen=True)
class MetricQuery:
    """The query that answers a request to a metric."""

    metric: Metric
    request: MetricRequest

    def sql(self) -> SQL:
        """Return the whole query."""
        request, calculation = self.request, self.metric.calculation
        steps, answer = calculation.steps(request), "answer"
        dated = bool(request.period)
        columns = [SQL("period"), SQL("complete")] if dated else []
        for group, dimension in zip(request.groups, request.by, strict=True):
            columns.append(sql("{group} as {name}", group=group, name=Identifier(dimension.name)))
        columns += map(SQL, calculation.columns)
        if request.compare:
            steps.append(_compared(request))
            columns += [SQL("previous"), SQL("value - previous as change")]
            answer = "compared"
        order = [SQL("period") if dated else "", calculation.order, *request.groups, calculation.ties]
        return _with(steps, columns, SQL(answer), join(", ", filter(None, order)))

    def exclusions_sql(self) -> SQL:
        """Return the query that counts the rows, and those that do not count, by reason; one row."""
        calculation, request = self.metric.calculation, self.request
        reasons = calculation.left_out(request) | dict(request.definition.left_out)
        for dimension in request.by:
            if dimension.unlisted:
                reasons[f"{dimension.name} not listed any more, shown by its id"] = dimension.unlisted
        if request.weight:
            reasons[f"without {request.weight.name}, which count as 0"] = f"{request.weight.sql} is null"
        joined = request.definition.join and not request.definition.once
        repeated = joined or request.repeats
        count = sql("count(distinct {id})" if repeated else "count(*)", id=request.column("id"))
        columns = [sql("{count} as rows", count=count), *_agreement(request.definition, count)]
        for reason, condition in reasons.items():
            parts = {"count": count, "condition": SQL(condition), "reason": Identifier(reason)}
            columns.append(sql("{count} filter (where {condition}) as {reason}", **parts))
        by = tuple(dimension for dimension in request.by if dimension.unlisted)
        alone = calculation.begun(replace(request, by=by, compare=False))
        steps, also = [*calculation.selection(alone), request.definition.steps], ""
        if request.definition.events:
            steps.append(step("happened", sql(_HAPPENED, events=alone.events("max(event.created_at) as created_at"))))
            also = "left join happened as event on event.person = contact.id"
        source = sql("{source}\n{where}", source=alone.source(also=also), where=alone.joined_filters)
        return _with(steps, columns, source)

    def behind_sql(self, row: Mapping[str, Any], count: str | None = None) -> SQL:
        """Return the query for the subject's rows that a number of the answer counts: `n`, or another column of it.

        `row` is the answer's row. Raises BadMetricError where the answer is not of a sample of the subject.
        """
        metric, request, calculation = self.metric, self.request, self.metric.calculation
        count = count or next(iter(calculation.counted), "n")
        if not metric.subject.table.opens or count not in calculation.counted:
            raise BadMetricError(f"{metric.name} cannot say what is behind its {count}: {self._unsaid()}")
        conditions = [SQL(calculation.counted[count]), *calculation.of_row(row)]
        if request.period:
            conditions.append(sql("period = {start}", start=row["period"]))
        elif request.compare:
            conditions.append(sql("period = {since}", since=request.since))
        for group, dimension in zip(request.groups, request.by, strict=True):
            value, parts = row[dimension.name], {"group": group}
            conditions.append(
                sql("{group} is null", **parts) if value is None else sql("{group} = {value}", value=value, **parts)
            )
        # From those selected, which the session has cached, and not from the table, of which it would fetch the rest.
        sample = sql(
            """
            (select {distinct} id from measured {where}) as counted
            join selected as subject on subject.id = counted.id
            """,
            distinct=SQL("distinct" if calculation.distinct else ""),
            where=where(conditions),
        )
        return _with(calculation.steps(request), [SQL("subject.*")], sample, SQL("subject.created_at desc, subject.id"))

    def sample_sql(self) -> SQL:
        """Return the query for the ids behind all numbers of the answer, with their period and groups.

        It is empty where the answer is not of a sample of the subject, or has more columns by which it is divided.
        """
        request, calculation = self.request, self.metric.calculation
        if not self.metric.subject.table.opens or not calculation.counted or calculation.columns[0] != "value":
            return SQL()
        columns = [SQL("period")] if request.period else []
        for group, dimension in zip(request.groups, request.by, strict=True):
            columns.append(sql("{group} as {name}", group=group, name=Identifier(dimension.name)))
        counted = where([SQL(next(iter(calculation.counted.values())))])
        distinct = SQL("distinct " if calculation.distinct else "")
        steps = calculation.steps(request)
        return _with(
            steps,
            [sql("{distinct}{first}", distinct=distinct, first=join(", ", [*columns, SQL("id")]))],
            sql("measured\n{counted}", counted=counted),
        )

    def values_sql(self) -> SQL:
        """Return the query for what each row of the subject counts for: `id`, and `value`, NULL where it does not.

        Raises BadMetricError where that is more than one number.
        """
        calculation = self.metric.calculation
        if not calculation.each or calculation.distinct:
            raise BadMetricError(
                f"{self.metric.name} counts no single number for each of {self.metric.subject.table.name}."
            )
        value = SQL(f"any_value({calculation.each})::double as value")
        return _with(calculation.steps(self.request), [SQL("id"), value], SQL("measured\ngroup by id"), SQL("id"))

    def _unsaid(self) -> str:
        """Return why a column of the answer has no rows of the subject behind it."""
        if not self.metric.subject.table.opens:
            return f"it is about {self.metric.subject.table.name}, not about conversations or contacts."
        if known := " or ".join(f"count={name!r}" for name in self.metric.calculation.counted):
            return f"give {known}."
        return "its value is not of one sample of them, but of several, or of a curve or a stock over time."

    def metadata(self, counts: Mapping[str, int]) -> dict[str, Any]:
        """Return what the numbers mean, and the excluded rows by reason, as plain values."""
        request, definition, metric = self.request, self.request.definition, self.metric
        excluded = dict(counts)
        rows = excluded.pop("rows")
        return {
            "name": metric.name,
            "title": metric.title,
            "definition": definition.name,
            "text": definition.text,
            "source": definition.source,
            "unit": request.weight.name if request.weight and metric.calculation.counts else definition.unit,
            "weight": request.weight.name if request.weight else None,
            "hours": definition.hours,
            "timezone": request.zone.key,
            "since": None if metric.lifetime else request.since,
            "until": request.ends,
            "now": request.now,
            "period": request.period,
            "by": [dimension.name for dimension in request.by],
            "groups": list(request.grouped),
            "denominator": metric.denominator,
            "options": dict(request.options),
            "rows": rows,
            "left_out": {reason: count for reason, count in excluded.items() if count and reason not in _AGREEMENT},
            "notes": [
                *metric.notes,
                *metric.calculation.notes(request, rows),
                *self._cautions(),
                *self.agreement(counts),
            ],
        }

    def _cautions(self) -> list[str]:
        return [
            f"A {self.metric.subject.alias} with more than one {dimension.name} counts for each: groups may add up to "
            "more."
            for dimension in self.request.by
            if dimension.several
        ]

    def agreement(self, counts: Mapping[str, int]) -> list[str]:
        """Return a note on the share of conversations whose measure equals Intercom's own statistic."""
        statistic = self.request.definition.statistic
        if not statistic:
            return []
        compared, equal = (counts.get(name, 0) for name in _AGREEMENT)
        if not compared:
            return [f"For no conversation Intercom's {statistic} is known, to compare the office hours by."]
        hours = self.request.options["hours"]
        unsure = " Whether Intercom leaves out holidays is not confirmed." if ";" in hours else ""
        return [
            f"By {hours}: equal to Intercom's {statistic}, to the second, for {equal:,} of {compared:,} conversations "
            f"({_percent(equal, compared)}); a low share shows that the workspace's own hours are others.{unsure}"
        ]

    def heading(self) -> str:
        """Return what the query computes, as comments of SQL."""
        definition = self.request.definition
        text = f"{self.metric.title}, {definition.unit}, definition {definition.name!r}: {definition.text}"
        text += f" {definition.hours}; {self.request.zone.key}. Source: {definition.source}."
        return "\n".join(f"-- {line}" for line in textwrap.wrap(text, 110))


_AGREEMENT = ("compared with Intercom's", "equal to Intercom's")


def _agreement(definition: Definition, count: SQL) -> list[SQL]:
    """Return the columns that count where Intercom has the same statistic, and where the measure equals it."""
    if not definition.statistic:
        return []
    each, statistic = SQL(f"({definition.each})"), SQL(f"conversation.{definition.statistic}")
    both = sql(
        "{comparable} and {each} >= 0 and {statistic} >= 0",
        comparable=SQL(definition.comparable),
        each=each,
        statistic=statistic,
    )
    conditions = (both, sql("{both} and abs({each} - {statistic}) < 1", both=both, each=each, statistic=statistic))
    return [
        sql("{count} filter (where {condition}) as {name}", count=count, condition=condition, name=Identifier(name))
        for name, condition in zip(_AGREEMENT, conditions, strict=True)
    ]


def _percent(part: int, whole: int) -> str:
    """Return a share in percent, which is 100 only if it is the whole, and 0 only if it is nothing."""
    tenths = round(1000 * part / whole)
    return f"{min(max(tenths, 1), 999) / 10 if 0 < part < whole else tenths / 10:g} %"


def _compared(request: MetricRequest) -> SQL:
    return sql(
        """
        compared as (
            select *, lag(value) over ({by_group} order by period) as previous
            from answer
            qualify period >= {since}
        )
        """,
        by_group=partition(request.groups),
        since=request.since,
    )


def _with(steps: Iterable[str], columns: Iterable[str], source: SQL, order: SQL = SQL()) -> SQL:  # noqa: B008
    return sql(
        """
        with
        {steps}
        select
            {columns}
        from {source}
        {order}
        """,
        steps=join(",\n", filter(None, steps)),
        columns=join(",\n", columns),
        source=source,
        order=SQL(f"order by {order}" if order else ""),
    )
