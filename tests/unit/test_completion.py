"""In SQL, the names of tables and columns are offered where they may stand."""

import pytest

from intercom_kit.notebook.completion import COLUMNS, names_at


def offered(text: str) -> dict[str, str]:
    """Complete at the bar."""
    before, _, after = text.partition("|")
    return names_at(before, before + after)


@pytest.mark.parametrize(
    "before", ["select * from |", "select * from con|", "select 1 from tags t join |", "describe |"]
)
def test_tables_after_from_and_join(before: str) -> None:
    assert offered(before) == dict.fromkeys(COLUMNS, "table")


def test_links_that_conversations_carry_are_tables_too() -> None:
    assert COLUMNS["conversation_tags"] == ["conversation_id", "tag_id", "tag_name"]
    assert COLUMNS["conversation_team_responses"][-2:] == ["response_time", "response_time_in_office_hours"]
    assert COLUMNS["conversation_contacts"] == ["conversation_id", "contact_id"]


@pytest.mark.parametrize(
    "text",
    [
        "select c.| from conversations c",
        "select c.st| from conversations as c",
        "select conversations.| from conversations",
        "select k.id from contacts k\njoin conversations c on c.|",
        "select 1 from contacts k, conversations c where c.|",
        "SELECT C.| FROM Conversations C",
    ],
)
def test_columns_of_a_table_by_its_alias(text: str) -> None:
    assert offered(text) == dict.fromkeys(COLUMNS["conversations"], "column")


def test_nothing_by_an_unknown_alias() -> None:
    assert offered("select x.| from conversations c") == {}


def test_columns_of_the_tables_that_the_query_reads_and_tables() -> None:
    names = offered("select | from tags")
    assert [name for name, kind in names.items() if kind == "column"] == COLUMNS["tags"]
    assert "conversations" in names
    assert "state" not in names


def test_columns_of_all_tables_where_none_is_read_yet() -> None:
    assert "state" in offered("select |")


def test_common_table_expressions_are_tables() -> None:
    assert offered("with recent as (select 1) select * from |")["recent"] == "table"
