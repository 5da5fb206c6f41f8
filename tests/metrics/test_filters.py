"""A filter compares every column of every table as its kind demands, or is refused in words of its own."""

from collections.abc import Iterator

import pytest

import intercom_kit as ik
from intercom_kit import BadFilterError, IntercomError
from intercom_kit.metrics import METRICS

VALUES = ["o'clock", 7, True, ["none such", None]]


@pytest.fixture(scope="module")
def ws() -> Iterator[ik.Workspace]:
    with ik.demo(conversations=80, contacts=60, companies=12) as workspace:
        yield workspace


def count(ws: ik.Workspace, **filters: object) -> int:
    return int(ws.metric("conversations", since="3650d", **filters)["value"].sum())


def test_lists_of_a_contact_are_compared_by_their_members(ws: ik.Workspace) -> None:
    counted = ws.conversations(None).dropna(subset=["first_contact_reply_at"])
    conversations = counted.merge(ws.contacts(), left_on="contact_id", right_on="id", suffixes=("", "_of"))
    tags = conversations["tag_ids_of"].map(lambda ids: list(ids) if ids is not None else [])
    tag = next(tag for each in tags for tag in each)
    assert count(ws, **{"contact.tag_ids": tag}) == sum(tag in each for each in tags) > 0
    assert count(ws, **{"contact.tag_ids": [tag, None]}) == sum(tag in each or not each for each in tags)


def test_an_attribute_is_compared_with_a_number_where_others_hold_text(ws: ik.Workspace) -> None:
    seats = int(ws.sql("select max(try_cast(custom_attributes ->> 'seats' as int)) as n from contacts")["n"][0])
    of_number = count(ws, **{"contact.custom_attributes.seats": seats})
    assert of_number == count(ws, **{"contact.custom_attributes.seats": str(seats)})
    assert count(ws, **{"contact.custom_attributes.plan": 7}) == 0


@pytest.mark.parametrize("owner", ["", "contact.", "company."])
def test_every_column_takes_every_value_or_says_which_it_takes(ws: ik.Workspace, owner: str) -> None:
    subject = METRICS["conversations"].subject
    table = subject.others[owner.rstrip(".")][0] if owner else subject.table
    for column in table.columns:
        for value in VALUES:
            if owner == "" and column.name in ("by", "since"):
                continue
            try:
                query = ws.explain_metric("conversations", since="3650d", **{f"{owner}{column.name}": value})
            except BadFilterError:
                continue
            try:
                ws.sql(query, fresh="session")
            except IntercomError as error:
                pytest.fail(f"{owner}{column.name}={value!r}: {error}")


@pytest.mark.parametrize("name", ["tag", "team", "plan", "segment", "country"])
def test_a_number_is_compared_with_names_as_text(ws: ik.Workspace, name: str) -> None:
    query = ws.explain_metric("conversations", since="3650d", **{name: [7, None]})
    assert "'7'" in query
    ws.sql(query, fresh="session")
