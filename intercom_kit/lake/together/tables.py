"""The tables of a query over a lake and live rows: views of the lake's rows that still count, and the live ones."""

from collections.abc import Iterator
from typing import Any

from intercom_kit.fetch.staging import Staging
from intercom_kit.lake.files import Cursor
from intercom_kit.lake.manifest import Manifest
from intercom_kit.lake.views import Views
from intercom_kit.sql.quoting import identifier
from intercom_kit.tables import CARRIED_BY, CONVERSATION_PARTS, CONVERSATIONS, EVENTS, TABLES, Table

# Tables beside those of the rows: the ids of what was deleted in Intercom, and the keys that were fetched.
GONE, ASKED = "gone", "asked"


def live(name: str) -> str:
    """Return the quoted name of the table that holds the live rows of a table."""
    return identifier(f"live {name}")


def beside(name: str, what: str) -> str:
    """Return the quoted name of the ids of a table's deleted rows, or of its fetched keys."""
    return identifier(f"{what} {name}")


def taken(manifest: Manifest) -> list[str]:
    """Return the tables whose rows are taken from a lake.

    They are those of which Intercom tells what changed, with the parts that come inside them; parts of conversations,
    which are current where their conversation did not change; and events, which never change, but are forgotten by
    Intercom. Of everything else only fetching all of it tells what is new, as for lists.
    """
    searched = [name for name, table in TABLES.items() if table.search]
    names = [*searched, *CARRIED_BY, CONVERSATION_PARTS.name, EVENTS.name]
    return [name for name in names if name in manifest.tables and manifest.tables[name].as_of is not None]


class LiveStaging(Staging):
    """The staging tables of live rows beside a lake: rows that were deleted in Intercom are noted, too."""

    def cached(self, name: str) -> str:
        """Return the quoted name of the table to which fetched rows of a table are added."""
        return live(name)

    def take_out(self, cursor: Cursor, name: str, gone: str, parameters: dict[str, Any]) -> None:
        """Delete from a table the objects whose ids a SELECT finds, and hide those of the lake."""
        super().take_out(cursor, name, gone, parameters)
        cursor.execute(f"insert into {beside(name, GONE)} ({gone})", parameters)


class TogetherViews(Views):
    """The tables of one lake and of one session's live rows, in a database that reads no other files."""

    def empty(self) -> None:
        """Delete the live rows, and what is noted about those of the lake."""
        with self.database.cursor() as cursor:
            for table in self._own:
                cursor.execute(f"delete from {table}")

    @property
    def _own(self) -> list[str]:
        noted = [beside(CONVERSATIONS.name, GONE), beside(CONVERSATION_PARTS.name, ASKED)]
        return [*map(live, TABLES), *noted]

    def _show(self) -> None:
        """Replace every table, or view, by a view; the first time, make the tables of live rows."""
        if self._shown == "table":
            with self.database.cursor() as cursor:
                for name in TABLES:
                    cursor.execute(f"create or replace table {live(name)} as from {identifier(name)}")
                for noted in self._own[len(TABLES) :]:
                    cursor.execute(f"create or replace table {noted} (id varchar)")
        super()._show()

    def _source(self, table: Table) -> str:
        """Return the SELECT of a table's live rows, and of the lake's that they, or deletions, do not replace."""
        columns = ", ".join(identifier(column.name) for column in table.columns)
        fetched = f"select {columns} from {live(table.name)}"
        if table.name not in taken(self.manifest):
            return fetched
        replaced = [
            f"not exists (from ({ids}) as other(id) where other.id = lake.{identifier(column)})"
            for column, ids in _replaced(table)
        ]
        lake = f"from ({super()._source(table)}) as lake where {' and '.join(replaced)}"
        return f"select {columns} {lake} union all {fetched}"


def _replaced(table: Table) -> Iterator[tuple[str, str]]:
    """Yield columns of a table with SELECTs of the values that the lake's rows of it must not have."""
    if carrier := CARRIED_BY.get(table.name):
        yield table.every_key.column, f"select {identifier(carrier.key)} from {live(carrier.name)}"
    elif table is CONVERSATION_PARTS:
        own = table.every_key.column
        yield own, f"select id from {beside(table.name, ASKED)}"
        yield own, f"select {identifier(own)} from {live(table.name)}"  # also of a key that failed midway
        yield own, f"select id from {beside(CONVERSATIONS.name, GONE)}"
    else:
        yield table.key, f"select {identifier(table.key)} from {live(table.name)}"
        if table.deletions:
            yield table.key, f"select id from {beside(table.name, GONE)}"
