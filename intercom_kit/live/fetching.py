"""Fetch into the session's tables what a query's scans need: tables in parallel, and joined tables after their keys."""

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
from intercom_kit.fetch.listing import created_in, deleted_since, one_company, whole_list
from intercom_kit.fetch.meter import QueryMeter, bar
from intercom_kit.fetch.session import Session
from intercom_kit.fetch.whole_search import all_found
from intercom_kit.frames.receipt import Receipt, kept
from intercom_kit.live import holdings
from intercom_kit.live.access import (
    AccessPath,
    AccessPaths,
    ByContact,
    ByKey,
    BySearch,
    BySpan,
    Held,
    OneCompany,
    WholeList,
    teller,
)
from intercom_kit.live.joins import Joins, without_keys
from intercom_kit.live.kept.parts import KeptParts
from intercom_kit.live.memory import Fresh, TableMemory
from intercom_kit.live.newest import Newest
from intercom_kit.live.scheduling import Schedule, together
from intercom_kit.live.several_lists import fetch_lists
from intercom_kit.search.spans import Search, Span
from intercom_kit.sql.needs import Needs, Scan
from intercom_kit.sql.predicates import spelled
from intercom_kit.tables import CARRIED_BY, CONTACTS, CONVERSATION_PARTS, TABLES, Table

# Rows are added to the session's tables after so many keys.
KEYS_AT_A_TIME = 1_000


class BeyondAllowance(Exception):  # noqa: N818 - control flow: users get a BadQueryError with the plan
    """A query that needs more requests than it may take."""


@dataclass
class Fetching:
    """The fetching of what one query needs and the session has not cached, in at most `max_requests`.

    `fresh` says how the cache is used: with "live" it is brought up to date first, and tables for which that is not
    possible are fetched again; "session" uses it as it is; "refetch" ignores it. `sent` are requests that the query
    needed before.
    """

    session: Session
    needs: Needs
    memory: dict[str, TableMemory]
    max_requests: int
    fresh: Fresh
    receipts: list[Receipt] = field(default_factory=list)
    sent: int = 0

    def __post_init__(self) -> None:
        self.joins = Joins(self.session.database, self.needs, done=self.needs.frames)
        self._paths = AccessPaths(self.session, self.joins, self.memory)
        self.meter = QueryMeter()
        self._expected = self.sent
        left = self.session.requests_left
        self._allowed = self.max_requests if left is None else min(self.max_requests, self.sent + left)
        self._fresh_tables: set[str] = set()
        self._behind: set[str] = set()  # tables of which not all changes came
        self.kept = 0  # keys whose rows an earlier query read
        self._locks = {name: asyncio.Lock() for name in TABLES}

    def run(self) -> None:
        """Fetch every scan; raise BeyondAllowance, and BadQueryError if a scan has no keys."""
        scans = self.joins.requested()
        if scans:
            self._run(lambda: Schedule(self.joins, self._fetch).run(scans))

    def notes(self) -> list[str]:
        """Return a note on the rows that an earlier query read, as those of conversations that did not change."""
        kept = f"The parts of {self.kept:,} conversations are kept, since these did not change."
        return [kept] if self.kept else []

    def refresh(self) -> None:
        """Bring all cached tables up to date, and clear those for which that is not possible."""
        held = [name for name, memory in self.memory.items() if memory.as_of is not None]
        if held:
            self._run(lambda: self._brought_up_to_date([TABLES[name] for name in held]))

    async def _brought_up_to_date(self, tables: list[Table]) -> None:
        await together(map(self._refreshed, tables))
        for table in tables:
            if told_by := self.memory[table.name].told_by:
                await self._keep_current(table, TABLES[told_by])

    def _run(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        begun = len(self.session.receipts)
        try:
            with bar(self.meter, self.session.budget_left) as look:
                loop.run(work(), look)
        except (KeyboardInterrupt, Stopped) as interrupt:
            interrupt.add_note(kept(self.session.receipts[begun:]))
            raise

    async def _refreshed(self, table: Table) -> None:
        """Bring a cached table up to date, or clear it, the first time that the query needs it."""
        if table.name in self._fresh_tables:
            return
        memory = self.memory[table.name]
        if isinstance(memory, KeptParts) and self.fresh != "refetch":
            memory.begin(self._displayed(table), as_it_is=self.fresh == "session")
        elif self.fresh == "refetch" or (self.fresh == "live" and (not table.search or memory.as_of is None)):
            # Of a search that was cut short, nothing is remembered, but rows may be here that nobody brings up to date.
            await self.session.apply(lambda: holdings.forget(self.session.staging, {table.name: memory}))
        elif self.fresh == "live" and memory.as_of is not None:
            await self._top_up(table, memory, memory.as_of)
        self._fresh_tables.add(table.name)

    async def _top_up(self, table: Table, memory: TableMemory, as_of: int) -> None:
        """Fetch what changed since the cached rows were fetched, and before that for as long as the search may lag."""
        learning, begun, before = self.session.learning, time.time(), len(self.receipts)
        since, poured = as_of - learning.lag(table), asyncio.Event()

        def into(gathering: Gathering) -> None:
            learning.saw_lag(gathering.landing.newly_changed_before(as_of), table)
            gathering.pour()

        async def changed() -> None:
            await self._pour(table, self._searching(Search(changed_since=since)), purpose="what changed", into=into)
            poured.set()

        steps = [changed()]
        if table.deletions:
            steps.append(self._without_deleted(table, table.deletions, datetime.fromtimestamp(since, UTC), poured))
        await together(steps)
        told = {table.name, table.deletions.name if table.deletions else ""}
        if all(receipt.complete for receipt in self.receipts[before:] if receipt.table in told):
            memory.topped_up(self._when(begun))
        else:
            self._behind.add(table.name)

    def _when(self, begun: float) -> int:
        """Return the second by Intercom's clock for a time of this machine's."""
        return int(self.session.transport.budget.clock.put_right(begun))

    async def _without_deleted(self, table: Table, deletions: Table, since: datetime, poured: asyncio.Event) -> None:
        """Delete from a session's table the rows that were deleted in Intercom since a time.

        It waits until the changed rows were `poured`: a search that lags may still find deleted ones.
        """

        def take_out(gathering: Gathering) -> None:
            gathering.landing.take_out(table.name, "deleted_at >= $since", {"since": since})

        async def work(gathering: Gathering) -> None:
            await deleted_since(deletions, since)(gathering)
            await poured.wait()

        self._expect(1, "what was deleted")
        await self._pour(deletions, work, purpose="what was deleted", into=take_out)

    async def _fetch(self, scan: Scan) -> None:
        """Fetch one scan; scans of one table wait for each other, since one may fetch rows that the next needs."""
        table = TABLES[scan.table]
        if table.name in CARRIED_BY:
            return
        async with self._locks[table.name]:
            await self._refreshed(table)
            if told_by := teller(scan, self.memory):
                async with self._locks[told_by]:
                    await self._refreshed(TABLES[told_by])
                    await self._keep_current(table, TABLES[told_by])
            if self.joins.are_here(scan):
                return
            try:
                await self._walk(scan, table, await asyncio.to_thread(self._paths.of, scan))
            except TooManyValuesError:  # the session now knows that lists of values are refused
                await self._walk(scan, table, await asyncio.to_thread(self._paths.of, scan))

    async def _keep_current(self, table: Table, told_by: Table) -> None:
        """Keep those rows of a table fetched key by key that the changes of another one show to be current."""
        memory = self.memory[table.name]
        if isinstance(memory, KeptParts) and self.fresh == "live" and told_by.name not in self._behind:
            as_of = self.memory[told_by.name].as_of
            await self.session.apply(lambda: memory.keep_current(as_of))

    async def _walk(self, scan: Scan, table: Table, path: AccessPath | None) -> None:
        """Fetch the rows of a scan along its access path; raise BadQueryError if there is none."""
        match path:
            case None:
                raise without_keys(scan)
            case ByKey():
                await self._fetch_keys(table, path)
            case ByContact():
                contacts = await self._contacts(path)
                await self._fetch_keys(table, self._paths.by_own_key(scan, contacts))
            case BySearch():
                if scan.most is None or not await self._fetch_newest(scan, [search for search, _ in path.searches]):
                    await together(self._fetch_search(table, search, purpose) for search, purpose in path.searches)
            case BySpan():
                await together(self._fetch_span(scan, table, span) for span in path.spans)
            case OneCompany():
                self._expect(1, f"{table.name} ({spelled(scan.predicate)})")
                work = one_company(path.column, path.value)
                await self._pour(table, work, items="", purpose=spelled(scan.predicate))
            case WholeList():
                await (self._fetch_lists if table.listed_by else self._fetch_list)(table)
            case Held():
                pass

    async def _fetch_list(self, table: Table) -> None:
        memory, begun = self.memory[table.name], time.time()

        def keep(gathering: Gathering) -> None:
            memory.whole, memory.as_of = gathering.receipt.complete, self._when(begun)

        await self._pour(table, whole_list(table), purpose="every row", keep=keep)

    async def _fetch_lists(self, table: Table) -> None:
        """Fetch the lists that together hold all rows of a table."""
        memory, begun, before = self.memory[table.name], time.time(), len(self.receipts)
        self.receipts += await fetch_lists(table, lambda part: self._pour(part, whole_list(part), purpose="every row"))
        complete = all(receipt.complete for receipt in self.receipts[before:] if receipt.table == table.name)
        memory.whole, memory.as_of = complete, self._when(begun)

    async def _fetch_search(self, table: Table, search: Search, purpose: str) -> None:
        """Fetch the spans of a search that are not cached; each is remembered once it is complete."""
        memory = self.memory[table.name]
        missing = [Search(search.conditions, span) for span in memory.missing(search.conditions, search.span)]

        async def fetch(part: Search) -> None:
            await self._pour(table, self._searching(part), purpose=purpose, keep=self._keeping(memory, part))

        await together(map(fetch, missing))

    async def _fetch_span(self, scan: Scan, table: Table, span: Span) -> None:
        """Fetch what was created in a span, of a list that takes its bounds."""
        assert table.listing is not None  # noqa: S101 - declared
        keep = self._keeping(self.memory[table.name], Search((), span))
        await self._pour(table, created_in(table.listing, span), purpose=spelled(scan.predicate), keep=keep)

    def _keeping(self, memory: TableMemory, part: Search) -> Callable[[Gathering], None]:
        """Return the callback that remembers the complete spans of a search whose fetching begins now."""
        begun = time.time()

        def keep(gathering: Gathering) -> None:
            spans = [part.span] if gathering.receipt.complete else gathering.spans
            for span in spans:
                memory.hold(part.conditions, span)
            if spans:
                memory.as_of = min(self._when(begun), memory.as_of or self._when(begun))

        return keep

    async def _fetch_newest(self, scan: Scan, searches: list[Search]) -> bool:
        """Fetch only the newest rows, as many as the scan's limit needs; return False if all have to be fetched."""
        table = TABLES[scan.table]

        async def fetch(parts: list[Search]) -> None:
            purpose = f"{spelled(scan.predicate)}, the newest"
            await together(self._fetch_search(table, part, purpose) for part in parts)

        meter = self.meter.part(table.name)
        memory = self.memory[table.name]
        newest = Newest(self.session, scan, memory, meter, keep=lambda search: self._keeping(memory, search))
        try:
            return await newest.fetch(searches, fetch)
        finally:
            self.receipts += newest.receipts

    async def _fetch_keys(self, table: Table, path: ByKey) -> None:
        """Fetch key by key the rows of a table that are not cached."""
        key, keys = path.key, path.values
        self.kept += path.kept if self.memory[table.name].keeps and self.fresh == "live" else 0
        requests = self.joins.requests(key.column, keys, key.at_a_time)
        self._expect(requests, f"{table.name} of {len(keys):,} different {key.column}")
        for start in range(0, len(keys), KEYS_AT_A_TIME):
            await self._fetch_some(table, path, keys[start : start + KEYS_AT_A_TIME])

    async def _fetch_some(self, table: Table, path: ByKey, keys: list[str]) -> None:
        memory, key, begun = self.memory[table.name], path.key, time.time()
        kept = memory if isinstance(memory, KeptParts) else None
        changes = await asyncio.to_thread(kept.before, keys, self._when(begun)) if kept else {}

        def into(gathering: Gathering) -> None:
            if kept:
                kept.take_out(keys)
            gathering.pour()

        def keep(gathering: Gathering) -> None:
            memory.hold_keys(key.column, path.since, set(keys) - set(gathering.receipt.failures))
            memory.as_of = memory.as_of or self._when(begun)
            if kept:
                kept.keep(changes, gathering.unsettled)

        work = by_key(table, key, keys, query=self._displayed(table), oldest=path.since)
        purpose = f"{len(keys):,} different {key.column}"
        await self._pour(key.listed_by or table, work, purpose=purpose, keep=keep, into=into)

    def _displayed(self, table: Table) -> dict[str, str]:
        """Return the query for message bodies as Intercom's plain text; as HTML if the session has a reader for it."""
        plain = table is CONVERSATION_PARTS and self.session.body_reader is None
        return {"display_as": "plaintext"} if plain else {}

    async def _contacts(self, path: ByContact) -> list[str]:
        """Fetch the ids of the contacts with some external ids or email addresses, to request events by them.

        By external id Intercom returns events of users only, and by email address those of one contact that has it.
        """
        async with self._locks[CONTACTS.name]:
            await self._refreshed(CONTACTS)
            await together(self._fetch_search(CONTACTS, search, purpose) for search, purpose in path.searches)
        return await asyncio.to_thread(self._contacts_held, path.key.of_contact, path.values)

    def _contacts_held(self, column: str, values: list[str]) -> list[str]:
        query = f'select id from contacts where "{column}" in (select unnest($values::varchar[])) order by id'
        with self.session.database.cursor() as cursor:
            return [id for (id,) in cursor.execute(query, {"values": values}).fetchall()]

    def _searching(self, search: Search) -> Work:
        return lambda gathering: all_found(gathering, search)

    async def _pour(
        self,
        table: Table,
        work: Work,
        *,
        purpose: str,
        items: str | None = None,
        keep: Callable[[Gathering], None] = lambda _: None,
        into: Callable[[Gathering], None] = Gathering.pour,
    ) -> None:
        page = table.search or table.listing
        size = page.per_page if page and table.name in self.memory else 0

        def expect(rows: int) -> None:
            self._expect(max(1, math.ceil(rows / size)), f"{rows:,} {table.name} ({purpose})")

        meter = self.meter.part(table.name)
        gathering = self.session.gathering(table, purpose, meter, items=items, on_total=expect if size else None)
        await self.session.pour(gathering, work, keep, into)
        self.receipts.append(gathering.receipt)
        if table.name in self.memory:
            self.memory[table.name].misfits.update(gathering.receipt.misfits)

    def _expect(self, requests: int, what: str) -> None:
        """Count requests that will be sent; raise BeyondAllowance if they are more than the query may send."""
        self._expected += requests
        if self._expected > self._allowed:
            limit = f"max_requests={self.max_requests:,}"
            if self._allowed < self.max_requests:
                limit = f"this workspace may send only {self._allowed:,} more, of {self.session.allowed:,} in all"
            raise BeyondAllowance(
                f"The query needs {self._expected:,} requests or more, {requests:,} of them for {what}, but {limit}"
            )
