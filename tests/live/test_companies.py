"""The verbs about companies give every company that can be listed, however many there are and whoever else scrolls."""

from collections.abc import Callable

import pytest

from intercom_kit import (
    BadFilterError,
    BadRequestError,
    MissingIdentifierError,
    NotFoundError,
    ScrollBusyError,
    Workspace,
)
from intercom_kit.sandbox import Sandbox

from ..conftest import NOW, Begin
from .truth import Record, Truth, ids, moments, told, values

MANY = 10_050


def many_companies(count: int) -> list[Record]:
    return [
        {"type": "company", "id": f"{number:024x}", "company_id": str(number), "created_at": NOW - number}
        for number in range(count)
    ]


def test_companies_are_all_there_the_oldest_first(ws: Workspace, truth: Truth) -> None:
    frame, records = ws.companies(), truth.companies()
    assert list(frame["id"]) == ids(records)
    for column in ("company_id", "name", "monthly_spend", "session_count", "user_count", "size", "industry", "website"):
        assert values(frame, column) == [record.get(column) for record in records], column
    for column in ("created_at", "updated_at", "last_request_at", "remote_created_at"):
        assert moments(frame, column) == [record.get(column) for record in records], column
    assert values(frame, "plan_name") == [record["plan"].get("name") for record in records]
    assert values(frame, "tag_names") == [[tag["name"] for tag in record["tags"]["tags"]] for record in records]


def test_a_note_says_that_companies_without_contacts_are_not_listed(ws: Workspace) -> None:
    assert any("without contacts" in note for note in told(ws.companies())["notes"])


@pytest.mark.parametrize(("limit", "requests"), [(1, 1), (2, 1), (59, 1), (60, 1), (61, 2)])
def test_a_limit_costs_no_more_requests_than_its_rows_need(
    ws: Workspace, sandbox: Sandbox, limit: int, requests: int
) -> None:
    before = sandbox.requests.total()
    frame = ws.companies(limit)
    assert sandbox.requests.total() - before == told(frame)["requests"] == requests
    assert (len(frame), told(frame)["complete"]) == (limit, False)


def test_a_limit_gives_the_same_companies_each_time(begin: Begin) -> None:
    _, ws = begin(records={"companies": many_companies(400)}, faults={"latency": 0.5})
    assert list(ws.companies(150)["id"]) == list(ws.companies(150)["id"])


def test_one_company_is_found_by_each_of_its_names(ws: Workspace, truth: Truth) -> None:
    record = truth.companies()[5]
    for frame in (ws.company(record["id"]), ws.company(company_id=record["company_id"])):
        assert list(frame["id"]) == [record["id"]]
    assert values(ws.company(name=record["name"]), "name") == [record["name"]]


def test_a_company_without_contacts_is_still_found_by_its_id(begin: Begin) -> None:
    _, ws = begin(records={"companies": [{"id": "c1", "user_count": 0}, {"id": "c2", "user_count": 1}]})
    assert list(ws.companies()["id"]) == ["c2"]
    assert list(ws.company("c1")["id"]) == ["c1"]


@pytest.mark.parametrize("names", [{"id": "nobody"}, {"company_id": "nobody"}, {"name": "nobody"}])
def test_a_company_that_does_not_exist_is_an_error_that_names_it(ws: Workspace, names: dict[str, str]) -> None:
    with pytest.raises(NotFoundError, match="nobody"):
        ws.company(**names)


@pytest.mark.parametrize("names", [{}, {"id": "a", "name": "b"}])
def test_one_company_has_to_be_named_in_exactly_one_way(ws: Workspace, names: dict[str, str]) -> None:
    with pytest.raises(BadRequestError, match="one of id, company_id and name"):
        ws.company(**names)


def test_companies_of_a_tag_or_a_segment_are_those_that_have_it(ws: Workspace, truth: Truth) -> None:
    records = truth.companies()
    tag = next(tag["id"] for record in records for tag in record["tags"]["tags"])
    segment = next(segment["id"] for record in records for segment in record["segments"]["segments"])
    tagged = [record["id"] for record in records if tag in ids(record["tags"]["tags"])]
    inside = [record["id"] for record in records if segment in ids(record["segments"]["segments"])]
    assert list(ws.companies(tag_id=tag)["id"]) == tagged
    assert list(ws.companies(segment_id=segment)["id"]) == inside


def test_the_contacts_of_a_company_are_all_there(ws: Workspace, truth: Truth) -> None:
    biggest = max(truth.companies(), key=lambda record: record["user_count"])
    members = [r["id"] for r in truth.contacts() if biggest["id"] in ids(r["companies"]["data"])]
    frame = ws.company_contacts(biggest["id"])
    assert set(members) <= set(frame["id"])
    assert len(frame) == told(frame)["total"] == frame["id"].nunique()
    assert frame["created_at"].is_monotonic_increasing


@pytest.mark.parametrize("missing", [None, "", "  ", float("nan")])
def test_contacts_of_no_company_are_refused(ws: Workspace, missing: object) -> None:
    with pytest.raises(MissingIdentifierError, match="needs the id of a company"):
        ws.company_contacts(missing)


def test_the_contacts_of_several_companies_are_all_there_each_once(ws: Workspace) -> None:
    companies = ws.companies().head(8)
    expected = {id for company in companies["id"] for id in ws.company_contacts(company)["id"]}
    together = ws.company_contacts(companies)
    assert together["id"].is_unique
    assert set(together["id"]) == expected
    assert together.attrs["intercom"]["complete"]
    assert together.attrs["intercom"]["total"] is None


def test_a_company_that_does_not_exist_is_named_beside_the_contacts_of_others(ws: Workspace) -> None:
    company = ws.companies()["id"].iloc[0]
    frame = ws.company_contacts([company, "nope"])
    assert len(frame) == len(ws.company_contacts(company))
    assert "not complete: 1 of 2 companies failed: nope" in frame.receipt


def test_a_limit_for_several_companies_is_said_to_cut_them(ws: Workspace) -> None:
    frame = ws.company_contacts(ws.companies().head(5), limit=3)
    assert len(frame) == 3
    assert "not complete: limit=3" in frame.receipt


@pytest.mark.parametrize(
    ("ask", "remedy"),
    [
        (lambda ws: ws.company(name="acme"), r"companies\(name='acme'\) finds those whose name contains it"),
        (lambda ws: ws.companies(plan_name="Pro"), "ws.sql.*select \\* from companies where plan_name = 'Pro'"),
        (lambda ws: ws.companies(plan="Pro"), "did you mean 'plan_id' or 'plan_name'"),
        (lambda ws: ws.contacts(company="Acme"), r"ws.company_contacts\(ws.company\(name='Acme'\)\)"),
    ],
)
def test_what_intercom_cannot_answer_is_refused_with_the_call_that_does(
    ws: Workspace, ask: Callable[[Workspace], object], remedy: str
) -> None:
    with pytest.raises((BadFilterError, NotFoundError), match=remedy):
        ask(ws)


def test_contacts_of_a_company_that_does_not_exist_are_an_error(ws: Workspace) -> None:
    with pytest.raises(NotFoundError, match="no company 'nobody'"):
        ws.company_contacts("nobody")


def test_more_companies_than_pages_reach_are_all_there(begin: Begin) -> None:
    sandbox, ws = begin(records={"companies": many_companies(MANY)})
    sandbox.requests.clear()
    frame = ws.companies()
    assert frame["id"].nunique() == len(frame) == told(frame)["total"] == MANY
    assert told(frame)["complete"]
    assert told(frame)["requests"] == sandbox.requests.total()
    assert frame["created_at"].is_monotonic_increasing


def test_a_limit_beyond_what_pages_reach_is_met(begin: Begin) -> None:
    _, ws = begin(records={"companies": many_companies(MANY)})
    frame = ws.companies(MANY - 10)
    assert len(frame) == MANY - 10
    assert not told(frame)["complete"]


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("fault", ["scroll_500", "scroll_expired"])
def test_a_scroll_that_breaks_midway_is_begun_anew(begin: Begin, monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    sandbox, ws = begin(records={"companies": many_companies(MANY)}, scroll_idle_seconds=0.3)
    answered = 0
    happens = sandbox.faults.happens

    def once_midway(*names: str) -> bool:
        nonlocal answered
        answered += names == (fault,)
        return (answered == 40 and names == (fault,)) or happens(*names)

    monkeypatch.setattr(sandbox.faults, "happens", once_midway)
    frame = ws.companies()
    assert frame["id"].nunique() == len(frame) == MANY
    assert told(frame)["complete"]
    assert answered > 101, "the scroll did not break"


@pytest.mark.usefixtures("quick")
def test_a_page_of_a_scroll_that_is_lost_on_the_way_is_not_skipped(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox, ws = begin(records={"companies": many_companies(MANY)}, scroll_idle_seconds=0.6)

    def lost_once() -> str | None:
        return "truncate" if sandbox.requests["GET /companies/scroll"] == 50 else None

    monkeypatch.setattr(sandbox.faults, "replacement", lost_once)
    frame = ws.companies()
    assert len(frame) == MANY
    assert told(frame)["complete"]


@pytest.mark.usefixtures("quick")
def test_another_open_scroll_is_waited_for(begin: Begin) -> None:
    sandbox, ws = begin(records={"companies": many_companies(MANY)}, scroll_idle_seconds=0.4)
    with Truth(sandbox).http as http:
        assert http.get("/companies/scroll").status_code == 200
    assert len(ws.companies()) == MANY


@pytest.mark.usefixtures("quick")
def test_a_scroll_that_stays_open_is_an_error_that_says_when_to_try_again(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("intercom_kit.paging.scroll.LONGEST_WAIT", 0.5)
    sandbox, ws = begin(records={"companies": many_companies(MANY)})
    with Truth(sandbox).http as http:
        http.get("/companies/scroll")
    with pytest.raises(ScrollBusyError, match="minute"):
        ws.companies()
