"""A workspace written out by hand: tables made from the declarations, and metrics computed over them without HTTP."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import duckdb

from intercom_kit.frames.frame import result_frame
from intercom_kit.frames.receipt import Receipt
from intercom_kit.metrics import ask, find
from intercom_kit.sql.planner import SETTINGS
from intercom_kit.tables import TABLES
from intercom_kit.zones import zone as timezone
from tests.sql.whole import plain

Row = dict[str, Any]

HOURS = "Europe/Dublin Mon-Fri 09:00-18:00; 2026-10-26"


class World:
    """Rows, and the answers of metrics over them."""

    def __init__(self, zone: str, now: datetime, **tables: list[Row]) -> None:
        self.database = duckdb.connect()
        self.database.execute("set TimeZone = 'UTC'")
        self.database.execute(SETTINGS)
        for table in TABLES.values():
            columns = ", ".join(f'"{column.name}" {column.kind.sql}' for column in table.columns)
            self.database.execute(f'create table "{table.name}" ({columns})')
        self.hold(zone, now, **tables)

    def hold(self, zone: str, now: datetime, **tables: list[Row]) -> None:
        """Replace all rows with these."""
        self.zone, self.now = timezone(zone), now
        for table in TABLES.values():
            self.database.execute(f'delete from "{table.name}"')
            rows = tables.get(table.name, [])
            given = list(dict.fromkeys(name for row in rows for name in row))
            assert all(name in table for name in given), f"{table.name} has no column {given}"
            if rows:
                names, marks = ", ".join(f'"{name}"' for name in given), ", ".join("?" * len(given))
                values = [row.get(name) for row in rows for name in given]
                every = ", ".join([f"({marks})"] * len(rows))
                self.database.execute(f'insert into "{table.name}" ({names}) values {every}', values)

    def query(self, name: str, since: datetime, given: Mapping[str, Any]) -> Any:
        words = {each: given[each] for each in ("until", "by", "period", "definition", "compare") if each in given}
        filters = {each: value for each, value in given.items() if each not in words}
        return ask(find(name), since=since, now=self.now, zone=self.zone, filters=filters, **words)

    def frame(self, name: str, since: datetime, **given: Any) -> Any:
        """Return a metric as a frame."""
        return result_frame(self.database.execute(self.query(name, since, given).sql()), Receipt("metric"))

    def rows(self, name: str, since: datetime, **given: Any) -> list[Row]:
        """Return a metric as plain rows; periods begin in local time."""
        frame = self.frame(name, since, **given)
        rows = [dict(zip(frame.columns, map(plain, row), strict=True)) for row in frame.itertuples(index=False)]
        for row in rows:
            if "period" in row:
                row["period"] = row["period"].to_pydatetime().astimezone(self.zone).isoformat()
        return rows

    def left_out(self, name: str, since: datetime, **given: Any) -> dict[str, int]:
        """Return how many rows a metric leaves out, by reason."""
        question = self.query(name, since, given)
        found = result_frame(self.database.execute(question.exclusions_sql()), Receipt("account"))
        return dict(question.metadata({str(reason): int(count) for reason, count in found.iloc[0].items()})["left_out"])


def with_hours(name: str, definition: str | None) -> dict[str, str]:
    """Return office hours for a definition that needs some."""
    return {"hours": HOURS} if find(name).definition(definition).own_hours else {}


def at(zone: str, text: str) -> datetime:
    """Return a time in the workspace's timezone."""
    return datetime.fromisoformat(text).replace(tzinfo=timezone(zone)).astimezone(UTC)
