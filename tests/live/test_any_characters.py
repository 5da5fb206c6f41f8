"""Values and names may have any characters: quotes, line breaks, NUL, and those of every plane of Unicode."""

import time
from collections.abc import Callable, Iterator

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intercom_kit import Workspace, connect
from intercom_kit.errors import BadQueryError
from intercom_kit.sandbox import Sandbox, serve
from intercom_kit.search.lowering import _NAME

from .truth import Record

pytestmark = pytest.mark.sampled(4)

NOW = int(time.time())

SPECIAL = [
    *("it's", 'Plan "Pro"', '"', "''", "\\", "\\n", "a\nb", "a\n\nb", "x\r\ny", "a\0b", "a\u2028b"),
    *("$.x", "/x", "*", "a.b", "[0]", "a or b", "not a", "a = 'b'", "--", "?", "#0", "select", "null", "0", "own0"),
    *("optional: x", "Dynamic Filter (created_at)", "Größe", "\U0001f389", "\U0010fffd", "e\u0301"),
    *("a\ncount_reopens > 5\nb", "a')\n('b", "' || chr(10) || '", "'\n\n'"),
]
ANY = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=6)
# Ids come without space around them, and a path leads nowhere by "." or "..".
TEXTS = ANY.filter(lambda text: text.strip() == text and text not in (".", ".."))


def records(texts: list[str]) -> dict[str, list[Record]]:
    """Make a contact for each text, which is its external id and name, and the name and value of an attribute."""
    contacts, events = [], []
    for number, text in enumerate(texts):
        who = {"id": f"c{number}", "external_id": text, "name": text, "role": "user"}
        own = {text: f"value of {number}", f"is {number}": text}
        contacts.append({**who, "created_at": NOW - 99, "updated_at": NOW - 99, "custom_attributes": own})
        what = {"id": f"e{number}", "event_name": text, "created_at": NOW - 50}
        events.append({**what, "user_id": text, "intercom_user_id": f"c{number}"})
    return {"contacts": contacts, "events": events}


def quoted(text: str, mark: str) -> str:
    return mark + text.replace(mark, mark + mark) + mark


def shown(name: str) -> str:
    """Give a name as DuckDB gives it with a result: up to the first NUL."""
    return name.partition("\0")[0]


def ids(frame: pd.DataFrame) -> list[str]:
    return sorted(frame["id"])


Ask = Callable[[Workspace, str, int], pd.DataFrame]

# Each asks for what belongs to one of the texts.
FOUND: dict[str, Ask] = {
    "a value": lambda ws, text, _: ws.contacts(external_id=text),
    "an attribute's value": lambda ws, text, number: ws.contacts(custom_attributes={f"is {number}": text}),
    "an attribute's name": lambda ws, text, number: ws.contacts(custom_attributes={text: f"value of {number}"}),
    "an id": lambda ws, text, _: ws.contact(external_id=text),
    "a parameter": lambda ws, text, _: ws.sql("select id from contacts where external_id = $it", {"it": text}),
    "a parameter of a search": lambda ws, text, _: ws.sql(
        "select id from contacts where external_id in ($it, $it || '…') and role = 'user'", {"it": text}
    ),
    "a constant": lambda ws, text, _: ws.sql(f"select id from contacts where name = {quoted(text, chr(39))}"),
}
DONE: dict[str, Ask] = {
    "events": lambda ws, text, _: ws.events([text]),
    "events by a parameter": lambda ws, text, _: ws.sql("select id from events where user_id = ?", [text]),
    "events by a constant": lambda ws, text, _: ws.sql(
        f"select id from events where user_id = {quoted(text, chr(39))}"
    ),
    "events of a frame": lambda ws, text, _: ws.sql(
        f"select e.id from mine m join events e on e.user_id = m.{quoted(text, chr(34))}",
        frames={"mine": pd.DataFrame({text: [text], "id": ["nobody"]})},
    ),
    "events of some of a frame": lambda ws, text, _: ws.sql(
        f"select e.id from mine m join events e on e.user_id = m.key where m.{quoted(text, chr(34))} = $it",
        {"it": text},
        frames={"mine": pd.DataFrame({text: [text, "other"], "key": [text, "nobody"]})},
    ),
    "events of contacts": lambda ws, text, _: ws.sql(
        "select e.id from contacts k join events e on e.intercom_user_id = k.id where k.external_id = $it", {"it": text}
    ),
}


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[Sandbox, Workspace]]:
    with (
        serve(records=records(SPECIAL), now=NOW) as sandbox,
        connect(sandbox.token, base_url=sandbox.base_url) as workspace,
    ):
        yield sandbox, workspace


@pytest.mark.parametrize("ask", FOUND.values(), ids=FOUND)
def test_whoever_has_a_value_is_found(served: tuple[Sandbox, Workspace], ask: Ask) -> None:
    for number, text in enumerate(SPECIAL):
        assert ids(ask(served[1], text, number)) == [f"c{number}"], text


@pytest.mark.parametrize("ask", DONE.values(), ids=DONE)
def test_what_they_did_is_found_with_no_more_requests_than_it_takes(
    served: tuple[Sandbox, Workspace], ask: Ask
) -> None:
    for number, text in enumerate(SPECIAL):
        frame = ask(served[1], text, number)
        assert ids(frame) == [f"e{number}"], text
        assert frame.attrs["intercom"]["requests"] <= 4, text


@settings(max_examples=3, deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(TEXTS, min_size=3, max_size=4, unique=True))
def test_any_text_is_found_in_all_these_ways(texts: list[str]) -> None:
    with serve(records=records(texts), now=NOW) as sandbox, connect(sandbox.token, base_url=sandbox.base_url) as ws:
        for number, text in enumerate(texts):
            for name, ask in FOUND.items():
                assert ids(ask(ws, text, number)) == [f"c{number}"], (name, text)
            for name, ask in DONE.items():
                assert ids(ask(ws, text, number)) == [f"e{number}"], (name, text)


@pytest.mark.parametrize("text", ['Plan "Pro"', "it's", "a\nb", "a\0b", "Größe", "\U0001f389", "a = 'b'", "not a"])
def test_members_of_attributes_are_compared_by_the_search(served: tuple[Sandbox, Workspace], text: str) -> None:
    sandbox, ws = served
    begun, number = len(sandbox.log), SPECIAL.index(text)
    query = f"select id from contacts where custom_attributes ->> {quoted(text, chr(39))} = $it"
    assert ids(ws.sql(query, {"it": f"value of {number}"}, fresh="refetch")) == [f"c{number}"]
    asked = {"field": f"custom_attributes.{text}", "operator": "=", "value": f"value of {number}"}
    assert asked in [each.body["query"] for each in list(sandbox.log)[begun:] if each.path == "/contacts/search"]


@pytest.mark.parametrize("text", ["$.x", "$x", "/x", "*", "a.b", "\\", 'a/"', '~"'])
def test_what_duckdb_may_read_as_a_path_is_left_to_it(text: str) -> None:
    assert not _NAME.fullmatch(text)


def test_values_become_columns_of_a_pivot(served: tuple[Sandbox, Workspace]) -> None:
    answer = served[1].sql("pivot (select external_id from contacts) on external_id using count(*)")
    assert sorted(answer.columns) == sorted(map(shown, SPECIAL))
    assert answer.iloc[0].tolist() == [1] * len(SPECIAL)


def test_conditions_that_stand_in_a_value_are_none(served: tuple[Sandbox, Workspace]) -> None:
    for text in SPECIAL:
        query = "select id from contacts where name <> $it order by updated_at desc limit 99"
        assert len(served[1].sql(query, {"it": text})) == len(SPECIAL) - 1


def test_columns_of_frames_keep_their_names(served: tuple[Sandbox, Workspace]) -> None:
    mine = pd.DataFrame({text: [number] for number, text in enumerate(SPECIAL)})
    answer = served[1].sql("select m.* from mine m join contacts k on k.id = 'c0'", frames={"mine": mine})
    assert answer.columns.tolist() == list(map(shown, SPECIAL))
    assert answer.iloc[0].tolist() == list(range(len(SPECIAL)))


def test_a_misspelt_name_is_met_with_the_nearest_one_of_the_frame(served: tuple[Sandbox, Workspace]) -> None:
    mine = pd.DataFrame({'Plan "Pro"': ["x"], "key": ["u"]})
    with pytest.raises(BadQueryError, match=r'There is no column Plan "Po".*did you mean Plan "Pro"'):
        served[1].sql('select "Plan ""Po""" from mine join contacts k on k.external_id = key', frames={"mine": mine})
