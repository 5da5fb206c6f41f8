"""Requests that are cancelled give their connections back, however often that happens."""

import asyncio
import random
import time

import pytest

from intercom_kit import NotConnectedError
from intercom_kit.api.heads import Page
from intercom_kit.api.transport import CONNECTIONS, Transport
from intercom_kit.concurrency import loop

from .answering import Answer
from .conftest import Serve


def slowly(_: object) -> Answer:
    time.sleep(0.01)
    return Answer()


@pytest.fixture
def transport(serve: Serve) -> Transport:
    return Transport(serve(slowly, me=None).base_url, None, patience=20)


def interrupt(transport: Transport, rounds: int, waiting: int = CONNECTIONS) -> None:
    """Send many requests at once and cancel them at any moment, some of them twice."""
    chance = random.Random(5)  # noqa: S311

    async def interrupted() -> None:
        for _ in range(rounds):
            tasks = [asyncio.ensure_future(transport.get("/teams", items="teams")) for _ in range(waiting)]
            await asyncio.sleep(chance.uniform(0, 0.08))
            for _ in range(chance.randint(1, 2)):
                for task in tasks:
                    task.cancel()
                await asyncio.sleep(0)
            await asyncio.gather(*tasks, return_exceptions=True)

    loop.run(interrupted())


def test_after_many_interrupts_as_many_requests_as_ever_are_answered_at_once(transport: Transport) -> None:
    interrupt(transport, rounds=25)

    async def everybody() -> int:
        asked = [transport.get("/teams", items="teams") for _ in range(2 * CONNECTIONS)]
        return len(await asyncio.wait_for(asyncio.gather(*asked), 20))

    assert loop.run(everybody()) == 2 * CONNECTIONS
    loop.run(transport.close())


def test_those_that_wait_for_a_connection_may_be_interrupted_too(transport: Transport) -> None:
    interrupt(transport, rounds=5, waiting=4 * CONNECTIONS)
    assert loop.run(asyncio.wait_for(transport.get("/teams", items="teams"), 20)).count == 1
    assert transport.budget.in_flight == 0
    loop.run(transport.close())


def test_closing_ends_what_is_free_at_once_and_the_rest_with_its_answer(transport: Transport) -> None:
    async def closed() -> list[object]:
        tasks = [asyncio.ensure_future(transport.get("/teams", items="teams")) for _ in range(CONNECTIONS)]
        await asyncio.sleep(0.01)
        tasks[0].cancel()
        await transport.close()
        answers: list[object] = [*await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 20)]
        while transport._under_way:
            await asyncio.sleep(0.01)
        return answers

    answers = loop.run(closed())
    assert sum(isinstance(answer, Page) for answer in answers) == CONNECTIONS - 1
    assert not transport._clients
    with pytest.raises(NotConnectedError):
        loop.run(transport.get("/teams"))
