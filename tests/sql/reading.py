"""Read conditions as the planner does, without any server, and compare what was read with rows that are here."""

import json
import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb

from intercom_kit.database import open_database
from intercom_kit.live.joins import constants, point
from intercom_kit.search import lowering
from intercom_kit.search.bounds import Days
from intercom_kit.search.conditions import Condition as Filter
from intercom_kit.sql import planner
from intercom_kit.sql.needs import Needs, Scan
from intercom_kit.sql.predicates import ALWAYS, NEVER, as_sql, earliest
from intercom_kit.sql.prepared import prepare
from intercom_kit.tables import TABLES, Column, Kind, Table

from .conditions import MISLEADING

# A search may compare seconds, or days of UTC.
EITHER = Days(second=True, zones=(UTC,))

# So many conditions are planned, and evaluated, in one statement.
AT_ONCE = 40

TABLE_NAMES = ("conversations", "contacts", "companies", "events")

# Values that conditions are about to stumble over; times lie around midnight, and around the turn of a month.
_MIDNIGHT = datetime(2026, 4, 1, tzinfo=UTC)
_TIMES = [_MIDNIGHT + timedelta(seconds=s) for s in (-86_400, -3_601, -1, 0, 1, 43_200, 86_399, 86_400, 2_678_400)]
_TEXTS = ["", "a", "ab", "A", "abc", "it's", "a%b", "10", "7", "é", *MISLEADING]
_VALUES: dict[Kind, list[Any]] = {
    Kind.TIME: _TIMES,
    Kind.ID: ["1", "2", "10", "007", "abc"],
    Kind.INTEGER: [-1, 0, 1, 2, 3, 100],
    Kind.NUMBER: [-1.5, 0.0, 0.5, 1.0, 3.0, 1e10],
    Kind.BOOLEAN: [False, True],
    Kind.TEXTS: [[], ["a"], ["a", "b"], ["it's", "x\nopen\ny"], ["1", "2"]],
    Kind.JSON: ["{}", "[]", '"plan"'],
}
_ATTRIBUTES = ["Pro", "3", "true", "", "a b", "it's"]


def values(table: str, column: str) -> list[Any]:
    """List the values of a column, or of an attribute."""
    return _ATTRIBUTES if column.startswith("custom_attributes") else _values(TABLES[table].column(column))


def _values(column: Column) -> list[Any]:
    return _VALUES.get(column.kind) or [*column.values, *_TEXTS[: 3 if column.values else None]]


class Parser:
    """Stand in for the cursor that the planner parses texts with, and parse all at once: one by one takes longest."""

    def __init__(self) -> None:
        self._parsed: dict[str, Any] = {}
        self._asked = ""

    def execute(self, _: str, parameters: list[str]) -> "Parser":
        (self._asked,) = parameters
        return self

    def fetchall(self) -> list[tuple[str]]:
        return [(self._parsed.setdefault(self._asked, '{"error": true}'),)]

    def parse(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Parse what was asked for so far."""
        query = "select text, json_serialize_sql(text) from (select unnest(?::varchar[]) as text)"
        self._parsed = dict(cursor.execute(query, [list(self._parsed)]).fetchall())


def _walked(cursor: Any, nodes: list[dict[str, Any]]) -> Iterator[tuple[int, Scan]]:
    """Read what the planner does of plans; what is given above a scan tells of which condition it is."""
    for node in nodes:
        needs = Needs()
        planner._walk(cursor, node, [], needs)
        (scan,) = needs.scans
        yield int(node["extra_info"]["Projections"]), scan


class Reading:
    """Hold the package's own empty tables, to plan on, and rows in a plain DuckDB."""

    def __init__(self, rows: int = 200, seed: int = 0) -> None:
        self.plans, self.rows = open_database(), open_database()
        for database in (self.plans, self.rows):
            database.execute("set threads = 1")  # statements are many, and none is long
        self.plans.execute(planner.SETTINGS)
        prepare(self.plans)
        chance = random.Random(seed)  # noqa: S311 - tests are to be repeatable
        for name in TABLE_NAMES:
            columns = TABLES[name].columns
            made = [[_value(chance, column) for _ in range(rows)] for column in columns]
            given = ", ".join(f"unnest(?::{each.kind.sql}[]) as {each.name}" for each in columns)
            self.rows.execute(f"create table {name} as select {given}", made)
        # Conditions are evaluated as they are written.
        self.rows.execute("pragma disable_optimizer")

    def close(self) -> None:
        """Forget everything."""
        self.plans.close()
        self.rows.close()

    def scans(self, table: str, conditions: Sequence[object]) -> list[Scan]:
        """Plan conditions, one scan each; one that DuckDB knows never to hold needs none."""
        parts = [f"select {number} from {table} t where {each}" for number, each in enumerate(conditions)]
        ((_, plan),) = self.plans.execute(planner.EXPLAIN + " union all ".join(["select -1", *parts])).fetchall()
        nodes = json.loads(plan)[0]["children"][1:]
        parser = Parser()
        list(_walked(parser, nodes))
        parser.parse(self.plans)
        found = dict(_walked(parser, nodes))
        return [found.get(number, Scan(table, NEVER)) for number in range(len(conditions))]

    def faults(self, table: str, conditions: Sequence[object]) -> list[list[str]]:
        """Say of each condition what is wrong with what is read of it."""
        columns, counts, names, parameters = [], [], [], dict[str, Any]()
        for number, (condition, scan) in enumerate(zip(conditions, self.scans(table, conditions), strict=True)):
            if scan.predicate == ALWAYS and scan.unread:
                continue  # nothing was read
            found = found_at_least(TABLES[table], scan)
            sets = {"held": str(condition), "read": as_sql(scan.predicate, parameters)} | found
            columns += [f"coalesce({text}, false) as {name}_{number}" for name, text in sets.items()]
            within = [
                ("held", "read"),
                *(("read", name) for name in found),
                *([] if scan.unread else [("read", "held")]),
            ]
            for one, other in within:
                counts.append(f"count(*) filter ({one}_{number} and not {other}_{number})")
                names.append((number, f"{one} but not {other}"))
        told: list[list[str]] = [[] for _ in conditions]
        if counts:
            query = f"select {', '.join(counts)} from (select {', '.join(columns)} from {table} t)"
            (row,) = self.rows.execute(query, parameters).fetchall()
            for (number, fault), count in zip(names, row, strict=True):
                told[number] += [f"{count} rows are {fault}"] if count else []
        return told


def _value(chance: random.Random, column: Column) -> Any:
    if column.name not in ("id", "created_at") and chance.random() < 0.25:
        return None
    if column.kind is Kind.JSON and chance.random() < 0.7:
        some = (*_ATTRIBUTES, 3, True, None, {"a": 1})
        return json.dumps({name: chance.choice(some) for name in ("plan", "seats", "Topic", "account_tier")})
    return chance.choice(_values(column))


def found_at_least(table: Table, scan: Scan) -> dict[str, str]:
    """Write as SQL what is found at least of what a scan asks for.

    In a search `>` and `<` may leave their own value out; where it compares whole days, or is said to, it finds what
    both ways to compare find.
    """
    if table.search:
        asked = [each.asked(EITHER) for each in lowering.searches(table, scan.predicate, EITHER)]
        ways = {"searched_by_seconds": False, "searched_by_days": True}
        return {
            name: " or ".join(_all(table, filters, whole_days) for filters in asked) or "false"
            for name, whole_days in ways.items()
        }
    keys = constants(scan) if table.keys else point(scan)
    since = earliest(scan.predicate)
    return {"asked_since": f"created_at >= {_literal(since)}" if since else "true"} | (
        {"asked_by_key": _listed(keys[0], keys[1] if isinstance(keys[1], list) else [keys[1]])} if keys else {}
    )


def _listed(name: str, values: list[Any]) -> str:
    return f"{name} in ({', '.join(map(_literal, values))})" if values else "false"


def _all(table: Table, filters: list[Filter], whole_days: bool, word: str = " and ") -> str:
    return f"({word.join(_filter(table, each, whole_days) for each in filters) or 'true'})"


def _filter(table: Table, asked: Filter, whole_days: bool) -> str:
    operator, value = asked["operator"], asked["value"]
    if operator in ("AND", "OR"):
        return _all(table, value, whole_days, f" {operator.lower()} ")
    name, kind = _named(table, asked["field"])
    if kind is Kind.TIME and whole_days:
        name, value = f"{name}::date", f"to_timestamp({value})::date"
    elif kind is Kind.TIME:
        name = f"floor(epoch({name}))"
    elif operator == "IN":
        return f"coalesce({_listed(name, value)}, false)"
    else:
        value = _literal(value)
    return f"coalesce({name} {operator} {value}, false)"


def _named(table: Table, field: str) -> tuple[str, Kind]:
    if field.startswith("custom_attributes."):
        return f"custom_attributes ->> {_literal(field.removeprefix('custom_attributes.'))}", Kind.TEXT
    return next((each.name, each.kind) for each in table.columns if each.search == field)


def _literal(value: Any) -> str:
    return str(value) if isinstance(value, bool | int) else "'" + str(value).replace("'", "''") + "'"
