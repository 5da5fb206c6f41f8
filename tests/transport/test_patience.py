"""However an answer fails to come, a call ends within its patience, and says what it waited for."""

import gc
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any, NamedTuple

import pytest

from intercom_kit import IntercomError, connect
from intercom_kit.api.waiting import share

from .answering import free_port
from .certificates import certificate
from .conftest import TOKEN
from .troubling import WAYS, Troubling, resets, says, silent, troubling, written

# httpx may drop the connection of a request that is cut off by time without closing it; its socket closes when it is
# collected, which is here, so that no other test meets the warning.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(scope="module", autouse=True)
def _collected() -> Iterator[None]:
    yield
    gc.collect()


PATIENCE = 1.0
SLACK = 3.0  # seconds, for a machine with other things to do; without patience most of these would take a minute
CHANCES = (0.15, 1.0)
CALLS = 4
AT_ONCE = 24


class Outcome(NamedTuple):
    """How a call ended, and after how many seconds."""

    ended: object
    seconds: float


def timed(call: Callable[[], Any]) -> Outcome:
    began = time.monotonic()
    try:
        ended: object = call()
    except Exception as error:  # noqa: BLE001 - of which the tests say what it must be
        ended = error
    return Outcome(ended, time.monotonic() - began)


def calls(base_url: str, chance: float) -> list[Outcome]:
    """Connect and list teams, a few times where only some requests meet with trouble."""
    begun = timed(lambda: connect(TOKEN, base_url=base_url, patience=PATIENCE))
    if isinstance(begun.ended, Exception):
        return [begun]
    workspace: Any = begun.ended
    try:
        listed = [timed(lambda: list(workspace.teams()["id"])) for _ in range(CALLS if chance < 1 else 1)]
    finally:
        workspace.close()
    return [begun._replace(ended=None), *listed]


def names(chance: float) -> Callable[..., Any]:
    """Look names up as always, but for one whose server mostly says nothing."""
    known, asked = socket.getaddrinfo, iter(range(1_000_000))

    def look_up(host: Any, port: Any, *args: Any, **options: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if str(name).endswith("some.direct.example") and next(asked) % 7 == 0:
            time.sleep(20 * (chance > 0))
        if str(name).endswith("none.direct.example"):
            time.sleep(20)
        return known("127.0.0.1" if str(name).endswith(".direct.example") else host, port, *args, **options)

    return look_up


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[tuple[str, float], list[Outcome]]]:
    """Meet with all kinds of trouble, many at once."""
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setattr("intercom_kit.api.retry.FIRST_PAUSE", 0.01)
        patch.setattr("intercom_kit.api.retry.LONGEST_PAUSE", 0.1)
        served, trusted = certificate(tmp_path_factory.mktemp("certificates"))
        patch.setenv("SSL_CERT_FILE", str(trusted))

        def started(*args: Any, **options: Any) -> Troubling:
            return stack.enter_context(troubling(*args, **options))

        proxy = started(silent, 1.0, at_once=True)
        patch.setattr(socket, "getaddrinfo", names(0.15))
        for variable in ("HTTP_PROXY", "HTTPS_PROXY"):
            patch.delenv(variable, raising=False)
            patch.setenv(variable.lower(), f"http://127.0.0.1:{proxy.port}")
        patch.setenv("no_proxy", ".direct.example")
        pool = stack.enter_context(ThreadPoolExecutor(AT_ONCE))
        under_way: dict[tuple[str, float], Future[list[Outcome]]] = {}

        def begin(name: str, chance: float, base_url: str) -> None:
            under_way[name, chance] = pool.submit(calls, base_url, chance)

        for chance in CHANCES:
            for name, way in WAYS.items():
                begin(name, chance, started(way, chance).base_url)
            for name, way in {"silent at once": silent, "breaks off at once": resets(b"")}.items():
                begin(name, chance, started(way, chance, at_once=True).base_url)
                encrypted = started(way, chance, at_once=True, certificates=served)
                begin(f"{name}, encrypted", chance, encrypted.base_url)
            port = started(says(written()), 0.0).port
            begin("no name", chance, f"http://{'none' if chance == 1 else 'some'}.direct.example:{port}")
        begin("nobody listens", 1.0, f"http://127.0.0.1:{free_port()}")
        begin("a silent proxy", 1.0, "http://far.example")
        begin("a silent proxy, encrypted", 1.0, "https://far.example")
        yield {key: future.result(120) for key, future in under_way.items()}


ALL = [
    *WAYS,
    "silent at once",
    "breaks off at once",
    "silent at once, encrypted",
    "breaks off at once, encrypted",
    "no name",
]
ONLY_ALWAYS = ["nobody listens", "a silent proxy", "a silent proxy, encrypted"]
TROUBLES = [*((name, chance) for name in ALL for chance in CHANCES), *((name, 1.0) for name in ONLY_ALWAYS)]

SAID = {
    "says nothing": "waited .* for an answer to begin",
    "says its status and nothing more": "waited .* for an answer to begin",
    "says its headers and nothing more": "waited .* for the rest of the answer",
    "stops within its body": "waited .* for the rest of the answer",
    "drips its headers": "waited .* for an answer to begin",
    "drips its body": "waited .* for the rest of the answer",
    "drips its body in chunks": "waited .* for the rest of the answer",
    "says to go on, for ever": "waited .* for an answer to begin",
    "answers too late": "waited .* for an answer to begin",
    "wants an absurd pause": r"rate limit is used up until .* waits for 1 s",
    "silent at once, encrypted": r"waited .* \(TLS\)",
    "no name": r"waited .* for the address of none\.direct\.example \(DNS\)",
    "a silent proxy": "through the proxy .* waited .* for an answer to begin",
    "a silent proxy, encrypted": "through the proxy .* waited .* for the proxy to answer",
    "nobody listens": "Connection refused",
}


@pytest.mark.parametrize(("name", "chance"), TROUBLES)
def test_every_call_ends_in_time_with_an_answer_or_a_typed_error(
    name: str, chance: float, outcomes: dict[tuple[str, float], list[Outcome]]
) -> None:
    for ended, seconds in outcomes[name, chance]:
        assert seconds < PATIENCE + SLACK
        assert ended in (None, ["7"]) or isinstance(ended, IntercomError), repr(ended)
    *_, last = outcomes[name, chance]
    if chance == 1 and not name.startswith("lets nobody"):
        assert isinstance(last.ended, IntercomError)


@pytest.mark.parametrize("name", SAID)
def test_the_error_says_what_was_waited_for(name: str, outcomes: dict[tuple[str, float], list[Outcome]]) -> None:
    error = outcomes[name, 1.0][-1].ended
    assert isinstance(error, IntercomError)
    with pytest.raises(IntercomError, match=SAID[name]):
        raise error


def test_most_calls_are_answered_where_few_requests_fail(outcomes: dict[tuple[str, float], list[Outcome]]) -> None:
    ended = [each.ended for (_, chance), found in outcomes.items() if chance < 1 for each in found if each.ended]
    assert ended.count(["7"]) > 0.6 * len(ended)


@pytest.mark.parametrize(
    ("left", "last", "given"), [(120, False, 60), (120, True, 120), (20, False, 20), (0.9, False, 0.9)]
)
def test_an_attempt_leaves_time_for_another_unless_it_would_have_too_little(
    left: float, last: bool, given: float
) -> None:
    assert share(left, 120.0 if left > 1 else 1.0, last=last) == given
