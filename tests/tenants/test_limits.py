"""What one tenant may use: beyond its limits it is told to wait, and the others notice nothing."""

import threading
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import anyio
import pandas as pd
import pytest
from mcp.server.mcpserver.exceptions import ToolError

from intercom_kit.frames.frame import with_receipt
from intercom_kit.frames.receipt import Receipt
from intercom_kit.mcp.arguments import PageRequest
from intercom_kit.mcp.declaring import ToolCall
from intercom_kit.mcp.results import Result, Results
from intercom_kit.mcp.tenants import registry
from intercom_kit.mcp.tenants.limits import Limits
from intercom_kit.mcp.tenants.registry import Tenants
from intercom_kit.mcp.tenants.tenant import Caller, Tenant

from .asking import ISSUER


class Desk:
    """A desk that only tells whether it has ended."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self.stored = tenant.value in ("ann", "bob", "cleo")
        self.opened: Any = None
        self.ended = threading.Event()

    def is_stored(self) -> bool:
        return self.stored

    def end(self) -> None:
        self.ended.set()
        if self.tenant.value == "ann":
            raise RuntimeError("DuckDB does not close")


@pytest.fixture
def calling(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Who calls now: set `name`."""
    now = SimpleNamespace(name="ann")

    def caller(claim: str) -> Caller:
        return Caller(Tenant(ISSUER, claim, now.name), now.name)

    monkeypatch.setattr(registry, "current_caller", caller)
    return now


@pytest.fixture
def few() -> Iterator[Tenants]:
    """Two sessions at a time, with two calls at a time and four a minute."""
    made = Tenants(Desk, "sub", Limits(calls=2, calls_per_minute=4, sessions=2, idle=0.3), "full")  # type: ignore[arg-type]
    yield made
    made.close()


def test_calls_beyond_the_limit_are_refused_for_this_tenant_alone(few: Tenants, calling: SimpleNamespace) -> None:
    with few.entered(), few.entered():
        with pytest.raises(ToolError, match="2 calls of yours are running"), few.entered():
            pass
        calling.name = "bob"
        with few.entered():
            pass
        calling.name = "ann"
    with few.entered():
        pass


def test_calls_a_minute_are_limited(few: Tenants, calling: SimpleNamespace) -> None:
    for _ in range(4):
        with few.entered():
            pass
    with pytest.raises(ToolError, match="4 times within a minute"), few.entered():
        pass
    calling.name = "bob"
    with few.entered():
        pass


def test_one_more_tenant_ends_the_session_that_is_idle_longest(few: Tenants, calling: SimpleNamespace) -> None:
    desks = {}
    for name in ("ann", "bob", "cleo"):
        calling.name = name
        with few.entered() as desk:
            desks[name] = desk
            time.sleep(0.01)
    assert desks["ann"].ended.wait(5)
    assert not desks["bob"].ended.is_set()


def test_strangers_do_not_end_the_sessions_of_those_who_are_connected(few: Tenants, calling: SimpleNamespace) -> None:
    with few.entered() as connected:
        connected.opened = "a workspace"
    for name in ("stranger 1", "stranger 2", "stranger 3"):
        calling.name = name
        with few.entered():
            pass
    assert not connected.ended.is_set()  # type: ignore[attr-defined]


def test_strangers_with_calls_do_not_take_all_places(few: Tenants, calling: SimpleNamespace) -> None:
    with few.entered() as connected:
        connected.opened = "a workspace"  # type: ignore[assignment]
    calling.name = "stranger 1"
    with few.entered():
        calling.name = "stranger 2"
        with pytest.raises(ToolError, match="As many tenants"), few.entered():
            pass
    assert not connected.ended.is_set()  # type: ignore[attr-defined]


def test_a_session_that_fails_to_end_does_not_keep_others_from_ending(few: Tenants, calling: SimpleNamespace) -> None:
    with few.entered() as failing:
        pass
    calling.name = "bob"
    with few.entered() as other:
        assert failing.ended.wait(5)  # type: ignore[attr-defined]
    assert other.ended.wait(5)  # type: ignore[attr-defined]


def test_sessions_with_calls_are_never_ended(few: Tenants, calling: SimpleNamespace) -> None:
    with few.entered() as first:
        calling.name = "bob"
        with few.entered():
            calling.name = "cleo"
            with pytest.raises(ToolError, match="As many tenants"), few.entered():
                pass
        time.sleep(0.7)  # beyond the idle time
        assert not first.ended.is_set()  # type: ignore[attr-defined]
    assert first.ended.wait(5)  # type: ignore[attr-defined]
    assert len(few) == 0


def result_of(rows: int) -> Result:
    frame = with_receipt(pd.DataFrame({"text": ["x" * 1_000] * rows}), Receipt("x"))  # type: ignore[arg-type]
    return Result("tool", "ann", ToolCall(PageRequest()), frame)


def test_results_are_limited_by_number_and_by_memory() -> None:
    many, large = Results(2), Results(30, 150_000)
    assert [many.hold(result_of(1)) for _ in range(3)]
    assert len(many) == 2
    kept = [large.hold(result_of(50)) for _ in range(4)]
    assert len(large) == 2
    assert large.find(kept[0].id, "ann") is None
    assert large.find(kept[3].id, "ann") is kept[3]
    assert large.hold(result_of(500)) is not None
    assert len(large) == 1


def test_threads_of_one_tenant_are_its_own() -> None:
    from intercom_kit.mcp.tenants.desk import TenantDesk

    async def totals() -> list[float]:
        desks = [TenantDesk(Tenant(ISSUER, "sub", name), None, "full", "500MB", Limits(calls=3)) for name in "ab"]
        assert desks[0].threads is not desks[1].threads
        return [desk.threads.total_tokens for desk in desks if desk.threads]

    assert anyio.run(totals) == [3, 3]
