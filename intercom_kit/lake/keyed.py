"""Tables that Intercom lists key by key: which keys are still to be fetched, and how their rows join those there.

A lake keeps which keys were fetched, and of conversations as of which change, so that only the parts of those that
changed are read again.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from intercom_kit.concurrency import stopping
from intercom_kit.fetch.by_key import by_key
from intercom_kit.fetch.gathering import Gathering, Work
from intercom_kit.lake import files
from intercom_kit.lake.files import Cursor
from intercom_kit.lake.manifest import LakeTable
from intercom_kit.lake.steps import Step
from intercom_kit.lake.writing import Writer
from intercom_kit.tables import CONVERSATION_PARTS, EVENTS, TABLES, Key, Table

# Keys whose rows are fetched and written in one step.
KEYS_OF_A_STEP = 1_000


def every(key: Key) -> str:
    """Return the table whose ids are all values of a key, as one of its lists takes them; empty if there is none."""
    return key.every or (key.listed_by.every_key.every if key.listed_by else "")


@dataclass
class KeyedTable:
    """The export of one table key by key.

    The parts of a conversation are in files of the month in which the conversation was created, and are fetched again
    when it changed. Events are in files of their own months, and kept for ever, since Intercom forgets them. All else
    is fetched anew in each round.
    """

    writer: Writer
    table: Table
    key: Key

    @property
    def known(self) -> LakeTable:
        """Return the state of the table."""
        return self.writer.manifest.table(self.table.name)

    @property
    def parents(self) -> LakeTable:
        """Return the state of the table whose ids are the keys."""
        return self.writer.manifest.table(every(self.key))

    @property
    def _follows_changes(self) -> bool:
        return self.table is CONVERSATION_PARTS

    @property
    def _is_kept(self) -> bool:
        return self.table is EVENTS

    def left(self) -> int:
        """Return how many keys are still to be fetched, as far as their table is exported."""
        with self.writer.database.cursor() as cursor:
            return sum(len(self._left_in(cursor, file)) for file in self.parents.files)

    def steps_of(self, keys: int) -> int:
        """Return in about how many steps so many keys are fetched."""
        return math.ceil(keys / KEYS_OF_A_STEP)

    def fetch(self) -> None:
        """Fetch the keys that are left, step by step."""
        known, began = self.known, int(self.writer.session.transport.budget.clock.now())
        self.writer.take(self._steps())
        known.columns = files.names_of(self.table)
        known.as_of = began
        with self.writer.database.cursor() as cursor:
            files.compact(self.writer.manifest, cursor, self.table)

    def _steps(self) -> Iterator[Step]:
        for file in sorted(self.parents.files):
            with self.writer.database.cursor() as cursor:
                left = self._left_in(cursor, file)
            month = files.month_of(file) if self._follows_changes else None
            for start in range(0, len(left), KEYS_OF_A_STEP):
                yield self._step(left[start : start + KEYS_OF_A_STEP], month)

    def begin_round(self) -> None:
        """Let every key be fetched again, if those of the last round are all done."""
        if not self._follows_changes and not self.left():
            self.known.round += 1
            self.known.missing.clear()

    def _left_in(self, cursor: Cursor, file: str) -> list[tuple[str, str]]:
        """Return the ids in a file that were not fetched as they are now, each with what it will be noted by."""
        state = f"coalesce({self._change}::varchar, '')" if self._follows_changes else f"'{self.known.round}'"
        parents = f"select id, {state} as state from {files.reading(self.writer.manifest, [file])} order by id"
        if self.known.keys:
            done = f"select id, state from {files.reading(self.writer.manifest, self.known.keys)}"
            parents = f"select * from ({parents}) anti join ({done}) using (id, state) order by id"
        return [(id, state) for id, state in cursor.execute(parents).fetchall()]

    @property
    def _change(self) -> str:
        return TABLES[every(self.key)].changed

    def _step(self, keys: list[tuple[str, str]], month: str | None) -> Step:
        """Return the step that fetches the rows of some keys."""
        work = self._work([id for id, _ in keys])
        return Step(self.key.listed_by or self.table, work, partial(self._write, keys, month))

    def _write(self, keys: list[tuple[str, str]], month: str | None, gathering: Gathering) -> None:
        """Join the rows of some keys with those there, and note that these keys are done."""
        values, receipt = [id for id, _ in keys], gathering.receipt
        with gathering.landing.settled(receipt) as (cursor, landed):
            cursor.execute("create or replace temp table step as select unnest($1::varchar[]) as id", [values])
            # Of a key that failed midway some rows may have come; all of them come the next time.
            failed = list(receipt.failures)
            cursor.execute(f'delete from {landed} where list_contains($1::varchar[], "{self.key.column}")', [failed])
            if self._is_kept:
                for each in files.months(cursor, landed):
                    self._add_to_kept(cursor, landed, each)
            else:
                self._replace(cursor, landed, month)
            self._note(cursor, [key for key in keys if key[0] not in receipt.failures])
        self._tell_missing(values, receipt.why)
        self.writer.manifest.write()

    def _tell_missing(self, values: list[str], why: str) -> None:
        """Note by key why rows are missing, so that fetching that key again settles it."""
        missing = self.known.missing
        for value in values:
            missing.pop(value, None)
        for reason in filter(None, why.split("; ")):
            named = next((value for value in values if f" {value} " in f" {reason.replace(',', ' ')} "), values[0])
            missing[named] = f"{missing[named]}; {reason}" if named in missing else reason

    def _work(self, values: list[str]) -> Work:
        plain = self._follows_changes and self.writer.session.body_reader is None
        return by_key(self.table, self.key, values, query={"display_as": "plaintext"} if plain else {})

    def _add_to_kept(self, cursor: Cursor, landed: str, month: str) -> None:
        """Add those rows to a month's that are not there yet."""
        fresh = f"select {files.columns_of(self.table)} from {landed} where {files.MONTH} = '{month}'"
        there = [file for file in self.known.files if files.month_of(file) == month]
        if there:
            key = self.table.key
            fresh += f' and "{key}" not in (select "{key}" from {files.reading(self.writer.manifest, there)})'
        self._append(cursor, fresh, month)

    def _replace(self, cursor: Cursor, landed: str, month: str | None) -> None:
        """Put rows in place of those of the same keys; where there are none of these, add a file."""
        distinct = "" if self.table.key else "distinct "
        columns = files.columns_of(self.table)
        fresh = f"select {distinct}{columns} from {landed}"
        if self._are_there(cursor, month):
            kept = f'"{self.key.column}" not in (select id from step)'
            files.rewrite(self.writer.manifest, cursor, self.table, month, fresh, kept)
            return
        self._append(cursor, fresh, month)

    def _append(self, cursor: Cursor, fresh: str, month: str | None) -> None:
        """Write rows into a file of their own."""
        known = self.known
        known.generation += 1
        file = files.file_name(self.table, month, f"{known.generation}")
        query, store = f"{fresh} order by {self.table.order}", self.writer.manifest.store
        if rows := stopping.interruptible(lambda: files.write(store, cursor, query, file), cursor.interrupt):
            known.files[file] = rows

    def _are_there(self, cursor: Cursor, month: str | None) -> bool:
        """Return whether rows of the step's keys are in the files of a month: what is noted may be one step behind."""
        there = [file for file in self.known.files if files.month_of(file) == month]
        if not there:
            return False
        query = f'select 1 from {files.reading(self.writer.manifest, there)} where "{self.key.column}" in (from step)'
        return bool(cursor.execute(f"{query} limit 1").fetchall())

    def _note(self, cursor: Cursor, keys: list[tuple[str, str]]) -> None:
        """Write which keys are done."""
        known = self.known
        known.generation += 1
        file = f"{self.table.name}/keys/{known.generation}.parquet"
        ids, states = [id for id, _ in keys], [state for _, state in keys]
        cursor.execute(
            "create or replace temp table step as select unnest($1::varchar[]) as id, unnest($2::varchar[]) as state",
            [ids, states],
        )
        if rows := files.write(self.writer.manifest.store, cursor, "from step", file):
            known.keys[file] = rows


def keyed(writer: Writer, table: Table, exported: list[str]) -> KeyedTable:
    """Return the export of a table by the key for which the fewest requests are needed."""
    keys = [key for key in table.keys if every(key) in exported]
    return KeyedTable(writer, table, min(keys, key=lambda key: writer.manifest.table(every(key)).rows))
