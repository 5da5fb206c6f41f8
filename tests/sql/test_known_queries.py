"""Each of the 45 queries is answered as over all data, for at most the rows and requests that are stated."""

from collections.abc import Iterator

import pandas as pd
import pytest

from intercom_kit import Workspace, connect
from intercom_kit.frames.frame import result_frame
from intercom_kit.frames.receipt import Receipt
from intercom_kit.sandbox import Sandbox, serve
from tests.conftest import NOW
from tests.mixes import WORLDS, odd_workspace

from .known import KNOWN, Known
from .whole import Whole, difference, rows_of

SIZE = {"conversations": 400, "contacts": 200, "companies": 40}

# What comes besides: times are asked for by whole days, and where the newest are wanted, a few more of them.
AROUND = 8


@pytest.fixture(scope="module")
def served() -> Iterator[Sandbox]:
    """A sandbox that nobody changes."""
    with serve(**SIZE, seed=7, now=NOW, rate_limit=1_000_000) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def everything(served: Sandbox) -> Iterator[Whole]:
    with connect(served.token, base_url=served.base_url) as ws:
        whole = Whole(ws)
    admins = whole.values("conversations", "admin_assignee_id")
    whole.database.register("wanted", pd.DataFrame({"admin": admins[:2], "note": ["first", "second"]}))
    yield whole
    whole.close()


@pytest.fixture(scope="module", params=WORLDS[::2])
def odd(request: pytest.FixtureRequest) -> Iterator[Workspace]:
    """The same workspace where Intercom behaves otherwise."""
    with odd_workspace(request.param, request.config.getoption("--mix-seed"), **SIZE) as workspace:
        yield workspace


def filled(text: str, whole: Whole) -> str:
    """Put values that occur into a query."""
    contact = whole.rows("select contact_id, count(*) n from conversations group by 1 order by n desc, 1 limit 1")[0][0]
    ids = ", ".join(f"'{each}'" for each in whole.values("conversations", "id")[:400:20])
    admin = whole.values("conversations", "admin_assignee_id")[0]
    for name, value in {"contact": contact, "ids": ids, "admin": admin}.items():
        text = text.replace(f"{{{name}}}", value)
    return text


@pytest.mark.sampled(2)
@pytest.mark.parametrize("known", KNOWN.values(), ids=KNOWN)
def test_it_is_answered_for_what_it_may_cost(served: Sandbox, everything: Whole, known: Known) -> None:
    with connect(served.token, base_url=served.base_url) as ws:
        assert not wrong(ws, everything, known)
        fetched = ws.fetches.groupby("table")["rows"].sum().to_dict()
        requests = ws.fetches["requests"].sum()
    most = {
        table: len(everything.rows(f"from {table} where {filled(rows, everything)}"))
        for table, rows in known.rows.items()
    }
    assert fetched.keys() <= most.keys()
    for table, rows in fetched.items():
        assert most[table] <= rows <= most[table] + AROUND, table
    assert requests <= known.requests


@pytest.mark.sampled(2)
@pytest.mark.parametrize("known", KNOWN.values(), ids=KNOWN)
def test_it_is_answered_alike_however_intercom_behaves(odd: Workspace, everything: Whole, known: Known) -> None:
    assert not wrong(odd, everything, known)


def wrong(ws: Workspace, everything: Whole, known: Known) -> str:
    """Say how the answer to a query differs from that over all data; nothing held counts."""
    query = filled(known.query, everything)
    frames = {"wanted": everything.database.sql("from wanted").df()} if "wanted" in query else None
    answer = ws.sql(query, known.parameters or None, frames=frames, fresh="refetch")
    expected = everything.database.execute(query, known.parameters or None)
    return difference(rows_of(result_frame(expected, Receipt("whole"))), rows_of(answer))


def test_the_queries_need_less_than_everything_and_find_something(served: Sandbox, everything: Whole) -> None:
    """Bounds that everything meets, or answers without rows, would prove nothing."""
    total = len(everything.rows("from conversations"))
    bounded = [known for known in KNOWN.values() if known.rows.get("conversations") != "true"]
    for known in bounded:
        for table, rows in known.rows.items():
            assert 0 < len(everything.rows(f"from {table} where {filled(rows, everything)}")) < total
    assert len(KNOWN) == 45
