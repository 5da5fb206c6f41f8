"""The definitions of attributes say what the values are that contacts, companies and conversations carry."""

from typing import Any

import pytest

from .conftest import Client, Start

PYTHON: dict[str, Any] = {
    "string": str,
    "list": str,
    "integer": int,
    "float": (int, float),
    "decimal": float,
    "boolean": bool,
    "date": int,
    "datetime": int,
    "relationship": dict,
}
UNDEFINED = {"creation_source"}  # its attribute was deleted
OF_INTERCOM = {"Has attachments", "Copilot used"}


def definitions(client: Client, model: str) -> dict[str, Any]:
    attributes = client.get("/data_attributes", model=model)["data"]
    return {attribute["name"]: attribute for attribute in attributes if attribute["custom"]}


@pytest.mark.parametrize(("model", "path"), [("contact", "/contacts"), ("company", "/companies")])
def test_values_of_contacts_and_companies_have_the_declared_types(client: Client, model: str, path: str) -> None:
    declared = definitions(client, model)
    records = client.get(path, per_page=60)["data"]
    values = [(name, value) for record in records for name, value in record["custom_attributes"].items()]
    assert {name for name, _ in values} - UNDEFINED == set(declared)
    for name, value in values:
        if name not in UNDEFINED:
            assert isinstance(value, PYTHON[declared[name]["data_type"]])
            assert value in declared[name].get("options", [value])


def test_archived_attributes_are_shown_only_on_request(client: Client) -> None:
    for path, query in (("/data_attributes", {"model": "contact"}), ("/conversations/attributes", {})):
        usual = client.get(path, **query)["data"]
        every = client.get(path, **query, include_archived="true")["data"]
        assert not any(attribute["archived"] for attribute in usual)
        assert [attribute for attribute in every if not attribute["archived"]] == usual
        assert len(every) > len(usual)


def test_values_of_conversations_have_the_declared_types_but_for_a_few(start: Start) -> None:
    _, client = start(conversations=200, tickets=200)
    declared = {each["name"]: each for each in client.get("/conversations/attributes")["data"]}
    rows = client.all("/conversations", "conversations")
    values = [(name, value) for row in rows for name, value in row["custom_attributes"].items()]
    assert {name for name, _ in values} - OF_INTERCOM == set(declared)
    fitting = [isinstance(value, PYTHON[declared[name]["data_type"]]) for name, value in values if name in declared]
    assert 0 < fitting.count(False) < 0.05 * len(fitting)
    labels = {option["label"] for option in declared["Topic"]["options"]}
    assert {value for name, value in values if name == "Topic"} <= labels
    assert {option["archived"] for option in declared["Topic"]["options"]} == {True, False}


def test_an_attribute_of_conversations_is_shown_by_its_id_since_2_16(start: Start) -> None:
    _, client = start()
    attribute = client.get("/conversations/attributes")["data"][0]
    assert client.get(f"/conversations/attributes/{attribute['id']}") == attribute
    assert client.refused("/conversations/attributes/0") == (404, "conversation_attribute_not_found")
    _, older = start(headers={"Intercom-Version": "2.15"})
    assert older.refused("/conversations/attributes") == (400, "intercom_version_invalid")
