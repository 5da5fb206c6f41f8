"""The verbs about contacts give what Intercom holds, no more, no less, and say what it cost."""

import json
from collections.abc import Callable

import pandas as pd
import pytest

from intercom_kit import BadFilterError, BadRequestError, NotFoundError, Workspace
from intercom_kit.sandbox import Sandbox

from ..conftest import NOW, Begin
from .truth import Truth, ids, moments, told, values


def test_contacts_are_all_there_the_oldest_first(ws: Workspace, truth: Truth) -> None:
    assert list(ws.contacts()["id"]) == ids(truth.contacts())


def test_a_contacts_values_are_those_that_intercom_holds(ws: Workspace, truth: Truth) -> None:
    frame, records = ws.contacts(), truth.contacts()
    for column in ("external_id", "role", "email", "name", "owner_id", "browser", "has_hard_bounced"):
        assert values(frame, column) == [record[column] for record in records], column
    for column in ("created_at", "updated_at", "last_seen_at", "signed_up_at", "last_replied_at"):
        assert moments(frame, column) == [record[column] for record in records], column
    assert values(frame, "location_country") == [record["location"]["country"] for record in records]
    assert values(frame, "company_ids") == [ids(record["companies"]["data"]) for record in records]
    assert values(frame, "company_count") == [record["companies"]["total_count"] for record in records]
    assert [json.loads(text) for text in frame["custom_attributes"]] == [r["custom_attributes"] for r in records]


@pytest.mark.parametrize("limit", [1, 149, 150, 151])
def test_a_limit_gives_the_first_rows_and_says_that_there_are_more(ws: Workspace, truth: Truth, limit: int) -> None:
    frame = ws.contacts(limit)
    assert list(frame["id"]) == ids(truth.contacts())[:limit]
    account = told(frame)
    assert (account["rows"], account["total"], account["complete"]) == (limit, len(truth.contacts()), False)
    assert str(limit) in account["why"]


@pytest.mark.parametrize("more", [0, 1, 100])
def test_a_limit_that_is_not_reached_is_a_complete_answer(ws: Workspace, truth: Truth, more: int) -> None:
    held = len(truth.contacts())
    frame = ws.contacts(held + more)
    assert (len(frame), told(frame)["complete"], told(frame)["why"]) == (held, True, "")


@pytest.mark.parametrize(("limit", "requests"), [(1, 1), (149, 1), (150, 1), (151, 2), (None, 2)])
def test_a_listing_costs_no_more_requests_than_its_rows_need(
    ws: Workspace, sandbox: Sandbox, limit: int | None, requests: int
) -> None:
    before = sandbox.requests["GET /contacts"]
    frame = ws.contacts(limit)
    assert sandbox.requests["GET /contacts"] - before == told(frame)["requests"] == requests


@pytest.mark.parametrize("limit", [0, -1, 1.5, "10", True])
def test_a_limit_that_is_no_positive_number_is_refused(ws: Workspace, limit: object) -> None:
    with pytest.raises(BadRequestError, match="whole number"):
        ws.contacts(limit)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "find",
    [
        lambda ws, record: ws.contact(record["id"]),
        lambda ws, record: ws.contact(external_id=record["external_id"]),
        lambda ws, record: ws.contact(email=record["email"]),
    ],
    ids=["id", "external id", "email"],
)
def test_one_contact_is_found_by_each_of_its_names(
    ws: Workspace, truth: Truth, find: Callable[[Workspace, dict[str, object]], pd.DataFrame]
) -> None:
    record = next(record for record in truth.contacts() if record["role"] == "user" and record["email"])
    frame = find(ws, record)
    assert list(frame["id"]) == [record["id"]]
    assert told(frame)["complete"]


def contact(id_: str, **more: object) -> dict[str, object]:
    return {"type": "contact", "id": id_, "role": "user", "created_at": NOW, "updated_at": NOW, **more}


def test_of_contacts_that_share_an_address_the_user_is_given_and_the_others_are_named(begin: Begin) -> None:
    shared = [
        contact("a1", email="x@y.z", role="lead", updated_at=NOW + 9),
        contact("a2", email="x@y.z", updated_at=NOW - 9),
        contact("a3", email="x@y.z", updated_at=NOW - 5),
    ]
    _, ws = begin(records={"contacts": shared})
    frame = ws.contact(email="x@y.z")
    assert list(frame["id"]) == ["a3"]
    assert any("a1" in note and "a2" in note for note in told(frame)["notes"])


def test_a_lead_is_found_by_its_external_id_for_two_requests(begin: Begin) -> None:
    sandbox, ws = begin(records={"contacts": [contact("a1", external_id="lead/1?", role="lead")]})
    sandbox.requests.clear()
    frame = ws.contact(external_id="lead/1?")
    assert list(frame["id"]) == ["a1"]
    assert told(frame)["requests"] == sandbox.requests.total()


def test_an_external_id_of_zero_is_an_id_like_any_other(begin: Begin) -> None:
    _, ws = begin(records={"contacts": [contact("a1", external_id="0")]})
    assert values(ws.contacts(), "external_id") == ["0"]


@pytest.mark.parametrize(
    "names", [{}, {"id": "a", "email": "b"}, {"external_id": "a", "email": "b"}], ids=["none", "two", "two others"]
)
def test_one_contact_has_to_be_named_in_exactly_one_way(ws: Workspace, names: dict[str, str]) -> None:
    with pytest.raises(BadRequestError, match="one of id, external_id and email"):
        ws.contact(**names)


@pytest.mark.parametrize("names", [{"id": "nobody"}, {"external_id": "nobody"}, {"email": "no@body.example"}])
def test_a_contact_that_does_not_exist_is_an_error_that_names_it(ws: Workspace, names: dict[str, str]) -> None:
    with pytest.raises(NotFoundError, match=next(iter(names.values()))):
        ws.contact(**names)


def test_companies_and_tags_beyond_the_ten_embedded_ones_come_on_request(ws: Workspace, truth: Truth) -> None:
    frame = ws.contacts(include=["companies", "tags"]).set_index("id")
    many = [record for record in truth.contacts() if record["companies"]["has_more"] or record["tags"]["has_more"]]
    assert many, "the sandbox has no contact with more than ten"
    for record in many:
        for kind, column in (("companies", "company_ids"), ("tags", "tag_ids")):
            whole = ids(truth.get(f"/contacts/{record['id']}/{kind}", per_page=60)["data"])
            assert sorted(frame.loc[record["id"], column]) == sorted(whole)


def test_without_the_request_a_note_says_that_lists_are_cut(ws: Workspace) -> None:
    notes = " ".join(told(ws.contacts())["notes"])
    assert "include='companies'" in notes
    assert "include='tags'" in notes


def test_tags_come_with_their_names(ws: Workspace, truth: Truth) -> None:
    names = {tag["id"]: tag["name"] for tag in truth.get("/tags")["data"]}
    frame = ws.contacts(include="tags")
    assert [list(map(names.get, tags)) for tags in frame["tag_ids"]] == list(frame["tag_names"])
    assert frame["tag_names"].map(len).sum() > 0


@pytest.mark.parametrize("filters", [{}, {"role": "user"}], ids=["of all contacts", "of a few contacts"])
def test_segments_come_for_every_contact_whichever_way_they_are_asked(
    ws: Workspace, truth: Truth, filters: dict[str, str]
) -> None:
    frame = ws.contacts(None if filters else 3, include=["segments"], **filters)
    for row in frame.itertuples():
        segments = truth.get(f"/contacts/{row.id}/segments")["data"]
        assert sorted(zip(row.segment_ids, row.segment_names, strict=True)) == sorted(
            (segment["id"], segment["name"]) for segment in segments
        )
    assert frame["segment_ids"].map(len).sum() > 0


def test_what_is_included_is_counted_among_the_requests(ws: Workspace, sandbox: Sandbox) -> None:
    before = sandbox.requests.total()
    frame = ws.contacts(include=["companies", "tags", "segments"])
    assert told(frame)["requests"] == sandbox.requests.total() - before


def test_an_unknown_inclusion_is_refused_with_what_is_valid(ws: Workspace) -> None:
    with pytest.raises(BadFilterError, match="companies, tags, segments"):
        ws.contacts(include="notes")


def test_contacts_are_searched_by_every_word_in_name_or_address(ws: Workspace, truth: Truth) -> None:
    someone = next(record for record in truth.contacts() if record["name"] and " " in record["name"])
    words = [word.lower() for word in someone["name"].split()]

    def has(record: dict[str, object], word: str) -> bool:
        return word in str(record["name"] or "").lower() or word in str(record["email"] or "").lower()

    expected = [record["id"] for record in truth.contacts() if all(has(record, word) for word in words)]
    assert someone["id"] in expected
    assert list(ws.search_contacts(someone["name"])["id"]) == expected
