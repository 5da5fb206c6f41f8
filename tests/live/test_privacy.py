"""Masked or left out, personal data is nowhere in the tables; what was equal stays equal."""

from collections.abc import Iterator
from functools import cache

import pandas as pd
import pytest

from intercom_kit import Workspace, connect
from intercom_kit.errors import BadFilterError, BadQueryError, BadRequestError
from intercom_kit.sandbox import Sandbox
from intercom_kit.tables import TABLES, Kind
from intercom_kit.tables.privacy import REMOVED, Privacy
from tests.conftest import Begin

PERSONAL = {(table.name, column.name) for table in TABLES.values() for column in table.columns if column.personal}


@pytest.fixture(scope="module")
def masked(sandbox: Sandbox) -> Iterator[Workspace]:
    with connect(sandbox.token, base_url=sandbox.base_url, privacy="masked") as workspace:
        yield workspace


@pytest.fixture(scope="module")
def removed(sandbox: Sandbox) -> Iterator[Workspace]:
    with connect(sandbox.token, base_url=sandbox.base_url, privacy="none") as workspace:
        yield workspace


@cache
def frames(ws: Workspace) -> dict[str, pd.DataFrame]:
    """Some rows of every table; those that are ordered by name by their ids instead."""
    contacts = ws.contacts(50)
    return {
        "contacts": contacts,
        "companies": ws.companies(),
        "admins": ws.admins().sort_values("id", ignore_index=True),
        "conversations": ws.conversations(60),
        "conversation_parts": ws.conversation_parts(ws.conversations(20)),
        "events": ws.events(contacts),
        "event_summaries": ws.event_summaries(contacts),
    }


def test_names_addresses_texts_and_attributes_are_declared_personal() -> None:
    for table, column in [
        ("contacts", "name"),
        ("contacts", "email"),
        ("contacts", "phone"),
        ("contacts", "custom_attributes"),
        ("conversations", "source_body"),
        ("conversations", "source_subject"),
        ("conversations", "rating_remark"),
        ("conversation_parts", "body"),
        ("conversation_parts", "attachment_urls"),
        ("events", "metadata"),
        ("admins", "email"),
    ]:
        assert (table, column) in PERSONAL
    kinds = {TABLES[table].column(column).kind for table, column in PERSONAL}
    assert kinds == {Kind.TEXT, Kind.JSON, Kind.TEXTS}


def test_no_personal_value_is_in_a_masked_frame_and_no_other_value_changes(ws: Workspace, masked: Workspace) -> None:
    seen = set()
    for name, plain in frames(ws).items():
        hidden = frames(masked)[name]
        assert list(hidden.columns) == list(plain.columns)
        for column in plain.columns:
            if (name, column) not in PERSONAL:
                pd.testing.assert_series_equal(hidden[column], plain[column])
                continue
            written = [bool(value) and value == value for value in plain[column].astype(object)]
            both = pd.DataFrame({"plain": plain[column].astype(str), "hidden": hidden[column].astype(str)})[written]
            both = both[both["plain"] != "{}"]
            assert not (both["plain"] == both["hidden"]).any(), (name, column)
            seen.add((name, column)) if len(both) else None
    assert {("contacts", "email"), ("conversations", "source_body"), ("conversation_parts", "body")} <= seen


def test_the_same_value_has_the_same_pseudonym_in_every_table(ws: Workspace, masked: Workspace) -> None:
    joined = """
        select c.id, count(*) as n from contacts c join conversations v on v.source_author_email = c.email
        group by all order by all
    """
    pd.testing.assert_frame_equal(masked.sql(joined), ws.sql(joined))
    grouped = "select count(*) as n from contacts group by custom_attributes->>'plan' order by n"
    pd.testing.assert_frame_equal(masked.sql(grouped), ws.sql(grouped))


def test_addresses_that_differ_in_case_are_the_same_person(masked: Workspace) -> None:
    email = str(masked.contacts(1)["email"][0])
    found = masked.sql(f"select id from contacts where email = '{email}'")
    assert list(found["id"]) == [masked.contacts(1)["id"][0]]


def test_left_out_there_is_nothing_but_that_something_was_written(ws: Workspace, removed: Workspace) -> None:
    plain = frames(ws)
    for name, hidden in frames(removed).items():
        for column in hidden.columns:
            if (name, column) in PERSONAL:
                assert set(hidden[column].dropna()) <= {REMOVED}, (name, column)
    bodies = frames(removed)["conversation_parts"]["body"].notna()
    assert bodies.sum() == (plain["conversation_parts"]["body"].fillna("") != "").sum()


@pytest.mark.parametrize(
    "condition",
    [
        "email = 'ann@example.com'",
        "email in ('ann@example.com', 'bob@example.com')",
        "custom_attributes->>'plan' = 'pro'",
        "role = 'user' and name = 'Ann'",
    ],
)
def test_comparing_masked_data_with_a_value_is_refused_rather_than_answered_with_nothing(
    masked: Workspace, removed: Workspace, condition: str
) -> None:
    for workspace in (masked, removed):
        with pytest.raises(BadQueryError, match=r"is (masked|left out) here"):
            workspace.sql(f"select * from contacts where {condition}")


def test_a_pattern_over_masked_data_finds_nothing_and_the_answer_says_why(masked: Workspace) -> None:
    found = masked.sql("select * from contacts where email like '%@example.com'")
    assert any("no pattern finds anything" in note for note in found.attrs["intercom"]["notes"])


def test_nobody_is_looked_up_by_what_is_masked(masked: Workspace) -> None:
    with pytest.raises(BadFilterError, match="email, which is masked"):
        masked.contact(email="ann@example.com")
    with pytest.raises(BadFilterError, match="custom_attributes, which is masked"):
        masked.contacts(custom_attributes={"plan": "pro"})
    with pytest.raises(BadFilterError, match="email_domain, since email is masked"):
        masked.contacts(email_domain="example.com")
    for verb in (masked.events, masked.event_summaries):
        with pytest.raises(BadFilterError, match="by email, which is masked"):
            verb("ann@example.com", by="email")


def test_what_is_searched_by_without_being_a_column_says_which_column_it_looks_into() -> None:
    looks = {(table.name, name, column) for table in TABLES.values() for name, column in table.search_only.items()}
    assert ("contacts", "email_domain", "email") in looks
    assert [(table, name) for table, name, column in looks if column and column not in TABLES[table]] == []
    assert {name for _, name, column in looks if not column} == {"segment_id"}


def test_who_connected_is_not_named(ws: Workspace, masked: Workspace, removed: Workspace) -> None:
    assert ws.identity.admin
    for workspace in (masked, removed):
        assert workspace.identity.admin == ""
        assert workspace.identity.workspace == ws.identity.workspace
        assert ws.identity.admin not in workspace._repr_html_()


def test_a_join_by_masked_data_is_not_asked_of_intercom(masked: Workspace) -> None:
    with pytest.raises(BadQueryError, match="Intercom lists events only for"):
        masked.sql("select count(*) from contacts c join events e on e.email = c.email")


@pytest.mark.parametrize("privacy", ["masked", "none"])
def test_nobody_is_found_by_words_of_what_is_hidden(begin: Begin, privacy: Privacy) -> None:
    sandbox, _ = begin()
    with connect(sandbox.token, base_url=sandbox.base_url, privacy=privacy) as ws:
        for search in (ws.search_contacts, ws.search_conversations):
            with pytest.raises(BadFilterError, match="cannot be searched"):
                search("ann")
        assert len(ws.search_contacts(role="user")) > 0


def test_privacy_is_one_of_three() -> None:
    with pytest.raises(BadRequestError, match="'full', 'masked', 'none'"):
        connect("a token", base_url="http://127.0.0.1:1", privacy="maskd")  # type: ignore[arg-type]
