"""The requests for a table that Intercom lists only for a given key, such as the events of one contact."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from intercom_kit.fetch.gathering import Gathering, Work
from intercom_kit.paging.pages import walk
from intercom_kit.paging.paths import at
from intercom_kit.search.conditions import comparison, search_body
from intercom_kit.tables import SEGMENTS, Key, Paging, Table


def by_key(
    table: Table,
    key: Key,
    values: list[str],
    *,
    query: Mapping[str, Any] | None = None,
    oldest: datetime | None = None,
) -> Work:
    """Return the work that requests a table's rows for each value of a key, many values in parallel.

    `query` is added to each request. Rows are listed newest first, and those before `oldest` are not needed.
    """
    table = key.listed_by or table
    if table.listing is None:
        return _by_search(table, key, values)
    listing = table.listing

    async def gather(gathering: Gathering) -> None:
        async def fetch(value: str) -> None:
            parameters = {**({key.parameter: value} if key.parameter else {}), **(query or {})}
            async for page in walk(gathering.transport, at(listing, value), parameters):
                await gathering.take(page, key=value)
                if listing.paging is Paging.WHOLE and (page.total_count or 0) > page.count:
                    _cut(gathering, key, value, page.total_count or 0, page.count)
                if oldest is not None and _older(page.next, oldest):
                    break

        await gathering.each_of(values, fetch, unit=key.nouns)

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

        async def fetch(value: str) -> None:
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

        await gathering.each_of(values, fetch, unit=key.nouns)

    return gather
