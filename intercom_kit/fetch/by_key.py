"""The requests for a table that Intercom lists only for a given key, such as the events of one contact."""

import asyncio
import itertools
import json
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from intercom_kit.api.asking import Request
from intercom_kit.api.transport import CONNECTIONS
from intercom_kit.errors import (
    BadRequestError,
    ConnectionFailedError,
    EndlessPagesError,
    IntercomError,
    NotFoundError,
)
from intercom_kit.fetch.gathering import Gathering, Work
from intercom_kit.paging.pages import walk
from intercom_kit.paging.paths import at
from intercom_kit.search.conditions import comparison, search_body
from intercom_kit.tables import SEGMENTS, Key, Listing, Paging, Table

# Errors that concern one key alone; any other would occur for every key, and ends the fetch.
_FAILURES_OF_ONE = (NotFoundError, BadRequestError, ConnectionFailedError, EndlessPagesError)

# How many keys a note or an error names.
_NAMED = 5

# The keys of one request.
Keys = tuple[str, ...]


def by_key(
    table: Table,
    key: Key,
    values: list[str],
    *,
    query: Mapping[str, Any] | None = None,
    oldest: datetime | None = None,
) -> Work:
    """Return the work that requests a table's rows for each value of a key, many requests in parallel.

    `query` is added to each request. Rows are listed newest first, and those before `oldest` are not needed.
    """
    table = key.listed_by or table
    if table.listing is None:
        return _by_search(table, key, values)
    if key.at_a_time > 1:
        return _several_at_a_time(table.listing, key, values)
    listing = table.listing

    async def gather(gathering: Gathering) -> None:
        async def fetch(asked: Keys) -> None:
            (value,) = asked
            parameters = {**({key.parameter: value} if key.parameter else {}), **(query or {})}
            async for page in walk(gathering.transport, at(listing, value), parameters):
                await gathering.take(page, key=value)
                if listing.paging is Paging.WHOLE and (page.total_count or 0) > page.count:
                    gathering.unsettled.add(value)
                    _cut(gathering, key, value, page.total_count or 0, page.count)
                if oldest is not None and _older(page.next, oldest):
                    break

        await each_of(gathering, values, fetch, key.nouns)

    return gather


def _several_at_a_time(listing: Listing, key: Key, values: list[str]) -> Work:
    """Return the work that requests rows for several values of a key in each request, whose answer is one page."""

    async def gather(gathering: Gathering) -> None:
        async def fetch(asked: Keys) -> None:
            body = {key.parameter: list(asked)}
            page = await gathering.transport.send(
                Request(listing.method, listing.path, query=listing.query, body=body, items=listing.items)
            )
            await gathering.take(page)
            if (page.total_count or 0) > page.count:
                _cut(gathering, key, " and ".join(asked), page.total_count or 0, page.count)

        await each_of(gathering, values, fetch, key.nouns, key.at_a_time)

    return gather


def _cut(gathering: Gathering, key: Key, value: str, total: int, received: int) -> None:
    rows = gathering.table.name.replace("_", " ").removeprefix(f"{key.noun} ")
    gathering.receipt.cut(f"{key.noun} {value} has {total:,} {rows}, of which Intercom returns {received:,}")


def _older(following: Any, oldest: datetime) -> bool:
    """Return whether the next page is too old: its URL names the milliseconds before which its rows were created."""
    before = str(following).partition("before=")[2].partition("&")[0]
    return before.isdigit() and int(before) / 1000 < oldest.timestamp()


def _by_search(table: Table, key: Key, values: list[str]) -> Work:
    """Return the work that lists the segments' names and searches for the contacts of each, 150 per request."""
    search, segments = table.search, SEGMENTS.listing
    assert search is not None and segments is not None  # noqa: S101, PT018 - declared

    async def gather(gathering: Gathering) -> None:
        answer = await gathering.transport.get(segments.path, items=segments.items)
        names = {each.get("id"): each.get("name") for each in answer.members(segments.items)}

        async def fetch(asked: Keys) -> None:
            (value,) = asked
            body = search_body([comparison(key.column, "=", value)])
            received, total = set[str](), 0
            async for page in walk(gathering.transport, search, body=body):
                ids = [each.get("id") for each in page.members(search.items)]
                received.update(map(str, ids))
                total = page.total_count or 0
                named = [{"id": id, f"{key.noun}_name": names.get(value)} for id in ids]
                await gathering.take(replace(page, text=json.dumps({search.items: named})), key=value)
            if len(received) < total:  # rows may move between pages while they are read
                gathering.receipt.failures[value] = f"Intercom counts {total:,} members, and {len(received):,} came"
                gathering.receipt.cut(f"of {key.noun} {value} {len(received):,} of {total:,} members came")

        await each_of(gathering, values, fetch, key.nouns)

    return gather


async def each_of(
    gathering: Gathering,
    keys: Iterable[str],
    fetch: Callable[[Keys], Awaitable[None]],
    unit: str,
    at_a_time: int = 1,
) -> None:
    """Fetch key by key, or several at a time, in parallel; failures are recorded in the receipt, and others go on.

    Where Intercom refuses several keys, each is requested alone, since only one of them may be why.
    Raises the first failure if every key failed and nothing came, or if Intercom cannot be reached by dozens of
    the first requests.
    """
    distinct = list(dict.fromkeys(keys))
    gathering.meter.unit, gathering.meter.total, gathering.meter.done = unit, len(distinct), 0
    failed: dict[str, IntercomError] = {}
    absent: list[str] = []
    waiting = deque(tuple(distinct[start : start + at_a_time]) for start in range(0, len(distinct), at_a_time))

    async def work() -> None:
        while waiting:
            asked = waiting.popleft()
            try:
                await fetch(asked)
            except _FAILURES_OF_ONE as error:
                if len(asked) > 1 and isinstance(error, NotFoundError | BadRequestError):
                    waiting.extend((key,) for key in asked)
                    continue
                if gathering.parameters.for_query and isinstance(error, NotFoundError):
                    absent.extend(asked)
                else:
                    failed.update(dict.fromkeys(asked, error))
                unreachable = isinstance(error, ConnectionFailedError)
                if unreachable and len(failed) >= max(CONNECTIONS * at_a_time, gathering.meter.done or 0):
                    raise
            gathering.meter.done = (gathering.meter.done or 0) + len(asked)

    workers = [asyncio.ensure_future(work()) for _ in range(CONNECTIONS)]
    try:
        await asyncio.gather(*workers)
    finally:
        for worker in workers:
            worker.cancel()
    if failed and len(failed) == len(distinct) and not await asyncio.to_thread(gathering.landing.rows):
        raise next(iter(failed.values()))
    gathering.receipt.failures |= {key: str(error) for key, error in failed.items()}
    gathering.unsettled.update(failed, absent)
    if absent:
        some = f"{len(absent):,} of {len(distinct):,} {unit}"
        gathering.receipt.notes.append(f"Intercom does not know {some}, so these have no rows: {_few(absent)}")
    if failed:
        gathering.receipt.cut(f"{len(failed):,} of {len(distinct):,} {unit} failed: {_few(failed)}")


def _few(keys: Iterable[str]) -> str:
    """Return the first keys as text."""
    return ", ".join(itertools.islice(keys, _NAMED))
