"""Invent conditions: nested, negated, and mixed of what the planner reads and what it cannot."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pandas as pd

from intercom_kit.tables import TABLES, Column, Kind

Values = Callable[[str, str], list[Any]]

ATTRIBUTES = {"contacts": ("plan", "seats", "job_role"), "companies": ("account_tier",), "conversations": ("Topic",)}

# The columns that are asked for most.
OFTEN = ("created_at", "updated_at", "last_seen_at", "state", "role")

# How other conditions become one. Of most of these the planner reads nothing.
JOINED = ("{} and {}", "{} and {}", "{} and {} and {}", "{} or {}", "{} or {}", "not ({} and {})", "not ({} or {})")
WRAPPED = (
    "not {}",
    "not (not {})",
    "{} is null",
    "{} is true",
    "{} is not true",
    "{} is not false",
    "{} = {}",
    "{} <> {}",
    "{} <> true",
    "{} is distinct from {}",
    "{} is not distinct from {}",
    "coalesce({}, true)",
    "not coalesce({}, false)",
    "coalesce({}, {})",
    "case when {} then {} else {} end",
    "not case when {} then {} end",
    "if({}, {}, false)",
    "nullif({}, {})",
    "({})::int = 1",
    "{} not in (false, null)",
    "({}, {}) = (true, false)",
    "{} or null",
    "not ({} and null)",
    "not (false or {})",
)

# Texts that stand in plans, too, or are cut there.
MISLEADING = ("optional: x", "Dynamic Filter (created_at)", "a' or open or 'b", "x\nopen\ny", "\n\n", "(read)", "null")


@dataclass(frozen=True)
class Condition:
    """Hold a condition's text, with `{}` where the conditions stand that it is made of."""

    text: str
    members: tuple["Condition", ...] = ()

    def __str__(self) -> str:
        return f"({self.text.format(*self.members) if self.members else self.text})"

    def smaller(self) -> Iterator["Condition"]:
        """Give conditions of which a bit is taken away."""
        yield from self.members
        for place, member in enumerate(self.members):
            for each in member.smaller():
                yield Condition(self.text, (*self.members[:place], each, *self.members[place + 1 :]))


class Conditions:
    """Invent conditions over values that occur; `values` lists those of a table's column, or of one of its attributes.

    Of every condition most tests are of a few columns, so that they bear on each other.
    """

    def __init__(self, chance: random.Random, values: Values) -> None:
        self.random = chance
        self.values = values

    def condition(self, table: str, alias: str) -> Condition:
        """Invent a condition on one table."""
        columns = TABLES[table].columns
        searched = [each for each in columns if each.search] or list(columns)
        often = [each for each in searched if each.name in OFTEN]
        few = [self.random.choice(searched) for _ in range(3)] + often[:2] + [self.random.choice(columns)]
        return self._condition(table, alias, few, self.random.choice((0, 0, 1, 1, 2, 3)))

    def _condition(self, table: str, alias: str, columns: list[Column], depth: int) -> Condition:
        if depth == 0 or self.random.random() < 0.2:
            test = Condition(self._test(table, alias, self.random.choice(columns)))
            return Condition("not {}", (test,)) if self.random.random() < 0.1 else test
        times = [each for each in TABLES[table].columns if each.kind is Kind.TIME]
        listed = [each for each in columns if each.kind in (Kind.ID, Kind.TEXT)]
        if times and listed and self.random.random() < 0.1:
            return self._negated(table, alias, self.random.choice(listed).name, self.random.choice(times).name)
        text = self.random.choice(JOINED if self.random.random() < 0.85 else WRAPPED)
        places = range(text.count("{}"))
        return Condition(text, tuple(self._condition(table, alias, columns, depth - 1) for _ in places))

    def _negated(self, table: str, alias: str, listed: str, time: str) -> Condition:
        """Negate a list of values together with what cannot be read: what may fail, DuckDB leaves below the NOT."""
        values = [quoted(self.value(table, listed)) for _ in range(self.random.choice((1, 2, 4)))]
        sign, day = self.random.choice(("=", "<", ">=")), f"{self.value(table, time):%Y-%m-%d}"
        members = f"{alias}.{listed} in ({', '.join(values)})", f"{alias}.{time}::date {sign} date '{day}'"
        form = self.random.choice(("not ({} and {})", "not ({} and {})", "not ({} or {})", "({} and {}) is not true"))
        return Condition(form, tuple(map(Condition, members)))

    def _test(self, table: str, alias: str, column: Column) -> str:
        if table in ATTRIBUTES and self.random.random() < 0.1:
            return self._attribute(table, alias)
        name = f"{alias}.{column.name}"
        others = [each for each in TABLES[table].columns if each.kind is column.kind]
        other = f"{alias}.{self.random.choice(others).name}"
        chance = self.random.random()
        if chance < 0.07 or column.kind is Kind.JSON:
            return f"{name} is {self.random.choice(('', 'not '))}null"
        if chance < 0.12 and column.kind is not Kind.TEXTS:
            return f"{name} {self.random.choice(('=', '<>', '<', '>=', 'is distinct from'))} {other}"
        match column.kind:
            case Kind.TIME:
                return self._time(table, column.name, name)
            case Kind.BOOLEAN:
                return self._boolean(name, other)
            case Kind.INTEGER | Kind.NUMBER:
                return self._number(table, column.name, name, other)
            case Kind.TEXTS:
                return self._texts(table, column.name, name)
            case _:
                return self._text(table, column.name, name)

    def _attribute(self, table: str, alias: str) -> str:
        attribute = self.random.choice(ATTRIBUTES[table])
        name = f"{alias}.custom_attributes->>'{attribute}'"
        values = self.values(table, f"custom_attributes->>'{attribute}'") or ["none such"]
        one, other = (quoted(self.random.choice(values)) for _ in range(2))
        forms = (
            f"= {one}",
            f"in ({one}, {other})",
            f"not in ({one}, {other})",
            f"not in ({one}, null)",
            f"<> {one}",
            "is null",
            f"> {one}",
            f"like {one[:-1]}%'",
        )
        return f"({name}) {self.random.choice(forms)}"

    def _time(self, table: str, column: str, name: str) -> str:
        one, other = sorted(self.value(table, column) for _ in range(2))
        one += timedelta(seconds=self.random.choice((0, 0, 1, -1, 0.25, 3600)))
        exact, later = (f"timestamptz '{each:%Y-%m-%d %H:%M:%S.%f}+00'" for each in (one, other))
        sign = self.random.choice((">", ">=", "<", "<="))
        read = (
            f"{name} {self.random.choice(('>', '>=', '<', '<=', '=', '<>'))} {exact}",
            f"{exact} {sign} {name}",
            f"{name} between {exact} and {later}",
            f"{name} not between {exact} and {later}",
            f"{name} >= '{one:%Y-%m-%d}' and {name} < '{other:%Y-%m-%d}'",
            f"{name}::date = date '{one:%Y-%m-%d}'",
            f"{name}::date between '{one:%Y-%m-%d}' and '{other:%Y-%m-%d}'",
            f"{name}::date {sign} '{one:%Y-%m-%d}'",
            f"{name}::timestamp {sign} timestamp '{one:%Y-%m-%d %H:%M:%S}'",
            f"date_trunc('month', {name}) = timestamptz '{one:%Y-%m-01} 00:00:00+00'",
            f"date_trunc('day', {name}) {sign} timestamptz '{one:%Y-%m-%d} 00:00:00+00'",
            f"{name} in ({exact}, {later})",
            f"{name} not in ({exact}, {later})",
            f"{name} > {later} - interval {self.random.randrange(1, 60)} day",
        )
        unread = (
            f"year({name}) = {one.year}",
            f"extract(dow from {name}) in (0, {one.isoweekday() % 7})",
            f"{name} + interval 1 day {sign} {exact}",
            f"{exact} - {name} < interval 40 day",
            f"date_diff('day', {name}, {exact}) <= 3",
            f"epoch({name}) {sign} {int(one.timestamp())}",
            f"strftime({name}, '%Y-%m') = '{one:%Y-%m}'",
            f"{name}::varchar like '{one:%Y-%m}%'",
            f"{name}::date in (date '{one:%Y-%m-%d}', date '{other:%Y-%m-%d}')",
            f"{name} in ({exact}, null)",
            f"{name} not in ({exact}, null)",
            f"coalesce({name}, {exact}) {sign} {later}",
            f"{name} between {exact} and null",
        )
        return self._of(read, unread)

    def _boolean(self, name: str, other: str) -> str:
        read = (name, name, f"not {name}", f"{name} = true", f"{name} <> true", f"{name} = false", f"true = {name}")
        unread = (
            f"{name} is not true",
            f"{name} is false",
            f"{name}::int = 1",
            f"coalesce({name}, {other})",
            f"{name} in (true, null)",
            f"{name} > {other}",
            f"xor({name}::int, {other}::int) = 1",
        )
        return self._of(read, unread)

    def _number(self, table: str, column: str, name: str, other: str) -> str:
        number = int if TABLES[table].column(column).kind is Kind.INTEGER else float
        one, more = sorted(number(self.value(table, column)) for _ in range(2))
        sign = self.random.choice((">", ">=", "<", "<=", "=", "<>"))
        read = (
            f"{name} {sign} {one}",
            f"{one} {sign} {name}",
            f"{name} between {one} and {more}",
            f"{name} not between {one} and {more}",
            f"{name} in ({one}, {more})",
            f"{name} in ({one}, {more}, -1, 2, 3, 4, 5)",
            f"{name} not in ({one}, {more})",
        )
        unread = (
            f"{name} > {one} - 0.5",
            f"{name} + 1 {sign} {one}",
            f"{name} % 2 = 0",
            f"{name}::varchar = '{one}'",
            f"-{name} {sign} {one}",
            f"abs({name} - {one}) <= 1",
            f"{name} between {one} and {other}",
            f"{one} between {name} and {other}",
            f"coalesce({name}, 0) {sign} {one}",
            f"{name} in ({one}, null)",
            f"{name} not in ({one}, null)",
            f"greatest({name}, {other}) {sign} {one}",
        )
        return self._of(read, unread)

    def _texts(self, table: str, column: str, name: str) -> str:
        some = [each for value in self.values(table, column) for each in value] or ["none such"]
        one, other = (quoted(self.random.choice(some)) for _ in range(2))
        forms = (
            f"len({name}) > {self.random.randrange(3)}",
            f"list_contains({name}, {one})",
            f"{one} in {name}",
            f"{name} = [{one}]",
            f"{name} <> [{one}, {other}]",
            f"{name} in ([{one}], [{one}, {other}])",
            f"list_has_any({name}, [{one}, {other}])",
            f"{name}[1] = {one}",
        )
        return self.random.choice(forms)

    def _text(self, table: str, column: str, name: str) -> str:
        values = [self.value(table, column) for _ in range(self.random.choice((2, 3, 7, 12)))]
        if self.random.random() < 0.1:
            values[0] = self.random.choice(MISLEADING)
        some = [quoted(each) for each in values]
        start = quoted(str(values[0])[:3].replace("%", "_") + "%")
        read = (
            f"{name} = {some[0]}",
            f"{some[0]} = {name}",
            f"{name} <> {some[0]}",
            f"{name} in ({', '.join(some)})",
            f"{name} not in ({', '.join(some)})",
            f"({name} = {some[0]} or {name} = {some[1]})",
            f"{name} like {start}",
            f"{name} > {some[0]}",
            f"{name} between {some[0]} and {some[1]}",
            f"list_contains([{', '.join(some)}], {name})",
        )
        unread = (
            f"{name} not like {start}",
            f"{name} ilike {start}",
            f"{name} is distinct from {some[0]}",
            f"{name} is not distinct from {some[0]}",
            f"lower({name}) = lower({some[0]})",
            f"{name} collate nocase = {some[0]}",
            f"substring({name}, 1, 2) = substring({some[0]}, 1, 2)",
            f"length({name}) > {self.random.randrange(6)}",
            f"{name} || 'x' = {some[0]} || 'x'",
            f"try_cast({name} as bigint) > 5",
            f"contains({name}, {some[1]})",
            f"coalesce({name}, {some[0]}) = {some[0]}",
            f"nullif({name}, {some[0]}) <> {some[1]}",
            f"{name} in ({', '.join(some)}, null)",
            f"{name} not in ({', '.join(some)}, null)",
            f"({name}, 1) in (({some[0]}, 1), ({some[1]}, 1))",
        )
        return self._of(read, unread)

    def _of(self, read: tuple[str, ...], unread: tuple[str, ...]) -> str:
        return self.random.choice(read if self.random.random() < 0.8 else unread)

    def value(self, table: str, column: str) -> Any:
        """Choose a value that occurs; where none does, one that might."""
        if values := self.values(table, column):
            return self.random.choice(values)
        match TABLES[table].column(column).kind:
            case Kind.TIME:
                return pd.Timestamp("2026-11-01", tz="UTC")
            case Kind.INTEGER | Kind.NUMBER:
                return 1
            case _:
                return "none such"


def quoted(text: object) -> str:
    """Write a text as SQL."""
    return "'" + str(text).replace("'", "''") + "'"
