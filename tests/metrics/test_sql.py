"""Templates of SQL: whatever enters one is quoted, unless it is SQL."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from intercom_kit.errors import BadFilterError
from intercom_kit.metrics.sql import SQL, Identifier, partition, qualified, same, sql, where

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("it's", "'it''s'"),
        (Identifier('a "b"'), '"a ""b"""'),
        (SQL("count(*)"), "count(*)"),
        (True, "true"),
        (3, "3"),
        (0.25, "0.25"),
        (datetime(2026, 3, 1, 13, tzinfo=timezone(timedelta(hours=1))), "timestamptz '2026-03-01 12:00:00+00:00'"),
        (date(2026, 3, 1), "date '2026-03-01'"),
        (timedelta(minutes=90), "interval '90 minutes'"),
        (timedelta(seconds=90), "interval '90 seconds'"),
        (["a", 1], "'a', 1"),
    ],
)
def test_a_value_is_written_as_a_constant(value: Any, written: str) -> None:
    assert sql("{value}", value=value) == written


@pytest.mark.parametrize("value", [None, object(), float("nan"), float("inf"), {"a": 1}])
def test_a_value_without_a_constant_is_refused(value: Any) -> None:
    with pytest.raises(BadFilterError, match="cannot be compared"):
        sql("{value}", value=value)


def test_half_of_a_character_is_refused() -> None:
    with pytest.raises(BadFilterError, match="half of a character"):
        sql("{value}", value="\ud83d")


@given(texts, texts.filter(bool))
def test_any_text_comes_back_from_duckdb_however_deep_it_is_nested(value: str, name: str) -> None:
    inner = sql("select\n    {value} as {name}", value=value, name=Identifier(name))
    query = sql("with\nstep as (\n    {inner}\n)\nselect * from step", inner=inner)
    answer = duckdb.execute(query)
    assert (answer.description[0][0], answer.fetchall()) == (name, [(value,)])


def test_attributes_and_members_of_a_part_are_inserted() -> None:
    assert sql("{moment.year}, {weights[usage]}", moment=datetime(2026, 1, 1, tzinfo=UTC), weights={"usage": 40}) == (
        "2026, 40"
    )


def test_braces_in_a_value_are_no_template() -> None:
    assert sql("{value}", value="{now}") == "'{now}'"


@pytest.mark.parametrize(
    ("groups", "written"), [((), "select n"), (("a",), "select a, n"), (("a", "b"), "select a, b, n")]
)
def test_groups_with_a_comma_after_each_may_be_none(groups: tuple[str, ...], written: str) -> None:
    assert sql("select {groups:,} n", groups=tuple(map(SQL, groups))) == written


def test_a_fragment_is_indented_as_its_line_but_not_within_a_constant() -> None:
    fragment = sql("select 1\nwhere x = {value}", value="a\nb")
    assert sql("step as (\n    {fragment}\n)", fragment=fragment) == (
        "step as (\n    select 1\n    where x = 'a\nb'\n)"
    )


def test_a_line_with_nothing_but_an_empty_fragment_is_left_out() -> None:
    template = """
        select *
        from conversations
        {filters}
        order by id
    """
    assert sql(template, filters=where([])) == "select *\nfrom conversations\norder by id"


def test_conditions_and_keys_may_be_none() -> None:
    assert where(["", "a", "b"]) == "where a and b"
    assert same("left", "right", []) == "true"
    assert same("x", "y", ["k"]) == "x.k is not distinct from y.k"
    assert partition([]) == ""
    assert partition(qualified("t", ["a", "b"])) == "partition by t.a, t.b"
