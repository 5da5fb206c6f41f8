"""Estimates of what a query would fetch (rows, requests, seconds), from counts that Intercom returns without rows."""

import asyncio
import json
import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
from itertools import starmap
from typing import Any

import pandas as pd

from intercom_kit.api.asking import Request
from intercom_kit.api.heads import Page
from intercom_kit.concurrency import loop
from intercom_kit.fetch.first import A_PAGE, ROUNDS
from intercom_kit.fetch.listing import bounds_of
from intercom_kit.fetch.session import Session
from intercom_kit.live.access import (
    VALUES_IN_A_SEARCH,
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
from intercom_kit.live.counted.bounds import Dependent, Rows, Unchanged, rows_here, rows_of, searched
from intercom_kit.live.joins import Joins, constants, is_listed_by_key, point, searchable
from intercom_kit.live.memory import Fresh, TableMemory
from intercom_kit.live.scheduling import gathered
from intercom_kit.paging.searching import LARGEST_GROUP
from intercom_kit.paging.searching import search as ask
from intercom_kit.search.bounds import Days
from intercom_kit.search.conditions import search_body
from intercom_kit.search.lowering import pushes, searches
from intercom_kit.search.spans import READERS, Search, Span
from intercom_kit.sql.needs import Needs, Scan
from intercom_kit.sql.predicates import Both, Predicate, Test, spelled, tests
from intercom_kit.tables import CARRIED_BY, COMPANIES, CONTACTS, TABLES, Key, Kind, Table

WINDOW = 10.0  # seconds of Intercom's rate limit

# Values that Intercom's search and SQL compare alike.
_EXACT = (Kind.ID, Kind.BOOLEAN, Kind.INTEGER)


@dataclass
class Step:
    """The estimate of one scan, with bounds of its requests; None for what nothing is known of before rows are here."""

    table: str
    rows: int | None = None
    requests: int | None = None
    at_least: int | None = None
    at_most: int | None = None
    seconds: float | None = None
    pushed: str = ""
    local: str = ""
    depends: str = ""
    search: str = ""
    note: str = ""


class Estimates:
    """The estimates of one query, from one counting request per search."""

    def __init__(self, session: Session, needs: Needs, memory: dict[str, TableMemory], fresh: Fresh) -> None:
        self._session = session
        self._needs = needs
        self._joins = Joins(session.database, needs, done=needs.frames)
        self._scans = self._joins.requested()
        self._fresh = fresh
        self._tellers = {teller(scan, memory) for scan in self._scans} - {""}
        self._memory = {name: table if self._uses_cache(name) else TableMemory() for name, table in memory.items()}
        self._kept = {name: table for name, table in memory.items() if isinstance(table, Unchanged) and fresh == "live"}
        self._paths = AccessPaths(session, self._joins, self._memory)
        self._latency = 0.0
        self._uncached: set[int] = set()  # scans of which no row is cached, but those that their searches find again

    def steps(self) -> list[Step]:
        """Return the steps: first the top-ups of cached tables, then the scans in the order of the plan."""
        names = {scan.table for scan in self._scans} | self._tellers
        steps = loop.run(self._all(names)) if names else []
        for step in steps:
            step.seconds = None if step.requests is None else self._seconds(step.requests)
        return steps

    def _uses_cache(self, name: str) -> bool:
        """Return whether the query uses the cached rows of a table, as they are or after a top-up."""
        return self._fresh == "session" or (self._fresh == "live" and TABLES[name].search is not None)

    async def _all(self, names: set[str]) -> list[Step]:
        live = self._fresh == "live"
        held = [name for name in sorted(names) if live and TABLES[name].search and self._memory[name].as_of is not None]
        steps = await gathered([*map(self._top_up, held), *map(self._step, self._scans)])
        for step in steps:
            step.at_least = step.requests if step.at_least is None else step.at_least
            step.at_most = step.requests if step.at_most is None else step.at_most
        changed = {step.table: step.rows or 0 for step in steps[: len(held)]}
        await self._bound(dict(zip(self._scans, steps[len(held) :], strict=True)), changed)
        return steps

    async def _top_up(self, name: str) -> Step:
        table = TABLES[name]
        search = Search(changed_since=(self._memory[name].as_of or 0) - self._session.learning.lag(table))
        note = f"brings {self._memory[name].whose} rows up to date"
        step = Step(name, pushed="updated_at since the last fetch", note=note)
        await self._count(step, table, [search])
        if table.deletions and step.requests is not None:
            step.requests += 1
            step.note += ", with a request for deletions"
        return step

    async def _step(self, scan: Scan) -> Step:
        """Return the estimate of a scan, counted along its access path."""
        table, step = TABLES[scan.table], self._described(scan)
        path = await asyncio.to_thread(self._paths.of, scan)
        match path:
            case None:
                step.note = f"a request for {_each(table.every_key)} of its join"
            case ByKey():
                self._keys(step, path)
            case ByContact():
                await self._contacts(step, path)
            case BySearch() if self._depends(scan):
                step.note = "the rows that its join needs; every row if that is more than 1,000 values"
            case BySearch():
                await self._searched(scan, step, [search for search, _ in path.searches])
            case BySpan():
                await self._spans(table, step, path.spans)
            case OneCompany():
                step.rows, step.requests = 1, 1
            case WholeList():
                await self._listed(table, step)
            case Held():
                carrier = CARRIED_BY.get(scan.table)
                step.rows, step.requests = None if carrier else 0, 0
                step.note = f"comes with {carrier.name}" if carrier else "cached"
        return step

    def _depends(self, scan: Scan) -> bool:
        """Return whether a scan takes its values from rows that are not fetched yet."""
        return any(source not in self._joins.done for source in self._joins.sources(scan))

    # --- what depends on rows that are not fetched yet ---------------------------------------------

    async def _bound(self, steps: dict[Scan, Step], changed: dict[str, int]) -> None:
        """Set the bounds of the steps that depend on others, from those that do not."""
        waiting = [scan for scan in steps if self._depends(scan)]
        known = {id(scan): Rows(0, await asyncio.to_thread(rows_of, self._joins, scan)) for scan in self._needs.frames}
        for scan, step in steps.items():
            if scan not in waiting:
                known[id(scan)] = await asyncio.to_thread(self._rows_of, scan, step, changed.get(scan.table, 0))
        while waiting:
            ready = [each for each in waiting if all(id(one) in known for one in self._joins.sources(each))]
            for scan in ready or waiting[:1]:
                waiting.remove(scan)
                dependent = Dependent(self._joins, known, self._kept)
                known[id(scan)] = await self._bounded(scan, steps[scan], dependent, changed.get(scan.table, 0))

    def _rows_of(self, scan: Scan, step: Step, changed: int) -> Rows:
        """Return how many rows a scan needs that depends on no other one."""
        table = TABLES[scan.table]
        if step.rows is None:
            return Rows()
        here = 0 if id(scan) in self._uncached else rows_here(self._joins, scan)
        compared = all(self._is_sent(scan, each) for each in _members(scan.predicate))
        exact = compared and scan.most is None and all(map(self._compares_exactly(table), tests(scan.predicate)))
        least = max(0, here - changed) + step.rows if exact else 0
        return Rows(least, here + step.rows + changed)

    def _compares_exactly(self, table: Table) -> Callable[[Test], bool]:
        """Return whether Intercom finds just the rows that a comparison holds for; of texts that is not sure."""
        exact_times = not table.search or self._days(table).exact

        def compares(test: Test) -> bool:
            if test.attribute or test.column not in table:
                return False
            column = table.column(test.column)
            return bool(column.values) or column.kind in _EXACT or (column.kind is Kind.TIME and exact_times)

        return compares

    async def _bounded(self, scan: Scan, step: Step, dependent: Dependent, changed: int) -> Rows:
        """Set the bounds of a step that depends on others, and return how many rows it has."""
        table = TABLES[scan.table]
        if table.name in CARRIED_BY:
            return Rows()
        if table.keys:
            bounds = await asyncio.to_thread(dependent.by_key, scan)
            step.requests, step.at_least, step.at_most = bounds.about, bounds.least, bounds.most
            return Rows()
        whole = Step(table.name)
        days, lists = self._days(table), self._session.takes_lists(table)
        own = searches(table, scan.predicate, days, lists=lists)
        missing = self._missing(table, own)
        await self._count(whole, table, missing)
        values, one_each = dependent.values(scan, searchable(scan))
        size = VALUES_IN_A_SEARCH if lists else LARGEST_GROUP
        bounds = searched(values, size, one_each=one_each, pages=whole.requests or 0)
        step.requests, step.at_least, step.at_most = bounds.about, bounds.least, bounds.most
        here = 0 if missing == own else await asyncio.to_thread(rows_here, self._joins, scan)
        most = here + (whole.rows or 0)
        return Rows(0, (most if values.most is None or not one_each else min(most, values.most)) + changed)

    def _described(self, scan: Scan) -> Step:
        """Return the step of a scan, with the conditions pushed to Intercom apart from those left to DuckDB."""
        members = _members(scan.predicate)
        sent = [each for each in members if self._is_sent(scan, each)]
        left = [spelled(each) for each in members if each not in sent]
        sources = self._joins.sources(scan)
        edges = [edge for edge in self._needs.edges if edge.scan is scan and edge.source in sources]
        depends = dict.fromkeys(f"{edge.column} in {edge.source.table}.{edge.values}" for edge in edges)
        return Step(
            scan.table,
            pushed=" and ".join(map(spelled, sent)),
            local=" and ".join([*left, *scan.unread]),
            depends=", ".join(depends),
        )

    def _is_sent(self, scan: Scan, member: Any) -> bool:
        if TABLES[scan.table].search or TABLES[scan.table].is_bounded:
            return pushes(TABLES[scan.table], member, self._days(TABLES[scan.table]))
        keys = constants(scan) if is_listed_by_key(scan) else point(scan)
        return keys is not None and getattr(member, "column", "") == keys[0]

    def _keys(self, step: Step, path: ByKey) -> None:
        step.requests = self._joins.requests(path.key.column, path.values, path.key.at_a_time)
        several = path.key.at_a_time > 1
        step.note = f"a request for each {f'{path.key.at_a_time} ' * several}{path.key.column}"

    async def _contacts(self, step: Step, path: ByContact) -> None:
        """Count the contacts that have some values, with one more request for each."""
        contacts, searches = Step(CONTACTS.name), [search for search, _ in path.searches]
        missing = self._missing(CONTACTS, searches)
        await self._count(contacts, CONTACTS, missing)
        found = contacts.rows or 0 if missing == searches else len(path.values)  # else some are cached, and not counted
        step.requests = (contacts.requests or 0) + found
        step.note = f"a request for each contact with {path.key.of_contact}, and {contacts.requests} to find these"

    async def _searched(self, scan: Scan, step: Step, searches: list[Search]) -> None:
        table = TABLES[scan.table]
        step.search = json.dumps(
            [search_body(each.asked(self._days(table)))["query"] for each in searches], default=str
        )
        missing = self._missing(table, searches)
        self._uncached |= {id(scan)} if missing == searches else set()
        if not missing:
            step.rows, step.requests, step.note = 0, 0, self._memory[table.name].whose
            return
        await self._count(step, table, missing)
        if scan.most is not None:
            step.requests = _with_looks(step, len(missing))
            step.at_least = len(missing)
            step.note = f"at most: it stops where {scan.most:,} rows match"
        elif not step.depends and any(each.span.first is None for each in searches):
            step.note = f"no time bound recognised, {step.rows:,} {table.name}"

    def _missing(self, table: Table, searches: list[Search]) -> list[Search]:
        """Return the parts of searches that are not cached."""
        memory = self._memory[table.name]
        return [replace(each, span=span) for each in searches for span in memory.missing(each.conditions, each.span)]

    async def _count(self, step: Step, table: Table, searches: list[Search]) -> None:
        """Fetch how many rows searches find, and set the rows and requests of a step."""
        listing = table.search
        assert listing is not None  # noqa: S101 - only searchable tables are searched

        async def count(search: Search) -> int:
            body = search_body(search.asked(self._days(table))) | {"pagination": {"per_page": 1}}
            begun = time.perf_counter()
            page = await ask(self._session.transport, listing, body)
            self._latency = max(self._latency, time.perf_counter() - begun)
            return page.total_count or 0

        counts = await gathered(map(count, searches))
        step.rows = sum(counts)
        step.requests = sum(max(1, math.ceil(each / listing.per_page)) for each in counts)

    async def _listed(self, table: Table, step: Step) -> None:
        """Set the rows and requests of a list: companies are counted, other lists take one request each."""
        if table.listed_by:
            parts = [Step(part.name) for part in table.listed_by]
            await gathered(starmap(self._listed, zip(table.listed_by, parts, strict=True)))
            step.requests = sum(part.requests or 0 for part in parts)
            return
        listing = table.listing
        assert listing is not None  # noqa: S101 - what is not searched is listed
        step.requests = 1
        if of_each := listing.of_each:
            objects = await self._session.transport.get(of_each.path, items=of_each.items)
            step.requests += objects.count
        if table is COMPANIES:
            query = {"page": 1, "per_page": 1}
            request = Request(listing.method, listing.path, query=query, items=listing.items)
            page = await self._session.transport.send(request)
            step.rows = page.total_count
            step.requests = max(1, math.ceil((page.total_count or 0) / listing.per_page))

    async def _spans(self, table: Table, step: Step, spans: list[Span]) -> None:
        """Set the requests of a list in some spans, from the number of pages that the first of each tells."""
        listing = table.listing
        assert listing is not None  # noqa: S101 - declared

        async def first(span: Span) -> Page:
            query = {**bounds_of(listing, span), "per_page": listing.per_page}
            return await self._session.transport.get(listing.path, query, items=listing.items)

        pages = await gathered(map(first, spans))
        step.requests = sum(page.total_pages or 1 for page in pages)
        if step.requests == len(pages):
            step.rows = sum(page.count for page in pages)

    def _seconds(self, requests: int) -> float:
        """Return how long requests take: by the rate budget or by the latency measured, whichever is more."""
        budget = self._session.transport.budget
        beyond = max(0, requests - (budget.remaining or 0))
        waits = WINDOW * beyond / budget.limit if budget.limit else 0.0
        return round(max(waits, self._latency * math.ceil(requests / READERS)), 2)

    def _days(self, table: Table) -> Days:
        return self._session.learning.days(table)


def _members(predicate: Predicate) -> tuple[Predicate, ...]:
    """Return the conditions that all have to hold."""
    return predicate.members if isinstance(predicate, Both) else (predicate,)


def _each(key: Key) -> str:
    """Return for which values of a join one request is sent."""
    return "each distinct value" if key.at_a_time == 1 else f"each {key.at_a_time} distinct values"


def _with_looks(step: Step, searches: int) -> int:
    """Return the requests of a step and those that find how far back the newest rows go: one, or some rounds."""
    return (step.requests or 0) + searches * (1 if (step.rows or 0) <= A_PAGE else 1 + ROUNDS)


def steps_frame(steps: list[Step]) -> pd.DataFrame:
    """Return the steps as a frame."""
    frame = pd.DataFrame([asdict(step) for step in steps], columns=[field.name for field in fields(Step)])
    counts = dict.fromkeys(("rows", "requests", "at_least", "at_most"), "Int64")
    return frame.astype({**counts, "seconds": "float64"})


def steps_text(steps: list[Step]) -> str:
    """Return the steps as text for an error, one per line."""
    return "\n".join(f"  {step.table}: {_cost(step)} ({step.pushed or 'every row'})" for step in steps)


def _cost(step: Step) -> str:
    if step.requests is None:
        return f"depends on {step.depends}"
    rows = "" if step.rows is None else f"{step.rows:,} rows, "
    about = "" if step.at_least == step.requests == step.at_most or step.rows is not None else "about "
    return f"{rows}{about}{step.requests:,} request{'' if step.requests == 1 else 's'}"
