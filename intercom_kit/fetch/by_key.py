"""The requests for a table that Intercom lists for a given key only, such as the events of one contact."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from intercom_kit.fetch.gathering import Gathering, Work
from intercom_kit.paging.pages import walk
from intercom_kit.paging.paths import at
from intercom_kit.search.filters import search_body
from intercom_kit.tables import SEGMENTS, Key, Paging, Table


def by_key(
    table: Table,
    key: Key,
    values: list[str],
    *,
    query: Mapping[str, Any] | None = None,
    oldest: datetime | None = None,
) -> Work:
    """Request the rows of a table for each of some values of a key, many at once.

    `query` is added to each request. Rows are listed the newest first, and need not be older than `oldest`.
    """
    table = key.listed_by or table
    if table.listing is None:
        return _by_search(table, key, values)
    listing = table.listing

    async def gather(gathering: Gathering) -> None:
        async def ask(value: str) -> None:
            parameters = {**listing.query, **({key.parameter: value} if key.parameter else {}), **(query or {})}
            async for page in walk(gathering.transport, at(listing, value), parameters):
                await gathering.take(page, asked=value)
                if listing.paging is Paging.WHOLE and (page.total_count or 0) > page.count:
                    _cut(gathering, key, value, page.total_count or 0, page.count)
                if oldest is not None and _older(page.next, oldest):
                    break

        await gathering.each_of(values, ask, unit=key.nouns)

    return gather


def _cut(gathering: Gathering, key: Key, value: str, total: int, came: int) -> None:
    rows = gathering.table.name.replace("_", " ").removeprefix(f"{key.noun} ")
    gathering.receipt.cut(f"{key.noun} {value} has {total:,} {rows}, of which Intercom gives {came:,}")


def _older(following: Any, oldest: datetime) -> bool:
    """Return whether the next page, which begins before the milliseconds its address names, is older than wanted."""
    before = str(following).partition("before=")[2].partition("&")[0]
    return before.isdigit() and int(before) / 1000 < oldest.timestamp()


def _by_search(table: Table, key: Key, values: list[str]) -> Work:
    """Search for the contacts of each segment, 150 a request, and for the segments' names with one more."""
    found, every = table.search, SEGMENTS.listing
    assert found is not None and every is not None  # noqa: S101, PT018 - declared

    async def gather(gathering: Gathering) -> None:
        answer = await gathering.transport.get(every.path, items=every.items)
        names = {each.get("id"): each.get("name") for each in answer.members(every.items)}

        async def ask(value: str) -> None:
            body = search_body([{"field": key.column, "operator": "=", "value": value}])
            came, total = set[str](), 0
            async for page in walk(gathering.transport, found, body=body):
                ids = [each.get("id") for each in page.members(found.items)]
                came.update(map(str, ids))
                total = page.total_count or 0
                named = [{"id": id, f"{key.noun}_name": names.get(value)} for id in ids]
                await gathering.take(replace(page, text=json.dumps({found.items: named})), asked=value)
            if len(came) < total:  # rows may move between pages while they are read
                gathering.receipt.failures[value] = f"Intercom counts {total:,} members, and {len(came):,} came"
                gathering.receipt.cut(f"of {key.noun} {value} {len(came):,} of {total:,} members came")

        await gathering.each_of(values, ask, unit=key.nouns)

    return gather
