"""Bodies of messages are read before they land, and nothing else of a page is touched."""

import json
from typing import Any

import pytest

from intercom_kit.api.heads import read_page
from intercom_kit.fetch.bodies import with_bodies_read
from intercom_kit.tables import CONTACTS, CONVERSATION_PARTS, CONVERSATIONS, Table

PARTS = "conversation_parts.conversation_parts"


def read(text: str, table: Table, items: str) -> str:
    """Read the bodies of a page by writing them in capitals."""
    return with_bodies_read(read_page(text, items), table, items, str.upper).text


def test_the_bodies_of_opening_messages_and_of_parts_are_read() -> None:
    opening = {"conversations": [{"id": "1", "title": "a", "source": {"body": "<p>x</p>", "subject": "s"}}]}
    assert json.loads(read(json.dumps(opening), CONVERSATIONS, "conversations"))["conversations"] == [
        {"id": "1", "title": "a", "source": {"body": "<P>X</P>", "subject": "s"}}
    ]
    parts = {
        "id": "1",
        "conversation_parts": {"conversation_parts": [{"body": "x"}, {"body": None}, {}], "total_count": 3},
    }
    assert json.loads(read(json.dumps(parts), CONVERSATION_PARTS, PARTS)) == {
        "id": "1",
        "conversation_parts": {"conversation_parts": [{"body": "X"}, {"body": None}, {}], "total_count": 3},
    }


def test_one_object_is_read_too() -> None:
    assert json.loads(read('{"id": "1", "source": {"body": "x"}}', CONVERSATIONS, "")) == {
        "id": "1",
        "source": {"body": "X"},
    }


@pytest.mark.parametrize(
    "each", ["null", "7", '"x"', "[]", "{}", '{"source": null}', '{"source": "x"}', '{"source": {"body": 7}}']
)
def test_what_is_of_another_kind_is_left_as_it_is(each: str) -> None:
    text = f'{{"conversations": [{each}], "total_count": 1}}'
    assert json.loads(read(text, CONVERSATIONS, "conversations")) == json.loads(text)


def test_numbers_and_texts_beside_a_body_are_left_as_they_were_written() -> None:
    beside = '"a": 1e400, "b": 12345678901234567890123, "c": 1.50, "d": "\\u00e9\\n"'
    text = f'{{"conversations":[{{{beside},"source":{{"body":"x"}}}}]}}'
    landed = read(text, CONVERSATIONS, "conversations")
    for each in ("1e400", "12345678901234567890123", "1.50", '"\\u00e9\\n"'):
        assert each in landed


def test_a_table_without_bodies_is_not_touched() -> None:
    page: Any = read_page('{"data": [ {"body": "x"} ]}', "data")
    assert with_bodies_read(page, CONTACTS, "data", str.upper) is page
