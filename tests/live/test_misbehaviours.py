"""Whatever the server does with its pages, a verb gives the right rows, says that they are not all, or raises.

Never does it go on for ever, and never are rows called complete that are not.
"""

import time
from collections.abc import Callable, Iterator

import pandas as pd
import pytest

from intercom_kit import Workspace, connect
from intercom_kit.errors import IntercomError
from intercom_kit.sandbox import Sandbox, serve
from tests.conftest import NOW

from .truth import told

pytestmark = pytest.mark.sampled(6)

# Seconds; the server answers at once.
BOUND = 30

PAGES = [
    "cursor_stuck",
    "cursor_alternates",
    "empty_pages",
    "next_forever",
    "next_dropped",
    "page_repeated",
    "page_skipped",
    "total_missing",
    "total_high",
    "total_low",
    "null_entries",
    "search_404",
    "events_same_ms",
]

# These change what is told of the rows, and not which come.
HARMLESS = {"page_repeated", "total_missing", "total_low", "null_entries", "next_forever", "events_same_ms"}

# Of these a page more or less decides which rows come.
LIMITED = ("some contacts", "some companies", "the oldest users", "the newest conversations")

Verb = Callable[[Workspace], pd.DataFrame]
VERBS: dict[str, Verb] = {
    "conversations": lambda ws: ws.conversations(None),
    "the newest conversations": lambda ws: ws.conversations(200),
    "conversations by state": lambda ws: ws.conversations(None, state="closed"),
    "conversations by words": lambda ws: ws.search_conversations("the", limit=None),
    "contacts": lambda ws: ws.contacts(),
    "some contacts": lambda ws: ws.contacts(200),
    "users": lambda ws: ws.contacts(role="user"),
    "the oldest users": lambda ws: ws.contacts(200, role="user"),
    "companies": lambda ws: ws.companies(),
    "some companies": lambda ws: ws.companies(70),
    "contacts of a company": lambda ws: ws.company_contacts(largest_company(ws)),
    "events": lambda ws: ws.events([busiest(ws)], by="id"),
    "conversations by SQL": lambda ws: ws.sql("select id from conversations order by id"),
    "the newest by SQL": lambda ws: ws.sql("select id from conversations order by created_at desc, id desc limit 20"),
    "contacts by SQL": lambda ws: ws.sql("select id from contacts order by id"),
    "events by SQL": lambda ws: ws.sql(f"select id from events where intercom_user_id = '{busiest(ws)}' order by id"),
}

_known: dict[str, str] = {}


def largest_company(ws: Workspace) -> str:
    """Return the company with most contacts, which was found before anything went wrong."""
    return _known.setdefault("company", str(ws.companies().sort_values("user_count")["id"].iloc[-1]))


def busiest(ws: Workspace) -> str:
    """Return the contact with most events, which was found before anything went wrong."""
    if "contact" not in _known:
        events = ws.events(ws.contacts(150))
        _known["contact"] = str(events["intercom_user_id"].value_counts().index[0])
    return _known["contact"]


@pytest.fixture(scope="module")
def served() -> Iterator[Sandbox]:
    with serve(conversations=420, contacts=430, companies=150, seed=7, now=NOW, rate_limit=10**8) as running:
        yield running


@pytest.fixture(scope="module")
def right(served: Sandbox) -> dict[str, list[str]]:
    """The ids that each verb gives where nothing goes wrong."""
    with connect(served.token, base_url=served.base_url) as ws:
        found = {name: [str(each) for each in verb(ws)["id"]] for name, verb in VERBS.items()}
    assert all(len(ids) > 19 for ids in found.values()), {name: len(ids) for name, ids in found.items()}
    return found


def with_suppressed_errors(verb: Verb, ws: Workspace) -> pd.DataFrame | None:
    """Return what a verb gives; None where it says that it cannot."""
    try:
        return verb(ws)
    except IntercomError:
        return None


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("fault", PAGES)
@pytest.mark.parametrize("rate", [1.0, 0.3])
def test_rows_are_right_or_declared(
    served: Sandbox, right: dict[str, list[str]], fault: str, verb: str, rate: float, quick: None
) -> None:
    begun = time.monotonic()
    with connect(served.token, base_url=served.base_url) as ws:
        served.faults.set(fault, rate)
        frame = with_suppressed_errors(VERBS[verb], ws)
        served.faults.clear()
    assert time.monotonic() - begun < BOUND
    if frame is None:
        assert fault not in HARMLESS
        return
    ids = [str(each) for each in frame["id"] if not pd.isna(each)]
    if told(frame)["complete"] or (fault in HARMLESS and verb not in LIMITED):
        assert sorted(ids) == sorted(right[verb])
    elif verb not in LIMITED:
        assert set(ids) <= set(right[verb])
