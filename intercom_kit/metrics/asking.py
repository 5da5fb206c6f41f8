"""One question put to a metric, checked, and the SQL that answers it."""

import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from intercom_kit.metrics import periods
from intercom_kit.metrics.metric import Definition, Metric
from intercom_kit.metrics.subjects import Dimension, Each, Join, identifier, labelled


@dataclass(frozen=True)
class Asked:
    """A question: `since` is where the answer begins, `begins` where the rows do that it is worked out from.

    Without `until` it is about everything up to `now`. `where` are the filters as SQL, `compared` as they were given.
    """

    metric: Metric
    definition: Definition
    since: datetime
    now: datetime
    zone: ZoneInfo
    until: datetime | None = None
    by: tuple[Dimension, ...] = ()
    period: str | None = None
    compare: bool = False
    where: tuple[tuple[Dimension, str], ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    compared: tuple[tuple[Dimension, Any], ...] = ()

    @cached_property
    def ends(self) -> datetime:
        """Give the end of the span, not included."""
        return min(self.until or self.now, self.now) if self.until else self.now

    @cached_property
    def begins(self) -> datetime:
        """Give the start of the span, with the period before where it is compared with that."""
        if not self.compare:
            return self.metric.shape.begins(self)
        if self.period:
            return periods.before(self.since, self.period, self.zone)
        return periods.shifted(self.since, self.ends, self.zone)

    @cached_property
    def groups(self) -> tuple[str, ...]:
        """Name the columns of the groups, as they are called on the way to the answer."""
        return tuple(f"group_{number}" for number in range(1, len(self.by) + 1))

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """Name the columns by which rows are grouped."""
        return (*(("period",) if self.period or self.compare else ()), *self.groups)

    # --- the tables that lead to an answer -------------------------------------------------------

    def asked(self) -> dict[str, str]:
        """Write the subject's rows that matter, by conditions that Intercom can be asked for."""
        table = self.metric.subject.table
        own = [sql for dimension, sql in self.where if not dimension.join]
        said = [self.metric.shape.bounds(self), self.definition.where, *own]
        joined = self.metric.shape.restricted(self)
        rows = f"select * from {table.name} as {self.metric.subject.alias}\n{joined}{where(said)}"
        return {"asked": rows}

    def own(self, column: str) -> str:
        """Name a column of the subject's own."""
        return column if "." in column else f"{self.metric.subject.alias}.{column}"

    @cached_property
    def moment(self) -> str:
        """Write the time by which a row belongs to a period."""
        at, instead = self.own(self.definition.at), self.definition.instead
        return f"coalesce({at}, case when {instead.where} then {self.own(instead.column)} end)" if instead else at

    def bounded(self) -> str:
        """Write that the time by which a row belongs to a period lies in the span, so that Intercom can be asked.

        Of two times it cannot compare the one that there is: what follows for each of them makes up one search.
        """
        instead = self.definition.instead
        if not instead:
            return self.between(self.moment)
        at, other = self.own(self.definition.at), self.own(instead.column)
        begins = periods.instant(self.begins)
        either = [f"({at} >= {begins} or {other} >= {begins})", f"({at} >= {begins} or {instead.where})"]
        if self.until:
            either.append(f"({at} < {periods.instant(self.until)} or {other} < {periods.instant(self.until)})")
        return "\nand ".join([*either, self.between(self.moment)])

    def between(self, moment: str) -> str:
        """Write that an instant lies in the span."""
        since = f"{moment} >= {periods.instant(self.begins)}"
        return f"{since} and {moment} < {periods.instant(self.until)}" if self.until else since

    def names(self) -> dict[str, str]:
        """Write the tables with labels, and of memberships, that groups and filters read."""
        made = {}
        for join in self.joins:
            if join.reads:
                made[f"labelled_{join.reads}"] = labelled(join.reads)
            if join.memberships:
                made["memberships"] = join.memberships
        return made

    def calendar(self) -> dict[str, str]:
        """Write the table of periods."""
        if self.period:
            return {"calendar": periods.calendar(self.period, self.begins, self.ends, self.zone)}
        if self.compare:
            both = f"values ({periods.instant(self.begins)}, true), ({periods.instant(self.since)}, true)"
            return {"calendar": f"select * from ({both}) as spans(period, complete)"}
        return {}

    @cached_property
    def joins(self) -> tuple[Join, ...]:
        """List the joins that groups and filters need, each once."""
        wanted = [dimension.join for dimension in (*self.by, *(each for each, _ in self.where)) if dimension.join]
        return tuple(dict.fromkeys(wanted))

    def rows(
        self,
        columns: Mapping[str, str],
        *,
        also: str = "",
        at: str = "",
        dated: bool = True,
        events: bool | None = None,
    ) -> str:
        """Write a row per row of the subject and group that it belongs to: its period, groups and some columns.

        Where the definition is about events there is a row for each event instead, unless `events` says otherwise.
        """
        moment = (self.own(at) if at else self.moment) if dated else ""
        chosen = {"period": self._period(moment)} if dated and self.keys != self.groups else {}
        chosen |= {group: dimension.sql for group, dimension in zip(self.groups, self.by, strict=True)}
        return select({**chosen, **columns}, f"from {self.source(moment, also, events)}\n{self.narrowed()}")

    def source(self, moment: str = "", also: str = "", events: bool | None = None, *, unmatched: str = "") -> str:
        """Write what rows are read from: the subject, and what its definition, groups and filters need."""
        with_events = self.definition.events if events is None else events
        joins = [
            f"{unmatched}{self._events_join()}" if with_events else "",
            self.definition.join,
            *(join.sql for join in self.joins),
            also,
            self._calendar_join(moment, with_events) if self.period and moment else "",
        ]
        rows = "asked"
        for each in self.eachs:
            rows = each.unnested(rows, self.metric.subject.alias)
        return "\n".join([f"{rows} as {self.metric.subject.alias}", *filter(None, joins)])

    @cached_property
    def eachs(self) -> tuple[Each, ...]:
        """List what rows stand for several times, for groups and for filters by what is joined."""
        wanted = [*self.by, *(dimension for dimension, _ in self.where if dimension.join)]
        return tuple(dict.fromkeys(dimension.each for dimension in wanted if dimension.each))

    def _calendar_join(self, moment: str, with_events: bool) -> str:
        """Write how rows get their period.

        Those without one count nowhere. Of events they are kept all the same: DuckDB would look up the periods of all
        events first, and only then whose they are.
        """
        kept = "left " if with_events else ""
        return f"{kept}join calendar on calendar.quarter = {periods.quarter_of(moment)}"

    def _events_join(self) -> str:
        """Write how events are joined to contacts; through `happened`, where other joins might come in between."""
        if self.eachs or self.joins:
            return "join happened as event on event.person = contact.id"
        happened = self.between("event.created_at")
        return f"join events as event on event.intercom_user_id = contact.id and {happened}"

    def happened(self) -> dict[str, str]:
        """Write the events of the contacts, which are asked for contact by contact, as a join of these two alone."""
        if not self.definition.events or not (self.eachs or self.joins):
            return {}
        columns = {"person": "contact.id", **{name: f"event.{name}" for name in ("created_at", "event_name")}}
        joined = "from asked as contact\njoin events as event on event.intercom_user_id = contact.id"
        return {"happened": select(columns, f"{joined} and {self.between('event.created_at')}")}

    def narrowed(self) -> str:
        """Write the filters that Intercom cannot be asked for, since they are about what is joined."""
        return where(sql for dimension, sql in self.where if dimension.join)

    def _period(self, moment: str) -> str:
        if self.period:
            return "calendar.period"
        since, before = periods.instant(self.since), periods.instant(self.begins)
        return f"if({moment} >= {since}, {since}, {before})"

    def spread(self, rows: str = "measured") -> dict[str, str]:
        """Write every group in every period, so that those in which nothing happened are there, too."""
        groups = f"(select distinct {', '.join(self.groups) or 'true as any_row'} from {rows}) as every_group"
        if self.keys == self.groups:
            return {"spread": f"select * from {groups}"}
        return {"spread": f"select * from (select distinct period, complete from calendar) cross join {groups}"}

    def matched(self, left: str, right: str) -> str:
        """Write that two rows are of the same period and groups."""
        return " and ".join(f"{left}.{key} is not distinct from {right}.{key}" for key in self.keys) or "true"

    # --- the answer ------------------------------------------------------------------------------

    def sql(self) -> str:
        """Write the whole query."""
        shape = self.metric.shape
        tables = shape.tables(self)
        dated = bool(self.period) and "period" in self.keys
        chosen = {"period": "period", "complete": "complete"} if dated else {}
        chosen |= {identifier(dimension.name): group for group, dimension in zip(self.groups, self.by, strict=True)}
        chosen |= {name: name for name in shape.columns}
        order = ", ".join(filter(None, ["period" if dated else "", shape.order, *self.groups, shape.ties]))
        if self.compare:
            partition = f"partition by {', '.join(self.groups)} " if self.groups else ""
            before = f"lag(value) over ({partition}order by period)"
            answer = select({"*": "*", "previous": before}, "from answer")
            tables["compared"] = f"{answer}\nqualify period >= {periods.instant(self.since)}"
            chosen |= {"previous": "previous", "change": "value - previous"}
        final = select(chosen, f"from {'compared' if self.compare else 'answer'}")
        return with_tables(tables, final + (f"\norder by {order}" if order else ""))

    def account(self) -> str:
        """Write the query that counts the rows which do not count, and why; one row."""
        reasons = self.metric.shape.left_out(self) | dict(self.definition.left_out)
        for dimension in self.by:
            if dimension.unlisted:
                reasons[f"{dimension.name} not listed any more, shown by its id"] = dimension.unlisted
        several = (
            self.definition.join
            or self.definition.events
            or any(each.several for each in (*self.by, *(dim for dim, _ in self.where)))
        )
        count = f"count(distinct {self.own('id')})" if several else "count(*)"
        counts = {"rows": count}
        counts |= {identifier(reason): f"{count} filter (where {condition})" for reason, condition in reasons.items()}
        alone = replace(self, by=tuple(each for each in self.by if each.unlisted), compare=False)
        tables = {**alone.asked(), **alone.happened(), **alone.names(), **self.definition.tables}
        return with_tables(tables, select(counts, f"from {alone.source(unmatched='left ')}\n{alone.narrowed()}"))

    def told(self, counted: Mapping[str, int]) -> dict[str, Any]:
        """Say what the numbers mean, and how many rows do not count, in plain values."""
        definition, metric = self.definition, self.metric
        counted = dict(counted)
        rows = counted.pop("rows")
        return {
            "name": metric.name,
            "title": metric.title,
            "definition": definition.name,
            "text": definition.text,
            "source": definition.source,
            "unit": definition.unit,
            "hours": definition.hours,
            "timezone": self.zone.key,
            "since": self.since,
            "until": self.ends,
            "period": self.period,
            "by": [dimension.name for dimension in self.by],
            "denominator": metric.denominator,
            "options": dict(self.options),
            "rows": rows,
            "left_out": {reason: count for reason, count in counted.items() if count},
            "notes": [*metric.notes, *metric.shape.notes(self, rows), *self._cautions()],
        }

    def _cautions(self) -> list[str]:
        """Say what is easily overlooked about these groups."""
        each = self.metric.subject.alias
        several = [dimension.name for dimension in self.by if dimension.several]
        return [f"A {each} with more than one {name} counts for each: groups may add up to more." for name in several]

    def heading(self) -> str:
        """Say in comments of SQL what the query works out."""
        definition = self.definition
        said = f"{self.metric.title}, {definition.unit}, definition {definition.name!r}: {definition.text}"
        lines = textwrap.wrap(f"{said} {definition.hours}; {self.zone.key}. Source: {definition.source}.", 110)
        return "\n".join(f"-- {line}" for line in lines)


def where(conditions: Iterable[str]) -> str:
    """Write the conditions that there are, joined by AND."""
    return "where " + " and ".join(found) if (found := [each for each in conditions if each]) else ""


def select(columns: Mapping[str, str], rest: str) -> str:
    """Write a SELECT, a column a line."""
    lines = [sql if name == sql or sql.endswith(f".{name}") else f"{sql} as {name}" for name, sql in columns.items()]
    return "select\n" + ",\n".join(f"    {line}" for line in lines) + f"\n{rest.strip()}"


def with_tables(tables: Mapping[str, str], final: str) -> str:
    """Write a query with the tables that it is made from, in their order."""
    made = []
    for name, sql in tables.items():
        # The first is read along with each of its joins; the others are joins, and must not be taken apart.
        kept = {"asked": "not materialized ", "happened": "materialized ", "memberships": "materialized "}.get(name, "")
        made.append(f"{name} as {kept}(\n{sql}\n)")  # not indented: values may have lines of their own
    return "with\n" + ",\n".join(made) + f"\n{final}"
