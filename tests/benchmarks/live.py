"""Live SQL at the size of a large workspace: 100,000 conversations at 150 ms, all in one run against one sandbox.

The sandbox writes every object's text once, beforehand: Intercom's own work is not ours to measure. What one process
serves here and another asks shares the machine, so times are upper bounds.
"""

import math
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from statistics import median
from typing import Any
from unittest.mock import patch

import pandas as pd

import intercom_kit as ik
from intercom_kit.api.budget import RateBudget
from intercom_kit.fetch import whole_search
from intercom_kit.search import spans
from intercom_kit.sql.own_frames import OwnFrames
from intercom_kit.sql.prepared import table_names
from tests.benchmarks.served import Served, sandbox
from tests.sql.known import KNOWN

CONVERSATIONS = 100_000
LATENCY = 0.15  # seconds
PER_PAGE = 150
PAGES = math.ceil(CONVERSATIONS / PER_PAGE)
SAMPLE_PAGES = 40  # what follows one cursor takes as long for every page, so it is measured on these and scaled
SINGLES = 20_000
BOUND = 166.6  # requests a second, which is 1,666 in ten seconds
COUNT = "select count(*) as n from conversations"

Row = dict[str, Any]


@contextmanager
def served(behaves: str = "documented") -> Iterator[Served]:
    """Serve 100,000 conversations with Intercom's latency and rate limit."""
    size = ("--conversations", str(CONVERSATIONS), "--contacts", "10000", "--companies", "1000", "--seed", "7")
    options = ("--latency", str(LATENCY), "--behaves", behaves)
    with sandbox(*size, *options, remembered=CONVERSATIONS) as running:
        with readers(32), ik.connect(running.token, base_url=running.base_url) as ws:
            ws.sql(COUNT, max_requests=10_000)  # from now on the sandbox has all texts
        yield running


@contextmanager
def readers(count: int) -> Iterator[None]:
    """Let so many cursors read at once."""
    with patch.object(spans, "READERS", count):
        yield


@contextmanager
def one_cursor() -> Iterator[None]:
    """Never cut a search into spans."""
    with patch.object(whole_search, "SHORT_SEARCH", math.inf):
        yield


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Give the seconds that some work takes, and what it gives."""
    started = time.perf_counter()
    done = work()
    return time.perf_counter() - started, done


def worked(work: Callable[[], Any]) -> tuple[Row, Any]:
    """Give the seconds that some work takes, and those of a core; the latter hardly depend on who else works."""
    began = time.process_time()
    seconds, done = timed(work)
    return {"seconds": seconds, "core seconds": time.process_time() - began}, done


def listing(at: Served) -> pd.DataFrame:
    """Compare ways of reading all conversations."""
    rows: list[Row] = [_official_sdk(at), _cursor(at)]
    rows += [_ours(at, 16), _ours(at, 32)]
    table = pd.DataFrame(rows)
    table["requests / pages"] = table["requests"] / PAGES
    table["seconds / floor"] = table["seconds"] / table["floor"]
    table["times quicker than the SDK"] = table["seconds"].iloc[0] / table["seconds"]
    return table


def _official_sdk(at: Served) -> Row:
    from intercom import Intercom

    client: Any = Intercom(token=at.token, base_url=at.base_url)

    def walk() -> list[Any]:
        pager: Iterable[Any] = client.conversations.list(per_page=PER_PAGE)
        return list(islice(pager, SAMPLE_PAGES * PER_PAGE))

    return _scaled("python-intercom: conversations.list", worked(walk)[0])


def _cursor(at: Served) -> Row:
    with one_cursor(), ik.connect(at.token, base_url=at.base_url) as ws:
        return _scaled("intercom_kit, one cursor", worked(lambda: ws.conversations(SAMPLE_PAGES * PER_PAGE))[0])


def _scaled(way: str, took: Row) -> Row:
    """Tell what all pages would take, from what some did."""
    way = f"{way} ({SAMPLE_PAGES} of {PAGES} pages, scaled)"
    scaled = {name: seconds * PAGES / SAMPLE_PAGES for name, seconds in took.items()}
    return {"way": way, **scaled, "requests": PAGES, "floor": PAGES * LATENCY}


def _ours(at: Served, count: int) -> Row:
    with readers(count), ik.connect(at.token, base_url=at.base_url) as ws:
        took, answer = worked(lambda: ws.sql(COUNT, max_requests=10_000))
        assert answer["n"][0] == CONVERSATIONS
        requests = int(answer.attrs["intercom"]["requests"])
    way = f"intercom_kit: ws.sql, {count} cursors"
    return {"way": way, **took, "requests": requests, "floor": PAGES * LATENCY / count}


def behaviours(at: Served) -> pd.DataFrame:
    """Read all conversations under both presets, in sessions that find out how Intercom behaves and that know."""
    rows = _behaving(at, "documented")
    with served("measured") as measured:
        rows += _behaving(measured, "measured")
    table = pd.DataFrame(rows)
    table["times documented"] = table["seconds"] / table["seconds"].iloc[1]
    return table


def _behaving(at: Served, preset: str) -> list[Row]:
    rows = []
    with ik.connect(at.token, base_url=at.base_url) as ws:
        for session in ("finds out", "knows"):
            took, answer = worked(lambda: ws.sql(COUNT, max_requests=10_000))
            assert answer["n"][0] == CONVERSATIONS
            requests = int(answer.attrs["intercom"]["requests"])
            rows.append({"preset": preset, "session": session, **took, "requests / pages": requests / PAGES})
            ws.forget()
    return rows


def single(at: Served) -> pd.DataFrame:
    """Ask for conversations one by one, as their parts have to be, as quickly as the rate limit lets."""
    refused = 0
    true = RateBudget.exhaust

    def counted(budget: RateBudget, pause: float) -> None:
        nonlocal refused
        refused += 1
        true(budget, pause)

    with ik.connect(at.token, base_url=at.base_url) as ws, patch.object(RateBudget, "exhaust", counted):
        ids = ws.conversations(SINGLES)["id"]
        time.sleep(10 - time.time() % 10)  # begin with a whole window
        took, parts = worked(lambda: ws.conversation_parts(ids))
    requests = int(parts.attrs["intercom"]["requests"])
    speed = requests / took["seconds"]
    row = {"requests": requests, **took, "a second": speed}
    shares = {"share of the bound": speed / BOUND, "share of 429": refused / requests}
    return pd.DataFrame([{"way": f"{SINGLES:,} of GET /conversations/{{id}}", **row, **shares}])


def held(at: Served) -> pd.DataFrame:
    """Time the plans of the known queries, and queries over 100,000 rows that are held."""
    with ik.connect(at.token, base_url=at.base_url) as ws:
        ws.sql(COUNT, max_requests=10_000)
        ws.sql("select count(*) from contacts")
        none = OwnFrames({}, table_names())
        plans = [_milliseconds(lambda query=each: ws._queries._planned(query, None, none)) for each in _askable()]
        rows = [_times("plan of a known query", plans)]
        rows += [
            _times(name, [_milliseconds(lambda query=query: ws.sql(query, fresh="session")) for _ in range(7)])
            for name, query in COVERED.items()
        ]
    return pd.DataFrame(rows)


COVERED = {
    "covered: count by state": "select state, count(*) from conversations group by 1",
    "covered: a week's median": "select median(time_to_admin_reply) from conversations "
    "where created_at > now() - interval 7 day",
    "covered: joined to contacts": "select k.role, count(*) from conversations c "
    "join contacts k on k.id = c.contact_id group by 1",
    "covered: newest 10": "select id, created_at, state from conversations order by created_at desc limit 10",
}


def _askable() -> list[str]:
    plain = [known.query for known in KNOWN.values() if not known.parameters and "wanted" not in known.query]
    return [query.replace("{ids}", "'1', '2'") for query in plain]


def _milliseconds(work: Callable[[], Any]) -> float:
    return timed(work)[0] * 1_000


def _times(what: str, times: list[float]) -> Row:
    return {"what": what, "times": len(times), "median ms": median(times), "longest ms": max(times)}


PARTS: dict[str, tuple[str, Callable[[Served], pd.DataFrame]]] = {
    "listing": (f"reading {CONVERSATIONS:,} conversations at {LATENCY * 1e3:.0f} ms", listing),
    "behaviours": ("reading them under both presets of Intercom's behaviours", behaviours),
    "held": ("planning, and asking again what is held", held),
    "single": ("one by one, under 1,666 requests per 10 s", single),
}
