"""SQL of other dialects is rewritten call by call, where that is certain; the rest of a query stays as it is."""

import time

import pandas as pd
import pytest

from intercom_kit.errors import BadQueryError
from intercom_kit.frames.frame import with_receipt
from intercom_kit.frames.receipt import Receipt
from intercom_kit.mcp.forgiving.sql import statements
from intercom_kit.mcp.forgiving.sql.statements import answered, unwrapped


class Duck:
    """A database that refuses queries with some words, each with its error, and remembers what it answered."""

    def __init__(self, **refused: str) -> None:
        self.refused, self.ran = refused, ""

    def ask(self, query: str) -> pd.DataFrame:
        for word, error in self.refused.items():
            if word in query.lower():
                raise BadQueryError(error)
        self.ran = query
        return with_receipt(pd.DataFrame({"x": [1]}), Receipt("query"))


NVL = {"nvl(r": "There is no function nvl (line 1, column 8). Use one of DuckDB's functions."}


def test_a_call_is_rewritten_and_the_answer_says_so() -> None:
    duck = Duck(**NVL)
    answer = answered(duck.ask, "select nvl(rating, 0), 7 / 2 from conversations where title = 'nvl(it\u2019s)'")
    assert duck.ran == "select COALESCE(rating, 0), 7 / 2 from conversations where title = 'nvl(it\u2019s)'"
    assert answer.attrs["intercom"]["notes"] == ["The SQL was read with nvl(rating, 0) as COALESCE(rating, 0)"]


def test_what_duckdb_answers_is_not_touched() -> None:
    duck = Duck()
    answer = answered(duck.ask, "select nvl(rating, 0) from conversation")
    assert duck.ran == "select nvl(rating, 0) from conversation"
    assert answer.attrs["intercom"]["notes"] == []


def test_without_the_reader_of_dialects_the_replacement_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statements, "find_spec", lambda _: None)
    with pytest.raises(BadQueryError, match=r"DuckDB's SQL has coalesce\(x, y\) for nvl\."):
        answered(Duck(**NVL).ask, "select nvl(rating, 0) from conversations")


def test_calls_in_calls_are_rewritten_from_within() -> None:
    duck = Duck(**NVL)
    answered(duck.ask, "select nvl(rating, nvl(rating, isnull(rating, 0)))")
    assert duck.ran == "select COALESCE(rating, COALESCE(rating, COALESCE(rating, 0)))"


def test_a_query_that_needs_too_much_is_refused_as_it_is() -> None:
    def ask(_: str) -> pd.DataFrame:
        raise BadQueryError("too many requests", plan=pd.DataFrame())

    with pytest.raises(BadQueryError, match=r"^too many requests$"):
        answered(ask, "select nvl(rating, 0) from conversations")


def test_a_quoted_name_that_no_column_has_is_a_text_only_where_it_is_compared() -> None:
    duck = Duck(**{'"billing"': "There is no column Billing (line 1, column 40): did you mean name?"})
    for named in ('select "Billing" from teams', 'select id, "Billing" from teams'):
        with pytest.raises(BadQueryError, match="no column Billing"):
            answered(duck.ask, named)
    answered(duck.ask, 'select id from teams where name in ("Billing", \'x\') or name = "Billing"')
    assert duck.ran == "select id from teams where name in ('Billing', 'x') or name = 'Billing'"


def test_a_quoted_name_of_some_column_stays_a_name() -> None:
    missing = "There is no column contact_id (line 1, column 40): did you mean id?"
    with pytest.raises(BadQueryError, match="no column contact_id"):
        answered(Duck(contact_id=missing).ask, 'select id from teams where id = "contact_id"')


@pytest.mark.parametrize(
    "query",
    [
        "```" + " " * 500,
        "```sql\n" + "\n " * 2_000 + "x",
        "```" + " " * 100_000 + "```",
        "iff(" * 600 + "a" + ",1)" * 600,
        "nvl(" * 200_000,
    ],
    ids=["open fence", "lines", "empty fence", "deep", "long"],
)
def test_no_query_takes_long_to_be_read_as_it_is_meant(query: str) -> None:
    def ask(_: str) -> pd.DataFrame:
        raise BadQueryError("There is no table q (line 1)")

    began = time.process_time()
    with pytest.raises(BadQueryError):
        answered(ask, query)
    assert time.process_time() - began < 5  # seconds; some took minutes, in which no other caller was served


@pytest.mark.parametrize(
    ("fenced", "meant"),
    [
        ("```sql select 1```", "select 1"),
        ("```select 1```", "select 1"),
        ("``` \nselect 1\n ```", "select 1"),
        ("```sql\nselect 1\n``` ", "select 1"),
        ("``````", ""),
    ],
)
def test_a_code_fence_is_taken_off(fenced: str, meant: str) -> None:
    assert unwrapped(fenced) == meant
