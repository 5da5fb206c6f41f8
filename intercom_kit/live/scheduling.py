"""The order of fetches: independent scans in parallel, and a scan that takes values from others after these."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, TypeVar

from intercom_kit.live.joins import Joins, is_listed_by_key
from intercom_kit.sql.needs import Scan

Result = TypeVar("Result")


async def together(works: Iterable[Awaitable[None]]) -> None:
    """Run awaitables in parallel; if one fails or the run is interrupted, the others are cancelled first."""
    await gathered(works)


async def gathered(works: Iterable[Awaitable[Result]]) -> list[Result]:
    """Run awaitables as `together` does, and return their results."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        return await asyncio.gather(*tasks)
    finally:
        await _stopped(tasks)


async def _stopped(tasks: "Iterable[asyncio.Future[Any]]") -> None:
    tasks = list(tasks)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


class Schedule:
    """The order of a query's fetches: `fetch` runs for every scan as soon as those it depends on are done."""

    def __init__(self, joins: Joins, fetch: Callable[[Scan], Awaitable[None]]) -> None:
        self._joins = joins
        self._fetch = fetch

    async def run(self, scans: list[Scan]) -> None:
        """Fetch the scans; a failure cancels those that still run."""
        waiting, running = list(scans), dict[asyncio.Future[None], Scan]()
        try:
            while waiting or running:
                for scan in self._ready(waiting, list(running.values())):
                    waiting.remove(scan)
                    running[asyncio.ensure_future(self._fetch(scan))] = scan
                done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
                    self._joins.done.append(running.pop(task))
        finally:
            await _stopped(running)

    def _ready(self, waiting: list[Scan], running: list[Scan]) -> list[Scan]:
        """Return the scans to fetch now: those that depend on nothing, or only on scans that are done.

        If scans wait for each other, one goes first: preferably one that has some of its values, and one whose table
        can be read completely rather than key by key.
        """
        awaited = {id(scan): self._joins.awaited(scan) for scan in waiting}
        free = [scan for scan in waiting if not awaited[id(scan)]]
        if free or not waiting:
            return free
        known = [
            scan
            for scan in waiting
            if any(source in self._joins.done for source in self._joins.sources(scan))
            and not any(source in running for source in awaited[id(scan)])
        ]
        settled = [scan for scan in known if not any(source in waiting for source in awaited[id(scan)])]
        if settled or running:
            return settled
        return [min(known or waiting, key=is_listed_by_key)]
