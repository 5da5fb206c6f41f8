"""How the way from page to page can be broken, in each of Intercom's ways to divide a list."""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import pytest

from intercom_kit.sandbox import Sandbox, scroll

from .conftest import NOW, Client, Start

Pages = Iterator[tuple[str, Any, Any]]  # the ids of each page as one text, what points to the next, and the answer
ROWS = 7  # 01 23 45 6
MOST = 9  # steps that are looked at: some faults go on for ever


def record(number: int) -> dict[str, Any]:
    moments = {"created_at": NOW - number, "updated_at": NOW - number, "last_seen_at": NOW - number}
    return {"id": str(number), "name": str(number), "role": "user", **moments}


@pytest.fixture
def broken(start: Start, monkeypatch: pytest.MonkeyPatch) -> tuple[Sandbox, Client]:
    """Serve seven of everything, two on a page."""
    monkeypatch.setattr(scroll, "PAGE", 2)
    rows = [record(number) for number in range(ROWS)]
    companies = [{**row, "user_count": 1, "last_request_at": row["updated_at"]} for row in rows]
    rows[0]["companies"] = {"type": "list", "data": [{"id": row["id"]} for row in rows]}
    events = [{"id": row["id"], "created_at": row["created_at"], "intercom_user_id": "0"} for row in rows]
    kinds = {"contacts": rows[::-1], "conversations": rows, "companies": companies, "events": events}
    return start(records=kinds)


def shown(rows: list[Any]) -> str:
    return "".join("-" if row is None else row["id"] for row in rows)


def by_cursor(client: Client) -> Pages:
    after: dict[str, str] = {}
    while True:
        page = client.get("/conversations", per_page=2, **after)
        following = page["pages"].get("next")
        yield shown(page["conversations"]), following and following["starting_after"], page
        if not following:
            return
        after = {"starting_after": following["starting_after"]}


def by_search(kind: str) -> Callable[[Client], Pages]:
    def walk(client: Client) -> Pages:
        pagination: dict[str, Any] = {"per_page": 2}
        while True:
            query = {"field": "created_at", "operator": ">", "value": 0}
            page = client.search(kind, query, pagination=pagination)
            following = page["pages"].get("next")
            yield shown(page.get("data", page.get(kind))), following and following["starting_after"], page
            if not following:
                return
            pagination["starting_after"] = following["starting_after"]

    return walk


def by_address(path: str, key: str) -> Callable[[Client], Pages]:
    def walk(client: Client) -> Pages:
        page = client.get(path)
        while True:
            yield shown(page[key]), page["pages"]["next"], page
            if not page["pages"]["next"]:
                return
            page = client.http.get(page["pages"]["next"]).json()

    return walk


def by_number(client: Client) -> Pages:
    for number in range(1, MOST):
        page = client.http.post(f"/companies/list?page={number}&per_page=2").json()
        yield shown(page["data"]), page["pages"]["next"], page
        if number >= page["pages"]["total_pages"]:
            return


def by_scroll(client: Client) -> Pages:
    """Scroll on over empty pages too, in the order of the rows' ids."""
    known: dict[str, Any] = {}
    while True:
        answer = client.http.get("/companies/scroll", params=known)
        if answer.status_code == 404:
            return
        page = answer.json()
        yield shown(page["data"]), page["scroll_param"], page
        known = {"scroll_param": page["scroll_param"]}
        if not page["scroll_param"]:
            return


LISTS: dict[str, Callable[[Client], Pages]] = {
    "list": by_cursor,
    "search": by_search("conversations"),
    "search of contacts": by_search("contacts"),
    "companies": by_address("/companies?per_page=2", "data"),
    "companies of a contact": by_address("/contacts/0/companies?per_page=2", "data"),
    "events": by_address("/events?type=user&intercom_user_id=0&per_page=2", "events"),
}
FOR_EVER = {
    "cursor_stuck": ["01", "23", "23", "23", "23", "23", "23", "23", "23"],
    "cursor_alternates": ["01", "23", "45", "23", "45", "23", "45", "23", "45"],
    "empty_pages": ["01", "", "", "", "", "", "", "", ""],
    "next_forever": ["01", "23", "45", "6", "6", "", "6", "", "6"],
}
ENDING = {
    "next_dropped": ["01"],
    "page_repeated": ["01", "01", "23", "23", "45", "45", "6", "6"],
    "page_skipped": ["01", "45"],
}


def walked(client: Client, walk: Callable[[Client], Pages]) -> tuple[list[str], list[Any], list[Any]]:
    pages = list(islice(walk(client), MOST))
    return [page[0] for page in pages], [page[1] for page in pages], [page[2] for page in pages]


@pytest.mark.parametrize("walk", LISTS.values(), ids=LISTS)
def test_a_list_without_faults_has_every_row_once(
    broken: tuple[Sandbox, Client], walk: Callable[[Client], Pages]
) -> None:
    assert walked(broken[1], walk)[0] == ["01", "23", "45", "6"]


@pytest.mark.parametrize("walk", LISTS.values(), ids=LISTS)
@pytest.mark.parametrize("fault", FOR_EVER)
def test_a_list_can_go_on_for_ever(broken: tuple[Sandbox, Client], walk: Callable[[Client], Pages], fault: str) -> None:
    sandbox, client = broken
    sandbox.faults.set(fault, 1)
    shown, pointers, _ = walked(client, walk)
    assert shown == FOR_EVER[fault]
    distinct = {"cursor_stuck": 1, "cursor_alternates": 2}.get(fault, MOST)
    assert len(set(pointers)) == distinct
    assert all(pointers)
    if fault == "cursor_stuck":
        assert pointers[1] == pointers[0]  # the pointer that was sent comes back


@pytest.mark.parametrize("walk", LISTS.values(), ids=LISTS)
@pytest.mark.parametrize("fault", ENDING)
def test_a_list_can_lose_or_repeat_pages_and_then_end(
    broken: tuple[Sandbox, Client], walk: Callable[[Client], Pages], fault: str
) -> None:
    sandbox, client = broken
    sandbox.faults.set(fault, 1)
    assert walked(client, walk)[0] == ENDING[fault]


@pytest.mark.parametrize("fault", ["cursor_stuck", "cursor_alternates", "empty_pages", "next_forever"])
def test_a_list_of_one_page_goes_on_for_ever_too(start: Start, fault: str) -> None:
    _, client = start(records={"conversations": [record(0)]}, faults={fault: 1})
    assert all(walked(client, by_cursor)[1])


def test_whoever_counts_pages_meets_the_same_as_who_follows_addresses(broken: tuple[Sandbox, Client]) -> None:
    sandbox, client = broken
    for fault, expected in {**FOR_EVER, **ENDING}.items():
        sandbox.faults.clear()
        sandbox.faults.set(fault, 1)
        expected = expected[:4] if fault in FOR_EVER else expected
        expected = ["01", "23", "45", "6"] if fault == "next_dropped" else expected
        assert walked(client, by_number)[0] == expected, fault


SCROLLED = {
    "cursor_stuck": ["01", "23", "23", "23", "23"],
    "cursor_alternates": ["01", "23", "45", "23", "45"],
    "empty_pages": ["01", "", "", "", ""],
    "next_forever": ["01", "23", "45", "6", "6", "6", "6"],
    "next_dropped": ["01"],
    "page_repeated": ["01", "01", "23", "23", "45", "45", "6", "6", ""],
    "page_skipped": ["01", "45", ""],
}


@pytest.mark.parametrize("fault", SCROLLED)
def test_a_scroll_breaks_behind_its_one_parameter(
    broken: tuple[Sandbox, Client], monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    sandbox, client = broken
    calm = "".join(walked(client, by_scroll)[0])
    sandbox.faults.set(fault, 1)
    in_order = str.maketrans(calm, "0123456")
    shown = [page.translate(in_order) for page in walked(client, by_scroll)[0]]
    assert shown[: len(SCROLLED[fault])] == SCROLLED[fault]


COUNTED = {"total_high": 21, "total_low": 3}


@pytest.mark.parametrize("walk", [*LISTS.values()][:-1], ids=[*LISTS][:-1])
def test_totals_can_be_too_high_too_low_or_missing(
    broken: tuple[Sandbox, Client], walk: Callable[[Client], Pages]
) -> None:
    sandbox, client = broken
    for fault, total in COUNTED.items():
        sandbox.faults.set(fault, 1)
        shown, _, answers = walked(client, walk)
        assert shown == ["01", "23", "45", "6"]
        assert {answer["total_count"] for answer in answers} == {total}
        assert {answer["pages"]["total_pages"] for answer in answers} == {-(-total // 2)}
        sandbox.faults.clear()
    sandbox.faults.set("total_missing", 1)
    for answer in walked(client, walk)[2]:
        assert "total_count" not in answer
        assert "total_pages" not in answer["pages"]


@pytest.mark.parametrize("walk", [*LISTS.values(), by_number, by_scroll], ids=[*LISTS, "numbers", "scroll"])
def test_null_entries_stand_between_the_rows(broken: tuple[Sandbox, Client], walk: Callable[[Client], Pages]) -> None:
    sandbox, client = broken
    calm = walked(client, walk)[0]
    sandbox.faults.set("null_entries", 1)
    shown = walked(client, walk)[0]
    assert [page.replace("-", "") for page in shown] == calm
    assert all("-" in page for page in shown if page)


def test_small_lists_get_null_entries_too(start: Start) -> None:
    _, client = start(faults={"null_entries": 1})
    for path, key in (("/admins", "admins"), ("/teams", "teams"), ("/tags", "data"), ("/segments", "segments")):
        assert None in client.get(path)[key]


def test_a_search_can_lose_its_later_pages_to_a_404(broken: tuple[Sandbox, Client]) -> None:
    sandbox, client = broken
    sandbox.faults.set("search_404", 1)
    for kind in ("conversations", "contacts"):
        body: dict[str, Any] = {"query": {"field": "created_at", "operator": ">", "value": 0}}
        first = client.http.post(f"/{kind}/search", json={**body, "pagination": {"per_page": 2}}).json()
        after = first["pages"]["next"]["starting_after"]
        answer = client.http.post(f"/{kind}/search", json={**body, "pagination": {"starting_after": after}})
        assert answer.status_code == 404
        error = answer.json()["errors"][0]
        assert error == {"code": "not_found", "message": "Conversation not found. Message deleted."}
    assert walked(client, by_cursor)[0] == ["01", "23", "45", "6"]


def test_the_seed_decides_which_pages_break_in_whatever_order_they_are_asked_for(start: Start) -> None:
    rows = [record(number) for number in range(60)]

    def pages(seed: int) -> tuple[list[str], Client]:
        _, client = start(records={"conversations": rows}, faults={"page_repeated": 0.3}, seed=seed)
        walk, read = by_cursor(client), []
        for page in islice(walk, 60):
            read.append(page[0])
        return read, client

    first, client = pages(1)
    assert 30 < len(first) < 60
    assert [page[0] for page in islice(by_cursor(client), 60)] == first == pages(1)[0] != pages(2)[0]


# --- events of one millisecond -----------------------------------------------------------------


@pytest.mark.parametrize("size", [15, 50])
def test_invented_events_can_share_a_millisecond_across_the_edge_of_a_page(start: Start, size: int) -> None:
    sandbox, client = start(contacts=200)
    everybody = [{"type": "user", "intercom_user_id": contact["id"]} for contact in client.all("/contacts")]
    query = next(q for q in everybody if len(client.get("/events", **q, per_page=150)["events"]) > size)

    def read() -> list[str]:
        page = client.get("/events", **query, per_page=size)
        ids = [event["id"] for event in page["events"]]
        while page["pages"]["next"]:
            page = client.http.get(page["pages"]["next"]).json()
            ids += [event["id"] for event in page["events"]]
        return ids

    calm = read()
    sandbox.faults.set("events_same_ms", 1)
    lossy = read()
    assert len(set(lossy)) == len(lossy) < len(calm)
    assert set(lossy) < set(calm)
    sandbox.behaves("events-before=closed")
    assert set(read()) == set(calm)
