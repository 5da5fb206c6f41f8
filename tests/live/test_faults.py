"""Whatever goes wrong on the way, a listing has exactly the right ids, or a typed error is raised."""

import pytest

from intercom_kit import IntercomError, Workspace
from intercom_kit.sandbox import Sandbox

from ..conftest import Begin
from .truth import Truth, ids, told

pytestmark = pytest.mark.usefixtures("quick")

STATUSES = ("408", "429", "500", "502", "503", "504")
BROKEN = ("html", "nonjson", "empty", "drop", "truncate")
HARMLESS = ("changing", "latency")
FAILED_SEARCH = "404"  # of a list, of which nobody gave an id
TABLES = ("contacts", "companies", "segments", "teams", "admins", "tags", "conversations")


@pytest.fixture
def faulty(begin: Begin) -> tuple[Sandbox, Workspace]:
    """A sandbox with enough of everything for several pages."""
    return begin(conversations=460, contacts=400, companies=200, days=500, scroll_idle_seconds=0.2)


def expected(sandbox: Sandbox) -> dict[str, list[str]]:
    """Ask for the truth before anything goes wrong."""
    truth = Truth(sandbox)
    with truth.http:
        small = {"segments": "segments", "teams": "teams", "admins": "admins", "tags": "data"}
        return {
            "contacts": ids(truth.contacts()),
            "companies": ids(truth.companies()),
            "conversations": ids(truth.conversations()),
            **{name: ids(truth.get(f"/{name}")[key]) for name, key in small.items()},
        }


def listed(ws: Workspace, table: str) -> list[str]:
    frame = ws.conversations(limit=None) if table == "conversations" else getattr(ws, table)()
    assert told(frame)["complete"], told(frame)["why"]
    return list(frame["id"])


@pytest.mark.parametrize("fault", [*STATUSES, *BROKEN, *HARMLESS, FAILED_SEARCH])
def test_under_each_fault_every_listing_is_whole(faulty: tuple[Sandbox, Workspace], fault: str) -> None:
    sandbox, ws = faulty
    right = expected(sandbox)
    # What is not Intercom is asked four times only, hence a rate at which four failures in a row are rare.
    sandbox.faults.set(fault, 0.05 if fault in (*BROKEN, FAILED_SEARCH) else 0.2)
    for table in TABLES:
        found = listed(ws, table)
        assert len(found) == len(set(found))
        assert sorted(found) == sorted(right[table]), table


def test_under_all_faults_together_every_listing_is_whole(faulty: tuple[Sandbox, Workspace]) -> None:
    sandbox, ws = faulty
    right = expected(sandbox)
    for fault in (*STATUSES, *BROKEN, *HARMLESS):
        sandbox.faults.set(fault, 0.05)
    whole = 0
    for table in TABLES:
        try:
            found = listed(ws, table)
        except IntercomError:
            continue
        whole += 1
        assert sorted(found) == sorted(right[table]), table
    assert whole >= len(TABLES) - 2, "a typed error is allowed, but not to be the rule"


def test_under_all_faults_events_of_many_contacts_are_whole_or_named(faulty: tuple[Sandbox, Workspace]) -> None:
    sandbox, ws = faulty
    contacts = ws.contacts(30)
    right = ws.events(contacts)
    for fault in (*STATUSES, *BROKEN):
        sandbox.faults.set(fault, 0.05)
    frame = ws.events(contacts)
    failed = set(told(frame)["failures"])
    kept = right[~right["intercom_user_id"].isin(failed)]
    assert set(kept["id"]) <= set(frame["id"]) <= set(right["id"])
    assert told(frame)["complete"] == (not failed)
    assert frame["id"].is_unique


@pytest.mark.parametrize("fault", ["scroll_500", "scroll_expired", "500", "drop", "truncate", "html"])
def test_a_scroll_under_faults_is_whole_or_an_error(begin: Begin, monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    monkeypatch.setattr("intercom_kit.fetch.listing.LARGEST_PAGED_LIST", 300)  # so that few companies are scrolled
    records = [{"id": f"{n:024x}", "created_at": n} for n in range(1, 651)]
    sandbox, ws = begin(records={"companies": records}, scroll_idle_seconds=0.1)
    sandbox.faults.set(fault, 0.1)
    whole = 0
    for _ in range(4):
        try:
            frame = ws.companies()
        except IntercomError:
            continue
        whole += told(frame)["complete"]
        assert frame["id"].is_unique
        assert told(frame)["complete"] == (len(frame) == len(records))
    assert whole, "not one scroll of four came through"


def test_a_contact_that_is_created_while_contacts_are_listed_harms_nobody(
    faulty: tuple[Sandbox, Workspace], monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox, ws = faulty
    right = expected(sandbox)["contacts"]
    pages = 0

    def newcomer(*names: str) -> bool:
        nonlocal pages
        if "changing" in names and (pages := pages + 1) == 2:
            record = {"id": "a" * 24, "role": "user", "created_at": 1, "updated_at": 2}
            sandbox.upsert("contacts", record)
        return False

    monkeypatch.setattr(sandbox.faults, "happens", newcomer)
    found = list(ws.contacts()["id"])
    assert len(found) == len(set(found))
    assert set(right) <= set(found) <= {*right, "a" * 24}


def test_a_company_that_moves_between_pages_is_neither_lost_nor_doubled(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = [{"id": f"{n:024x}", "created_at": n, "last_request_at": n} for n in range(1, 200)]
    sandbox, ws = begin(records={"companies": records})
    asked = 0

    def active(*names: str) -> bool:
        nonlocal asked
        if "changing" in names and (asked := asked + 1) == 2:
            for record in records[:30]:  # the last pages' companies come to the front
                sandbox.upsert("companies", {"id": record["id"], "last_request_at": 1000})
        return False

    monkeypatch.setattr(sandbox.faults, "happens", active)
    found = list(ws.companies()["id"])
    assert sorted(found) == sorted(ids(records))
    assert asked > 4, "the list was not read again"
