"""What it costs to answer a query in a process apart, beside the session's own answer."""

import time
from statistics import median

import pandas as pd

from intercom_kit import Workspace, connect
from intercom_kit.sandbox import serve_in_child

TIMES = 15
MEMORY = "2GB"
QUERIES = {
    "a constant": "select 1 as one",
    "a count by state": "select state, count(*) as n from conversations group by state",
    "five rows": "select id, state, created_at from conversations where state = 'open' limit 5",
    "a join": "select k.role, count(*) as n from conversations c join contacts k on k.id = c.contact_id group by 1",
    "all columns": "select * from conversations",
}


def compare() -> pd.DataFrame:
    """Answer each query from what is held, here and apart in turn; give medians in milliseconds."""
    size = {"conversations": 3_000, "contacts": 1_000, "companies": 100}
    with (
        serve_in_child(**size, seed=7, rate_limit=100_000_000) as address,
        connect(address.token, base_url=address.base_url) as ws,
    ):
        spent: dict[str, tuple[list[float], list[float]]] = {query: ([], []) for query in QUERIES.values()}
        for again in range(TIMES + 1):  # one after the other, as an assistant asks: none finds its tables as they are
            for query, (here, there) in spent.items():
                both = _milliseconds(ws, query, None), _milliseconds(ws, query, MEMORY)
                if again:  # the first time fetches
                    here.append(both[0])
                    there.append(both[1])
    medians = {name: tuple(map(median, spent[query])) for name, query in QUERIES.items()}
    rows = [(name, here, there, there - here) for name, (here, there) in medians.items()]
    return pd.DataFrame(rows, columns=["query", "here (ms)", "apart (ms)", "more (ms)"]).round(1)


def _milliseconds(ws: Workspace, query: str, within: str | None) -> float:
    began = time.perf_counter()
    ws.sql(query, apart=within, fresh="session", timeout=60, max_rows=100_000)
    return 1_000 * (time.perf_counter() - began)
