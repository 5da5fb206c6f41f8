"""Work on the background loop comes to its end whenever it ends."""

import asyncio
from concurrent.futures import Future

import pytest

from intercom_kit.concurrency import loop


def test_a_result_that_comes_as_a_wait_ends_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    true, waits = Future.result, 0

    def result(self: "Future[int]", timeout: float | None = None) -> int:
        nonlocal waits
        waits += 1
        value = true(self)
        if waits == 1:
            raise TimeoutError
        return value

    monkeypatch.setattr(Future, "result", result)
    assert loop.run(asyncio.sleep(0, 7)) == 7


def test_an_error_of_the_work_itself_is_given_too() -> None:
    async def late() -> None:
        raise TimeoutError("the work's own")

    with pytest.raises(TimeoutError, match="the work's own"):
        loop.run(late())


@pytest.mark.parametrize("ending", [SystemExit, KeyboardInterrupt])
def test_work_that_wants_to_exit_says_so_to_its_caller_and_the_loop_goes_on(ending: type[BaseException]) -> None:
    async def leave() -> None:
        raise ending

    with pytest.raises(ending):
        loop.run(leave())
    assert loop.run(asyncio.sleep(0, 7)) == 7
