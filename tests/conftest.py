"""Serve one small sandbox, and a workspace connected to it, to all tests that only read."""

import gc
import os
import signal
import time
import zlib
import zoneinfo
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from intercom_kit import Workspace, connect, zones
from intercom_kit.sandbox import Sandbox, serve

NOW = 1_795_377_600  # a Sunday evening in November 2026
SMALL = {"conversations": 40, "contacts": 30, "companies": 12}

Begin = Callable[..., tuple[Sandbox, Workspace]]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let `--mix-seed 7` repeat the mixes of behaviours of a run; the others try more, or other ones."""
    parser.addoption("--fuzz", type=int, default=120, help="how many random queries live SQL answers")
    parser.addoption("--fuzz-seed", type=int, default=1, help="which random queries and conditions these are")
    parser.addoption("--conditions", type=int, default=8_000, help="how many random conditions are read")
    parser.addoption("--statements", type=int, default=300, help="how many random statements are answered or refused")
    parser.addoption("--bombs", type=int, default=12, help="how many queries are tried that would take all there is")
    parser.addoption("--faulty", type=int, default=3, help="how many mixes of faults are tried, and with 10 all verbs")
    parser.addoption("--crowd", type=int, default=4, help="for how many seconds eight threads use two workspaces")
    parser.addoption(
        "--tenancy", type=int, default=3, help="for how many seconds tenants share a server; from 60 on, 8"
    )
    parser.addoption("--top-ups", type=int, default=60, help="how often one session asks what changed")
    parser.addoption("--shots", type=int, default=5, help="how often Ctrl-C is pressed at a random moment")
    parser.addoption(
        "--listings", type=int, default=70, help="how many listings one session makes, many without success"
    )
    parser.addoption("--mix-seed", type=int, default=None, help="which mixes of Intercom's behaviours are tried")
    parser.addoption(
        "--all-cases", action="store_true", help="try every case of tests that try a part of them in a run"
    )
    parser.addoption(
        "--kills", type=int, default=8, help="how many times programs are killed that write profiles or lakes"
    )
    parser.addoption(
        "--copies", type=int, default=150, help="how many times as many rows a large lake has as a small one"
    )
    parser.addoption(
        "--exported", type=int, default=60, help="how many conversations a lake has whose export is killed"
    )
    parser.addoption(
        "--changes", type=int, default=40, help="how many objects change before a lake is brought up to date"
    )
    parser.addoption("--workspaces", type=int, default=1, help="how many workspaces of random people are tried")


def pytest_configure(config: pytest.Config) -> None:
    """Obey Ctrl-C, collect garbage rarely, and draw the seed once, the same for all processes of a run."""
    _obey_interrupts()
    gc.set_threshold(10_000, 10, 20)  # thousands of collected tests are no garbage, and each search of them takes 0.3 s
    given = getattr(config, "workerinput", {}).get("mix_seed", config.option.mix_seed)
    config.option.mix_seed = time.time_ns() % 1_000_000 if given is None else given


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out some cases of tests that are `sampled`, in each run other ones, unless single tests are named."""
    if config.option.all_cases or any("::" in argument for argument in config.args):
        return
    left = [item for item in items if _left_out(item, config.option.mix_seed)]
    config.hook.pytest_deselected(items=left)
    items[:] = [item for item in items if item not in set(left)]


def _left_out(item: pytest.Item, seed: int) -> bool:
    mark = item.get_closest_marker("sampled")
    return mark is not None and zlib.crc32(f"{seed} {item.nodeid}".encode()) % mark.args[0] != 0


def _obey_interrupts() -> None:
    """Restore Python's handler of SIGINT for this process and its children.

    A shell ignores SIGINT in what it runs in the background.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_configure_node(node: Any) -> None:
    """Hand the seed to a process that runs some of the tests."""
    node.workerinput["mix_seed"] = node.config.option.mix_seed


def pytest_report_header(config: pytest.Config) -> str:
    """Print the seed, so that a run can be repeated."""
    return f"mixes of behaviours: --mix-seed {config.option.mix_seed}"


@pytest.fixture(scope="session", autouse=True)
def _nothing_of_the_users_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep tests, and the programs that they start, from the user's stored credentials and keyring."""
    with pytest.MonkeyPatch().context() as patch:
        for name in [name for name in os.environ if name.startswith("INTERCOM_")]:
            patch.delenv(name)
        patch.setenv("INTERCOM_KIT_HOME", str(tmp_path_factory.mktemp("home") / "intercom_kit"))
        patch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
        yield


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    """A sandbox that nobody changes: 600 conversations, 200 contacts, about 80 companies."""
    with serve(conversations=600, contacts=200, companies=100, seed=7, now=NOW) as running:
        yield running


@pytest.fixture(scope="session")
def ws(sandbox: Sandbox) -> Iterator[Workspace]:
    """A workspace connected to the sandbox that nobody changes."""
    with connect(sandbox.token, base_url=sandbox.base_url) as workspace:
        yield workspace


@pytest.fixture
def begin() -> Iterator[Begin]:
    """Start a sandbox of one's own, by default with hardly any data, and connect to it."""
    with ExitStack() as stack:

        def started(*, patience: float = 30.0, region: str | None = None, **options: Any) -> tuple[Sandbox, Workspace]:
            invented = {} if "records" in options else SMALL
            running = stack.enter_context(serve(**{"now": NOW} | invented | options))
            address = {"base_url": running.base_url, "patience": patience}
            return running, stack.enter_context(connect(running.token, region=region, **address))

        yield started


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try again after hardly any pause, and let the sandbox's rate limit reset every second."""
    monkeypatch.setattr("intercom_kit.api.retry.FIRST_PAUSE", 0.01)
    monkeypatch.setattr("intercom_kit.api.retry.LONGEST_PAUSE", 0.2)
    monkeypatch.setattr("intercom_kit.api.budget.PROBE", 0.1)
    monkeypatch.setattr("intercom_kit.sandbox.rate_limit.WINDOW", 1)


@pytest.fixture
def old_zone_data(tmp_path: Path) -> Iterator[None]:
    """A system on which every zone is UTC: as wrong as old zone data can be."""
    utc = resources.files("tzdata").joinpath("zoneinfo", "UTC").read_bytes()
    for name in zones.names():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(utc)
    before = zoneinfo.TZPATH
    zoneinfo.reset_tzpath([str(tmp_path)])
    zoneinfo.ZoneInfo.clear_cache()
    zones.zone.cache_clear()
    yield
    zoneinfo.reset_tzpath(before)
    zoneinfo.ZoneInfo.clear_cache()
    zones.zone.cache_clear()
