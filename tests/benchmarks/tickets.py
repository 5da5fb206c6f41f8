"""Read 100,000 tickets with their parts at 150 ms, and the memory that takes beside conversations of the same bytes.

Each way is a process of its own, `python -m tests.benchmarks.tickets WAY BASE_URL TOKEN`, which prints its figures as
JSON. The official SDK walks one page after another: it is stopped after a minute, and compared by rows a second. A
ticket with its parts has about 8.3 kB of JSON here, a conversation 4.6 kB.
"""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import pandas as pd

import intercom_kit as ik
from tests.benchmarks.served import sandbox

TICKETS = 100_000
LATENCY = "0.15"
SDK_SECONDS = 60


def tickets(ws: ik.Workspace) -> int:
    """Read all tickets and their parts into the session."""
    ws.sql("select count(*) from tickets t join ticket_parts p on p.ticket_id = t.id", max_requests=100_000)
    return int(ws.sql("select count(*) as n from tickets", fresh="session")["n"][0])


def conversations(ws: ik.Workspace) -> int:
    """Read all conversations into the session."""
    return int(ws.sql("select count(*) as n from conversations", max_requests=100_000)["n"][0])


WAYS: dict[str, Callable[[ik.Workspace], int]] = {"tickets, with their parts": tickets, "conversations": conversations}


def read(way: str, base_url: str, token: str) -> dict[str, Any]:
    """Read in one way, and tell rows, requests, seconds and the memory that was taken above the start."""
    with ik.connect(token, base_url=base_url) as ws:
        ws.sql("select count(*) from teams")
        before, sent = _peak(), ws.budget["requests"] or 0
        started = time.perf_counter()
        rows = WAYS[way](ws)
        seconds = time.perf_counter() - started
        requests = (ws.budget["requests"] or 0) - sent
    return {"rows": rows, "requests": requests, "seconds": seconds, "memory above the start, MB": _peak() - before}


def read_with_sdk(base_url: str, token: str) -> dict[str, Any]:
    """Search for all tickets with python-intercom, for a minute; its own pager asks for the first page again for ever.

    So its user follows the cursor.
    """
    from intercom import Intercom, SingleFilterSearchRequest

    client: Any = Intercom(token=token, base_url=base_url)
    query = SingleFilterSearchRequest(field="created_at", operator=">", value="0")
    before, started, seen, requests = _peak(), time.perf_counter(), set[str](), 0
    pagination: dict[str, Any] = {"per_page": 50}
    while time.perf_counter() - started < SDK_SECONDS:
        page, requests = client.tickets.search(query=query, pagination=pagination), requests + 1
        seen |= {ticket.id for ticket in page.items}
        pagination = {"per_page": 50, "starting_after": page.response.pages.next.starting_after}
    seconds = time.perf_counter() - started
    return {"rows": len(seen), "requests": requests, "seconds": seconds, "memory above the start, MB": _peak() - before}


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def compare() -> pd.DataFrame:
    """Measure each way in a process of its own, on one sandbox."""
    rows = []
    size = ("--conversations", str(TICKETS), "--contacts", "3000", "--companies", "400", "--tickets", str(TICKETS))
    with sandbox(*size, "--seed", "7", "--latency", LATENCY, remembered=2 * TICKETS) as served:
        for way in (*WAYS, "python-intercom: tickets.search"):
            command = [sys.executable, "-m", "tests.benchmarks.tickets", way, served.base_url, served.token]
            said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            rows.append({"way": way, **json.loads(said.splitlines()[-1])})
    frame = pd.DataFrame(rows)
    frame["rows a second"] = (frame["rows"] / frame["seconds"]).round()
    return frame


if __name__ == "__main__":
    _, chosen, address, secret = sys.argv
    print(json.dumps(read(chosen, address, secret) if chosen in WAYS else read_with_sdk(address, secret)))
