"""Every verb gives the right rows, whichever of the behaviours hold that sources differ on."""

from collections.abc import Callable, Iterator
from typing import Any

import pandas as pd
import pytest

from intercom_kit import Workspace, connect
from intercom_kit.concurrency import loop
from intercom_kit.fetch import gathering, whole_search
from intercom_kit.fetch.meter import Meter
from intercom_kit.sandbox import Sandbox, serve
from intercom_kit.search.spans import Search
from intercom_kit.tables import CONVERSATIONS
from tests.conftest import NOW
from tests.mixes import mix

from .truth import Record, Truth, ids, told

pytestmark = pytest.mark.sampled(4)

DAY = 86_400
MIXES = 4


@pytest.fixture(scope="module")
def served() -> Iterator[Sandbox]:
    """A sandbox whose behaviours change, and whose rows do not: searches of it take several pages."""
    with serve(conversations=700, contacts=600, companies=40, seed=7, now=NOW, rate_limit=10**8) as running:
        yield running


@pytest.fixture(scope="module")
def all_of_it(served: Sandbox) -> Iterator[Truth]:
    asking = Truth(served)
    with asking.http:
        asking.contacts(), asking.conversations()
        yield asking


@pytest.fixture(scope="module", params=["documented", "measured", *range(MIXES)])
def behaving(served: Sandbox, all_of_it: Truth, request: pytest.FixtureRequest) -> Sandbox:
    """The sandbox under a preset, or a mix that every run draws anew."""
    seed = request.config.getoption("--mix-seed")
    words = [request.param] if isinstance(request.param, str) else mix(seed + request.param)
    print(f"seed {seed}: {words}")
    served.behaves("documented", *words)
    return served


def created(first: float, last: float) -> Callable[[Record], bool]:
    return lambda record: NOW - first * DAY <= record["created_at"] < NOW - last * DAY


def at(days: float) -> pd.Timestamp:
    return pd.Timestamp(NOW - int(days * DAY), unit="s", tz="UTC")


Verb = Callable[[Workspace], pd.DataFrame]
Meant = Callable[[Truth], list[Record]]

LISTINGS: dict[str, tuple[Verb, Meant]] = {
    "all conversations": (lambda ws: ws.conversations(None), lambda truth: truth.conversations()),
    "the newest 500": (lambda ws: ws.conversations(), lambda truth: truth.conversations()[:500]),
    "the newest 3": (lambda ws: ws.conversations(3), lambda truth: truth.conversations()[:3]),
    "the newest 20 that are closed": (
        lambda ws: ws.conversations(20, state="closed"),
        lambda truth: [each for each in truth.conversations() if each["state"] == "closed"][:20],
    ),
    "conversations of some days": (
        lambda ws: ws.conversations(None, since=at(40.3), until=at(9.6)),
        lambda truth: list(filter(created(40.3, 9.6), truth.conversations())),
    ),
    "conversations that changed in some days": (
        lambda ws: ws.conversations(None, updated_since=at(25.3), updated_until=at(20.6)),
        lambda truth: [
            each for each in truth.conversations() if NOW - 25.3 * DAY <= each["updated_at"] < NOW - 20.6 * DAY
        ],
    ),
    "the newest 30 conversations since a time": (
        lambda ws: ws.conversations(30, since=at(200.5), until=at(100.4)),
        lambda truth: list(filter(created(200.5, 100.4), truth.conversations()))[:30],
    ),
    "all contacts": (lambda ws: ws.contacts(), lambda truth: truth.contacts()),
    "the oldest 7 users": (
        lambda ws: ws.contacts(7, role="user"),
        lambda truth: [each for each in truth.contacts() if each["role"] == "user"][:7],
    ),
    "contacts of some days": (
        lambda ws: ws.contacts(since=at(150.7), until=at(60.2)),
        lambda truth: list(filter(created(150.7, 60.2), truth.contacts())),
    ),
    "conversations by SQL": (
        lambda ws: ws.sql("select id from conversations where created_at >= $since order by created_at desc, id desc",
                          {"since": at(33.4)}),
        lambda truth: list(filter(created(33.4, -9), truth.conversations())),
    ),
    "the newest conversations by SQL": (
        lambda ws: ws.sql("select id from conversations order by created_at desc, id desc limit 25"),
        lambda truth: truth.conversations()[:25],
    ),
    "contacts by SQL": (
        lambda ws: ws.sql("select id from contacts where created_at < $until order by created_at, id",
                          {"until": at(300.1)}),
        lambda truth: list(filter(created(9_999, 300.1), truth.contacts())),
    ),
}  # fmt: skip


@pytest.mark.parametrize("listing", LISTINGS)
def test_the_rows_that_are_meant_come(behaving: Sandbox, all_of_it: Truth, listing: str) -> None:
    verb, meant = LISTINGS[listing]
    expected = ids(meant(all_of_it))
    assert expected
    with connect(behaving.token, base_url=behaving.base_url) as ws:
        frame = verb(ws)
        assert list(frame["id"]) == expected
        assert told(frame)["complete"] == (told(frame)["why"] == "")
        assert told(frame)["complete"] or told(frame)["why"].startswith("limit=")


@pytest.mark.parametrize("listing", LISTINGS)
def test_they_come_too_once_the_session_knows_how_intercom_behaves(
    behaving: Sandbox, all_of_it: Truth, listing: str
) -> None:
    verb, meant = LISTINGS[listing]
    with knowing(behaving) as ws:
        assert ws.status().set_index(["behaviour", "object"])["found"].notna()[("sort", "conversations")]
        assert list(verb(ws)["id"]) == ids(meant(all_of_it))


def knowing(sandbox: Sandbox) -> Workspace:
    """Connect, and find out."""
    ws = connect(sandbox.token, base_url=sandbox.base_url)
    ws.conversations(None)
    ws.contacts()
    return ws


def test_what_is_found_is_what_holds(behaving: Sandbox) -> None:
    with knowing(behaving) as ws:
        found = ws.status().set_index(["behaviour", "object"])["found"]
    for kind in ("contacts", "conversations"):
        in_force = {name: behaving.behaviours.of(name, kind) for name in ("search-days", "sort")}
        assert found["sort", kind] == in_force["sort"]
        assert found["search-days", kind] in (in_force["search-days"], "utc or workspace")
        assert (found["search-days", kind] == "seconds") == (in_force["search-days"] == "seconds")


def test_finding_out_costs_one_request_for_each_table_and_session(served: Sandbox) -> None:
    served.behaves("documented")
    with connect(served.token, base_url=served.base_url) as ws:
        first = told(ws.conversations(None))["requests"]
        ws.forget()
        # Another one shows whether the token may read tickets.
        assert told(ws.conversations(None))["requests"] == first - 2


@pytest.mark.parametrize(("missing", "said"), [((), "Tickets are among"), (("read_tickets",), "may not read tickets")])
def test_the_receipt_says_whether_tickets_are_among_the_conversations(missing: tuple[str, ...], said: str) -> None:
    records = [
        {
            "id": str(number),
            "created_at": NOW - number * 900,
            "updated_at": NOW - number * 900,
            "ticket": {"type": "ticket", "id": str(number)} if number % 9 == 0 else None,
        }
        for number in range(600)
    ]
    with (
        serve(records={"conversations": records}, now=NOW, missing_scopes=missing) as sandbox,
        connect(sandbox.token, base_url=sandbox.base_url) as ws,
    ):
        frame = ws.conversations(None)
        assert len(frame) == (600 if not missing else 533)
        assert said in frame.receipt
        assert said in ws.sql("select count(*) from conversations").receipt


@pytest.mark.parametrize("words", [["documented"], ["measured"]])
def test_what_changed_is_seen_by_the_next_query(words: list[str]) -> None:
    with (
        serve(conversations=500, contacts=30, companies=9, seed=7, rate_limit=10**8, behaves=words) as sandbox,
        connect(sandbox.token, base_url=sandbox.base_url) as ws,
    ):
        ws.sql("select count(*) from conversations")
        closed = ws.sql("select id from conversations where state = 'open' limit 1")["id"][0]
        changed = {"id": closed, "state": "closed", "open": False, "updated_at": int(sandbox.clock())}
        sandbox.upsert("conversations", changed)
        assert ws.sql("select state from conversations where id = $id", {"id": closed})["state"][0] == "closed"


def test_a_departure_from_the_documentation_is_on_the_receipt(served: Sandbox) -> None:
    served.behaves("measured")
    with knowing(served) as ws:
        frame = ws.conversations(5, since=at(30))
    assert "compares dates by whole days" in frame.receipt
    assert "ignores the requested order" in frame.receipt


def test_rows_that_move_between_pages_are_sought_again_where_order_is_ignored(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    options: dict[str, Any] = {"conversations": 400, "contacts": 30, "companies": 9, "seed": 7, "rate_limit": 10**8}
    monkeypatch.setattr(whole_search, "SHORT_SEARCH", 100)  # one cursor reads it all
    with (
        serve(**options, behaves=["measured"]) as sandbox,
        connect(sandbox.token, base_url=sandbox.base_url) as ws,
    ):
        everything = set(ws.conversations(None)["id"])
        ws.forget()
        oldest = sandbox.workspace.conversations.id_of(0)
        take = gathering.Gathering.take
        moved: list[str] = []

        async def moving(self: Any, *page: Any) -> None:
            await take(self, *page)
            if not moved:
                moved.append(oldest)
                sandbox.upsert("conversations", {"id": oldest, "updated_at": int(sandbox.clock())})
                sandbox.upsert("conversations", {"id": "new", "created_at": NOW, "updated_at": int(sandbox.clock())})

        monkeypatch.setattr(gathering.Gathering, "take", moving)
        assert set(ws.conversations(None)["id"]) >= everything


def test_spans_of_what_changed_are_never_taken_for_whole(served: Sandbox) -> None:
    served.behaves("documented")
    with connect(served.token, base_url=served.base_url) as ws:
        session = ws._session
        for search, spans in ((Search(), True), (Search(changed_since=NOW - 900 * DAY), False)):
            gathering = session.gathering(CONVERSATIONS, "", Meter(""))
            loop.run(whole_search.all_found(gathering, search))
            assert gathering.landing.rows() == 700
            assert bool(gathering.spans) is spans
            gathering.landing.close()
