"""Notes about contacts and companies, and the messages that contacts chose or left: asked for one by one."""

from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest

from intercom_kit import BadQueryError, MissingIdentifierError, NotFoundError, Workspace, connect
from intercom_kit.frames.frame import Frame
from intercom_kit.sandbox import Sandbox
from intercom_kit.tables import CONTACT_NOTES
from intercom_kit.tables.misfits import NO_OBJECTS
from intercom_kit.tables.privacy import REMOVED

from ..conftest import Begin
from .truth import Record, Truth, moments, told, values

CONTACTS: list[Record] = [{"id": "a", "role": "user"}, {"id": "b", "role": "user"}]
COMPANIES: list[Record] = [{"id": "c", "name": "C"}, {"id": "d", "name": "D"}]
AUTHOR = {"type": "admin", "id": 7, "name": "Ann Long", "email": "ann@example.com"}


def note(id_: str, **about: Any) -> Record:
    return {"type": "note", "id": id_, "created_at": 1_700_000_000, "author": AUTHOR, "body": f"<p>{id_}</p>", **about}


@pytest.fixture(scope="module")
def some(ws: Workspace) -> Frame:
    return ws.contacts(100)


@pytest.fixture(scope="module")
def notes(ws: Workspace, some: Frame) -> Frame:
    return ws.contact_notes(some)


@pytest.fixture
def noted(begin: Begin) -> Workspace:
    """A workspace with notes about two companies, and about more than a page of one contact."""
    about = [note(f"{number:03}", contact={"id": "a"}) for number in range(120)]
    about += [note("x", company={"id": "c"}), note("y", company={"id": "d"}), note("z", company={"id": "d"})]
    _, ws = begin(records={"contacts": CONTACTS, "companies": COMPANIES, "notes": about})
    return ws


def test_notes_of_contacts_are_those_that_intercom_holds(truth: Truth, some: Frame, notes: Frame) -> None:
    held = [
        record | {"contact_id": id_}
        for id_ in sorted(some["id"])
        for record in sorted(
            truth.get(f"/contacts/{id_}/notes")["data"], key=lambda each: (each["created_at"], each["id"])
        )
    ]
    assert len(held) > 3
    for column in ("id", "contact_id", "body"):
        assert values(notes, column) == [record[column] for record in held], column
    assert moments(notes, "created_at") == [record["created_at"] for record in held]
    for column in ("id", "name", "email"):
        assert values(notes, f"author_{column}") == [record["author"][column] for record in held], column


def test_notes_cost_one_request_per_contact(some: Frame, notes: Frame) -> None:
    account = told(notes)
    assert (account["complete"], account["requests"], account["misfits"]) == (True, len(some), {})
    assert account["filters"] == {"contacts": len(some)}


def test_many_notes_come_page_by_page(noted: Workspace) -> None:
    frame = noted.contact_notes("a")
    assert list(frame["id"]) == [f"{number:03}" for number in range(120)]
    assert told(frame)["requests"] == 3


def test_notes_of_companies_are_asked_for_one_by_one(noted: Workspace) -> None:
    frame = noted.company_notes(["d", "c"])
    assert list(zip(frame["company_id"], frame["id"], strict=True)) == [("c", "x"), ("d", "y"), ("d", "z")]
    assert list(frame.columns) == [column.name.replace("contact", "company") for column in CONTACT_NOTES.columns]
    assert told(frame)["requests"] == 2


def test_sql_joins_notes_with_what_they_are_about(noted: Workspace) -> None:
    counted = noted.sql("""
        select co.name, count(*) as n from companies co join company_notes n on n.company_id = co.id
        group by all order by all
    """)
    assert list(counted.itertuples(index=False, name=None)) == [("C", 1), ("D", 2)]
    assert noted.sql("select count(*) as n from contact_notes where contact_id = 'a'")["n"].tolist() == [120]


@pytest.mark.parametrize("table", ["contact_notes", "company_notes", "contact_subscriptions"])
def test_without_a_key_a_query_is_refused_with_an_example(ws: Workspace, table: str) -> None:
    with pytest.raises(BadQueryError, match=rf"join {table}"):
        ws.sql(f"from {table}")


def test_asking_about_nobody_gives_empty_frames_with_their_types(noted: Workspace, ws: Workspace, some: Frame) -> None:
    for empty, full in (
        (noted.contact_notes([]), noted.contact_notes("a")),
        (noted.contact_notes("b"), noted.contact_notes("a")),
        (noted.company_notes([]), noted.company_notes("c")),
        (ws.contact_subscriptions([]), ws.contact_subscriptions(some)),
    ):
        assert (len(empty), told(empty)["complete"]) == (0, True)
        assert len(full) > 0
        pd.testing.assert_series_equal(empty.dtypes, full.dtypes)


def test_a_contact_or_company_that_does_not_exist_is_named(noted: Workspace) -> None:
    frame = noted.company_notes(["c", "none"])
    assert list(frame["id"]) == ["x"]
    assert list(told(frame)["failures"]) == ["none"]
    assert not told(frame)["complete"]
    with pytest.raises(NotFoundError):
        noted.contact_notes("none")


def test_a_missing_id_is_refused(noted: Workspace) -> None:
    for wrong in (None, pd.DataFrame({"name": ["a"]})):
        with pytest.raises(MissingIdentifierError, match=r"company_notes\(\)"):
            noted.company_notes(wrong)


def test_values_that_do_not_fit_are_counted(begin: Begin) -> None:
    odd = [note("1", contact={"id": "a"}, created_at="long ago"), note("2", contact={"id": "a"}, body="")]
    _, ws = begin(records={"contacts": CONTACTS, "notes": odd})
    frame = ws.contact_notes("a")
    assert values(frame.sort_values("id"), "body") == ["<p>1</p>", None]
    assert told(frame)["misfits"] == {"created_at": 1}
    assert NO_OBJECTS not in told(frame)["misfits"]


@pytest.fixture(params=["masked", "none"])
def private(request: pytest.FixtureRequest, sandbox: Sandbox) -> Iterator[Workspace]:
    with connect(sandbox.token, base_url=sandbox.base_url, privacy=request.param) as workspace:
        yield workspace


def test_notes_and_their_authors_are_personal(private: Workspace, some: Frame, notes: Frame) -> None:
    hidden = private.contact_notes(some["id"])
    assert list(hidden["id"]) == list(notes["id"])
    for column in ("body", "author_name", "author_email"):
        assert not set(hidden[column].dropna()) & set(notes[column]), column
    assert list(hidden["author_id"]) == list(notes["author_id"])
    assert (hidden["body"].str.startswith("text-") | hidden["body"].eq(REMOVED)).all()


def test_subscription_types_are_all_there_by_name(ws: Workspace, truth: Truth) -> None:
    held = sorted(truth.get("/subscription_types")["data"], key=lambda each: each["default_translation"]["name"])
    frame = ws.subscription_types()
    for column in ("id", "state", "consent_type", "content_types"):
        assert values(frame, column) == [record[column] for record in held], column
    for column in ("name", "description", "locale"):
        assert values(frame, column) == [record["default_translation"][column] for record in held], column
    assert (told(frame)["complete"], told(frame)["requests"], told(frame)["misfits"]) == (True, 1, {})
    assert list(ws.sql("from subscription_types order by name")["id"]) == list(frame["id"])


def test_a_workspace_without_subscription_types_has_an_empty_frame(begin: Begin, ws: Workspace) -> None:
    _, nothing = begin(records={})
    empty = nothing.subscription_types()
    assert (len(empty), told(empty)["complete"]) == (0, True)
    pd.testing.assert_series_equal(empty.dtypes, ws.subscription_types().dtypes)


def test_subscriptions_are_what_contacts_chose_or_left(ws: Workspace, truth: Truth, some: Frame) -> None:
    frame = ws.contact_subscriptions(some)
    held = {(id_, each["id"]) for id_ in some["id"] for each in truth.get(f"/contacts/{id_}/subscriptions")["data"]}
    assert set(zip(frame["contact_id"], frame["subscription_type_id"], strict=True)) == held
    assert len(frame) == len(held) > 0
    types = ws.subscription_types().set_index("id")
    for column in ("name", "consent_type", "state"):
        assert values(frame, column) == list(types.loc[frame["subscription_type_id"], column]), column
    assert told(frame)["requests"] == len(some)
    assert "only what contacts chose or left themselves" in told(frame)["notes"][0]
