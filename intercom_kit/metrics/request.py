"""What is requested of a metric, and the SQL that follows from span, groups and filters alone."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from intercom_kit.metrics import periods
from intercom_kit.metrics.definition import Definition
from intercom_kit.metrics.sql import SQL, join, sql, step, where
from intercom_kit.metrics.subjects import Dimension, Join, Subject, Unnest, labelled


@dataclass(frozen=True)
class MetricRequest:
    """A checked request to a metric.

    `since` is where the answer begins, with the whole period that holds the time `asked` for; `begins` is where the
    rows begin that it is computed from. Without `until` the
    span ends `now`. `filters` are the conditions in SQL.
    """

    metric: str
    subject: Subject
    definition: Definition
    asked: datetime
    since: datetime
    begins: datetime
    now: datetime
    zone: ZoneInfo
    until: datetime | None = None
    by: tuple[Dimension, ...] = ()
    period: str | None = None
    compare: bool = False
    filters: tuple[tuple[Dimension, SQL], ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def ends(self) -> datetime:
        """The end of the span, exclusive."""
        return min(self.until, self.now) if self.until else self.now

    @cached_property
    def groups(self) -> tuple[SQL, ...]:
        """The columns of the groups, as the steps call them."""
        return tuple(SQL(f"group_{number}") for number in range(1, len(self.by) + 1))

    @cached_property
    def keys(self) -> tuple[SQL, ...]:
        """The columns by which rows are grouped: the period, if rows have one, and the groups."""
        return ((SQL("period"),) if self.period or self.compare else ()) + self.groups

    # --- times -----------------------------------------------------------------------------------

    def column(self, name: str) -> SQL:
        """Return a column of the subject with its alias."""
        return SQL(name if "." in name else f"{self.subject.alias}.{name}")

    @cached_property
    def moment(self) -> SQL:
        """The time by which a row belongs to a period."""
        at, instead = self.column(self.definition.at), self.definition.instead
        if not instead:
            return at
        parts = {"at": at, "other": self.column(instead.column), "where": instead.where}
        return sql("coalesce({at}, case when {where} then {other} end)", **parts)

    @cached_property
    def day(self) -> SQL:
        """The local date by which a row belongs to a period."""
        return periods.day_of(self.moment, self.zone, self.begins, self.ends)

    def in_span(self, moment: str) -> SQL:
        """Return the condition that an instant lies in the span."""
        template = "{moment} >= {begins}" + (" and {moment} < {until}" if self.until else "")
        return sql(template, moment=SQL(moment), begins=self.begins, until=self.until)

    @cached_property
    def dated(self) -> SQL:
        """The condition that a row's time lies in the span, written so that Intercom's search can apply it.

        Intercom cannot compare the first of two times that is not NULL, but what follows from that for each of them.
        """
        instead = self.definition.instead
        if not instead:
            return self.in_span(self.moment)
        template = """
            ({at} >= {begins} or {other} >= {begins})
            and ({at} >= {begins} or {where})
            {before_the_end}
            and {exactly}
        """
        parts = {"at": self.column(self.definition.at), "other": self.column(instead.column), "until": self.until}
        before = sql("and ({at} < {until} or {other} < {until})", **parts) if self.until else SQL()
        exactly = self.in_span(self.moment)
        return sql(template, begins=self.begins, where=instead.where, before_the_end=before, exactly=exactly, **parts)

    # --- the rows of the subject -----------------------------------------------------------------

    @cached_property
    def own_filters(self) -> list[SQL]:
        """The filters by the subject's own columns, which Intercom's search may apply."""
        return [condition for dimension, condition in self.filters if not dimension.join]

    @cached_property
    def joined_filters(self) -> SQL:
        """The WHERE clause of the filters by columns of joined tables."""
        return where(condition for dimension, condition in self.filters if dimension.join)

    @cached_property
    def joins(self) -> tuple[Join, ...]:
        """The joins that groups and filters need, each once."""
        dimensions = [*self.by, *(dimension for dimension, _ in self.filters)]
        return tuple(dict.fromkeys(dimension.join for dimension in dimensions if dimension.join))

    @cached_property
    def unnests(self) -> tuple[Unnest, ...]:
        """The lists whose members repeat a row, for groups and for filters by what is joined."""
        dimensions = [*self.by, *(dimension for dimension, _ in self.filters if dimension.join)]
        return tuple(dict.fromkeys(dimension.unnest for dimension in dimensions if dimension.unnest))

    @cached_property
    def repeats(self) -> bool:
        """Whether a row may stand several times, once for each group that it is in, or company that filters compare."""
        return any(dimension.several for dimension in (*self.by, *(dimension for dimension, _ in self.filters)))

    def rows(
        self,
        columns: str = "",
        *,
        also: str = "",
        at: str = "",
        dated: bool = True,
        distinct: bool = False,
    ) -> SQL:
        """Return the SELECT of the subject's rows, once for each group: their period, groups, and some columns.

        `also` joins another table, `at` replaces the time by which a row belongs to a period, and rows that are not
        `dated` have none. With `distinct`, equal rows stand once.
        """
        moment = (self.column(at) if at else self.moment) if dated else ""
        chosen = (
            [sql("{period} as period", period=self.period_of(moment))] if dated and self.keys != self.groups else []
        )
        for group, dimension in zip(self.groups, self.by, strict=True):
            chosen.append(sql("{column} as {group}", column=SQL(dimension.sql), group=group))
        return sql(
            """
            select {distinct}
                {columns}
            from {source}
            {filters}
            """,
            distinct=SQL("distinct" if distinct else ""),
            columns=join(",\n", [*chosen, SQL(columns)] if columns else chosen),
            source=self.source(moment, also),
            filters=self.joined_filters,
        )

    def source(self, moment: str = "", also: str = "") -> SQL:
        """Return the FROM clause: the subject, and what its definition, groups and filters need."""
        joins = [
            self.definition.join,
            *(join.sql for join in self.joins),
            also,
            self._calendar_join(moment) if moment else "",
        ]
        rows = SQL("selected")
        for unnest in self.unnests:
            rows = unnest.unnested(rows, self.subject.alias)
        return join("\n", [f"{rows} as {self.subject.alias}", *filter(None, joins)])

    def _calendar_join(self, moment: str) -> SQL:
        """Return the join by which rows get their period, if there is one; rows without a period count nowhere."""
        on = f"join calendar on calendar.quarter = {periods.quarter_of(moment)}"
        return SQL(on if self.period else "")

    def period_of(self, moment: str) -> SQL:
        """Return the start of the period that an instant lies in; with periods, from the joined `calendar`."""
        if self.period:
            return SQL("calendar.period")
        parts = {"moment": SQL(moment), "since": self.since, "begins": self.begins}
        return sql("if({moment} >= {since}, {since}, {begins})", **parts)

    # --- the events of contacts ------------------------------------------------------------------

    def events(self, columns: str) -> SQL:
        """Return the SELECT of the events of the selected contacts: `person`, and some columns.

        Events are fetched contact by contact, so this joins these two tables alone; groups are joined to its result.
        """
        return sql(
            """
            select contact.id as person, {columns}
            from selected as contact
            join events as event on event.intercom_user_id = contact.id and {in_span}
            """,
            columns=SQL(columns),
            in_span=self.in_span("event.created_at"),
        )

    def events_in_periods(self) -> SQL:
        """Return the SELECT of the number of events, `times`, of each selected contact, in each period with any.

        Periods are joined by a left join, so that events are joined to contacts first: the events of others need no
        period.
        """
        template = """
            {events}
            {calendar}
            group by contact.id{period}
        """
        if self.keys == self.groups:
            return sql(template, events=self.events("count(*) as times"), calendar=SQL(), period=SQL())
        period, calendar = self.period_of("event.created_at"), self._calendar_join("event.created_at")
        return sql(
            template,
            events=self.events(f"{period} as period, count(*) as times"),
            calendar=SQL(f"left {calendar}" if calendar else ""),
            period=SQL(f", {period}"),
        )

    # --- steps of the WITH clause ----------------------------------------------------------------

    def lookups(self) -> list[SQL]:
        """Return the steps that groups and filters read: tables with labels, and joins of two tables alone."""
        tables = dict.fromkeys(join.labels for join in self.joins if join.labels)
        steps = [step(f"labelled_{table}", labelled(table)) for table in tables]
        joined = dict.fromkeys(join.before for join in self.joins if join.before)
        return steps + [step(name, rows, materialized=True) for name, rows in joined]

    def calendar(self, period: str | None = None) -> list[SQL]:
        """Return the step `calendar`, the periods, by default those of the answer if it has any."""
        if period := period or self.period:
            return [step("calendar", periods.calendar(period, self.begins, self.ends, self.zone))]
        if self.compare:
            spans = "select * from (values ({begins}, true), ({since}, true)) as spans(period, complete)"
            return [step("calendar", sql(spans, begins=self.begins, since=self.since))]
        return []

    def spread(self, rows: str = "measured") -> SQL:
        """Return the step `spread`: every group in every period, so that empty ones are there too."""
        groups = sql(
            "(select distinct {groups} from {rows}) as every_group",
            groups=self.groups or SQL("true as any_row"),
            rows=SQL(rows),
        )
        if self.keys == self.groups:
            return step("spread", sql("select * from {groups}", groups=groups))
        dated = "select *\nfrom (select distinct period, complete from calendar)\ncross join {groups}"
        return step("spread", sql(dated, groups=groups))
