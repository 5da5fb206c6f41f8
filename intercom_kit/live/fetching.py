"""Fill the session's tables with what a query's scans need: many tables at once, and along joins what they ask for."""

import asyncio
import math
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from intercom_kit.concurrency import loop
from intercom_kit.concurrency.stopping import Stopped
from intercom_kit.errors import TooManyValuesError
from intercom_kit.fetch.by_key import by_key
from intercom_kit.fetch.gathering import Gathering, Work
from intercom_kit.fetch.listing import deleted_since, one_company, whole_list
from intercom_kit.fetch.meter import QueryMeter, bar
from intercom_kit.fetch.session import Session
from intercom_kit.frames.receipt import Receipt, kept
from intercom_kit.live import holdings
from intercom_kit.live.joins import Joins, is_listed_by_key, point, without_keys
from intercom_kit.live.memory import Fresh, TableMemory
from intercom_kit.live.newest import LOOK, Newest
from intercom_kit.live.scheduling import Schedule, together
from intercom_kit.paging.paths import is_id
from intercom_kit.paging.searching import LARGEST_GROUP
from intercom_kit.search.lowering import searches
from intercom_kit.search.spans import Search
from intercom_kit.sql.planner import Needs, Scan
from intercom_kit.sql.predicates import earliest, spelled
from intercom_kit.tables import CONTACTS, CONVERSATION_PARTS, CONVERSATIONS, DELETED_CONVERSATIONS, TABLES, Table

VALUES_IN_A_SEARCH = 100

# So many keys are asked for before what came is kept.
KEYS_AT_A_TIME = 1_000


class BeyondAllowance(Exception):  # noqa: N818 - no error yet: what is said to the user holds the plan too
    """A query that needs more requests than it may take."""


@dataclass
class Fetching:
    """Fetch what one query needs and the session does not hold, in at most `most_requests`.

    `fresh` says what of the session still counts: with "live" what it holds is brought up to date first, and what
    cannot be is asked for again; "session" takes it as it is; "refetch" starts over.
    """

    session: Session
    needs: Needs
    memory: dict[str, TableMemory]
    most_requests: int
    fresh: Fresh
    receipts: list[Receipt] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.joins = Joins(self.session.database, self.needs, done=self.needs.frames)
        self.meter = QueryMeter()
        self._expected = 0
        self._fresh_tables: set[str] = set()
        self._locks = {name: asyncio.Lock() for name in TABLES}

    def run(self) -> None:
        """Fetch every scan; raise BeyondAllowance, and BadQueryError where a scan has no keys to ask by."""
        scans = self.joins.asked()
        if scans:
            self._run(lambda: Schedule(self.joins, self._fetch).run(scans))

    def refresh(self) -> None:
        """Bring all that is held up to date, and forget what cannot be."""
        held = [name for name, memory in self.memory.items() if memory.as_of is not None]
        if held:
            self._run(lambda: together(self._refreshed(TABLES[name]) for name in held))

    def _run(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        begun = len(self.session.receipts)
        try:
            with bar(self.meter, self.session.budget_left) as look:
                loop.run(work(), look)
        except (KeyboardInterrupt, Stopped) as interrupt:
            interrupt.add_note(kept(self.session.receipts[begun:]))
            raise

    async def _refreshed(self, table: Table) -> None:
        """Bring what is held of a table up to date, or forget it, the first time that the query needs it."""
        if table.name in self._fresh_tables:
            return
        memory = self.memory[table.name]
        if self.fresh == "refetch" or (self.fresh == "live" and not table.search):
            await self.session.wholly(lambda: holdings.forget(self.session.database, {table.name: memory}))
        elif self.fresh == "live" and memory.as_of is not None:
            await self._top_up(table, memory, memory.as_of)
        self._fresh_tables.add(table.name)

    async def _top_up(self, table: Table, memory: TableMemory, as_of: int) -> None:
        """Ask for what changed since what is held was asked for, and as long before as the search may lag behind."""
        learning, begun, before = self.session.learning, time.time(), len(self.receipts)
        since, poured = as_of - learning.lag(table), asyncio.Event()

        def into(gathering: Gathering) -> None:
            learning.saw_lag(gathering.landing.newly_changed_before(as_of), table)
            gathering.pour()

        async def changed() -> None:
            await self._pour(table, self._searching(Search(changed_since=since)), asked="what changed", into=into)
            poured.set()

        steps = [changed()]
        if table is CONVERSATIONS:
            steps.append(self._without_deleted(datetime.fromtimestamp(since, UTC), poured))
        await together(steps)
        if all(receipt.complete for receipt in self.receipts[before:] if receipt.table == table.name):
            memory.as_of = self._when(begun)

    def _when(self, begun: float) -> int:
        """Return the second by Intercom's clock of a moment of this machine's."""
        return int(self.session.transport.budget.clock.put_right(begun))

    async def _without_deleted(self, moment: datetime, poured: asyncio.Event) -> None:
        """Take out of the session's conversations those that were deleted since a moment.

        That is done once what changed was `poured`: a search that lags behind may find what is gone.
        """

        def take_out(gathering: Gathering) -> None:
            gathering.landing.take_out(CONVERSATIONS.name, "deleted_at >= $since", {"since": moment})
            gathering.receipt.complete, gathering.receipt.why = True, ""  # earlier deletions are known, and no matter

        async def work(gathering: Gathering) -> None:
            await deleted_since(moment)(gathering)
            await poured.wait()

        self._expect(1, "what was deleted")
        await self._pour(
            DELETED_CONVERSATIONS,
            work,
            items="conversations",
            asked="what was deleted",
            into=take_out,
        )

    async def _fetch(self, scan: Scan) -> None:
        """Fetch one scan; scans of one table wait for each other, since what one brings the next need not ask for."""
        table = TABLES[scan.table]
        async with self._locks[table.name]:
            await self._refreshed(table)
            if self.joins.are_here(scan):
                return
            if is_listed_by_key(scan):
                await self._fetch_keys(scan)
            elif table.search:
                try:
                    await self._fetch_searches(scan)
                except TooManyValuesError:
                    await self._fetch_searches(scan)  # from now on it is known that lists of values are refused
            elif not self.memory[scan.table].whole:
                await self._fetch_list(scan)

    async def _fetch_list(self, scan: Scan) -> None:
        table, memory, one = TABLES[scan.table], self.memory[scan.table], point(scan)
        if one:
            self._expect(1, f"{table.name} ({spelled(scan.predicate)})")
            await self._pour(table, one_company(*one), items="", asked=spelled(scan.predicate))
            return

        begun = time.time()

        def keep(gathering: Gathering) -> None:
            memory.whole, memory.as_of = gathering.receipt.complete, self._when(begun)

        await self._pour(table, whole_list(table), asked="every row", keep=keep)

    async def _fetch_searches(self, scan: Scan) -> None:
        found = await asyncio.to_thread(self._searches, scan)
        if scan.most is None or not await self._fetch_newest(scan, [search for search, _ in found]):
            await together(self._fetch_search(TABLES[scan.table], search, asked) for search, asked in found)

    async def _fetch_search(self, table: Table, search: Search, asked: str) -> None:
        """Ask for the spans of a search that are not held; each is remembered once it is here whole."""
        memory = self.memory[table.name]
        missing = [Search(search.conditions, span) for span in memory.missing(search.conditions, search.span)]

        async def fetch(part: Search) -> None:
            await self._pour(table, self._searching(part), asked=asked, keep=self._keeping(memory, part))

        await together(map(fetch, missing))

    def _keeping(self, memory: TableMemory, part: Search) -> Callable[[Gathering], None]:
        """Give what remembers the spans of a search that came whole, if asking for them begins now."""
        begun = time.time()

        def keep(gathering: Gathering) -> None:
            spans = [part.span] if gathering.receipt.complete else gathering.spans
            for span in spans:
                memory.hold(part.conditions, span)
            if spans:
                memory.as_of = min(self._when(begun), memory.as_of or self._when(begun))

        return keep

    async def _fetch_newest(self, scan: Scan, found: list[Search]) -> bool:
        """Fetch only what the scan's limit wants, if that can be told."""
        table = TABLES[scan.table]

        async def fetch(parts: list[Search]) -> None:
            asked = f"{spelled(scan.predicate)}, the newest"
            await together(self._fetch_search(table, part, asked) for part in parts)

        meter = self.meter.part(table.name)
        memory = self.memory[table.name]
        newest = Newest(self.session, scan, memory, meter, keep=lambda search: self._keeping(memory, search))
        begun = len(self.session.receipts)
        try:
            return await newest.fetch(found, fetch)
        finally:
            looked = [each for each in self.session.receipts[begun:] if each.filters == {"asks": LOOK}]
            self.receipts += [each for each in looked if each.table == table.name]

    def _searches(self, scan: Scan) -> list[tuple[Search, str]]:
        """Give the searches for a scan, by its own predicate or else by the values that a join wants."""
        table = TABLES[scan.table]
        lists = self.session.takes_lists(table)
        own = searches(table, scan.predicate, self.session.learning.days(table), lists=lists)
        joined = self.joins.values(scan) if any(search.is_for_everything for search in own) else None
        if joined is None:
            return [(search, spelled(scan.predicate)) for search in own]
        return searches_for_values(*joined, lists=lists)

    async def _fetch_keys(self, scan: Scan) -> None:
        """Ask key by key for the rows of a table that are not held; raise BadQueryError where there are no keys."""
        memory, found = self.memory[scan.table], await asyncio.to_thread(self.joins.keys, scan)
        if found is None:
            raise without_keys(scan)
        column, wanted = found
        table, key = TABLES[scan.table], TABLES[scan.table].key_for(column)
        if key.of_contact:
            key, wanted = table.every_key, await self._contacts(key.of_contact, wanted)
            column = key.column
        since = earliest(scan.predicate) if scan.table == "events" else None
        held = memory.held_keys(column, since)
        keys = [key for key in wanted if key not in held and is_id(key)]
        self._expect(self.joins.requests(column, keys), f"{scan.table} of {len(keys):,} different {column}")
        for start in range(0, len(keys), KEYS_AT_A_TIME):
            some, begun = keys[start : start + KEYS_AT_A_TIME], time.time()

            def keep(gathering: Gathering, some: list[str] = some, begun: float = begun) -> None:
                here = memory.keys.setdefault((column, since), set())
                here.update(set(some) - set(gathering.receipt.failures))
                memory.as_of = memory.as_of or self._when(begun)

            work = by_key(table, key, some, query=self._displayed(table), oldest=since)
            await self._pour(key.listed_by or table, work, asked=f"{len(some):,} different {column}", keep=keep)

    def _displayed(self, table: Table) -> dict[str, str]:
        """Ask for bodies as Intercom's plain text, which shows what their HTML hides, unless a reader reads that."""
        plain = table is CONVERSATION_PARTS and self.session.body_reader is None
        return {"display_as": "plaintext"} if plain else {}

    async def _contacts(self, column: str, values: list[str]) -> list[str]:
        """Find the contacts with some external ids or email addresses: events are asked for by Intercom's own id.

        By an external id Intercom gives events of users only, and by an email address those of one contact that has it.
        """
        async with self._locks[CONTACTS.name]:
            await self._refreshed(CONTACTS)
            await together(
                self._fetch_search(CONTACTS, search, asked)
                for search, asked in searches_for_values(column, values, lists=self.session.takes_lists(CONTACTS))
            )
        return await asyncio.to_thread(self._contacts_held, column, values)

    def _contacts_held(self, column: str, values: list[str]) -> list[str]:
        query = f'select id from contacts where "{column}" in (select unnest($values::varchar[])) order by id'
        with self.session.database.cursor() as cursor:
            return [id for (id,) in cursor.execute(query, {"values": values}).fetchall()]

    def _searching(self, search: Search) -> Work:
        return lambda gathering: gathering.all_found(search)

    async def _pour(
        self,
        table: Table,
        work: Work,
        *,
        asked: str,
        items: str | None = None,
        keep: Callable[[Gathering], None] = lambda _: None,
        into: Callable[[Gathering], None] = Gathering.pour,
    ) -> None:
        gathering = self.session.gathering(table, items=items, asked=asked, meter=self.meter.part(table.name))
        page = gathering.table.search or gathering.table.listing
        if page and page.per_page and table is not DELETED_CONVERSATIONS:
            size = page.per_page
            gathering.expected = lambda rows: self._expect(
                max(1, math.ceil(rows / size)), f"{rows:,} {table.name} ({asked})"
            )
        await self.session.pour(gathering, work, keep, into)
        self.receipts.append(gathering.receipt)
        if table.name in self.memory:
            self.memory[table.name].misfits.update(gathering.receipt.misfits)

    def _expect(self, requests: int, what: str) -> None:
        """Take note of requests to come; raise BeyondAllowance where they are more than the query may take."""
        self._expected += requests
        if self._expected > self.most_requests:
            raise BeyondAllowance(
                f"The query needs {self._expected:,} requests or more, {requests:,} of them for {what}, and "
                f"max_requests={self.most_requests:,}"
            )


def searches_for_values(field: str, values: list[str], *, lists: bool) -> list[tuple[Search, str]]:
    """Give the searches for the rows that have one of many values; few in each where it takes no lists."""
    most = VALUES_IN_A_SEARCH if lists else LARGEST_GROUP
    some = [values[start : start + most] for start in range(0, len(values), most)]
    return [
        (Search(({"field": field, "operator": "IN", "value": each},)), f"{len(each):,} different {field}")
        for each in some
    ]
