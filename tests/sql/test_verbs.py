"""Verbs that give all rows of a kind share with queries what the session holds, and give what the search would."""

import random
import time
from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from intercom_kit import Workspace, connect
from intercom_kit.sandbox import Sandbox, serve

SIZE = {"conversations": 900, "contacts": 320, "companies": 30, "seed": 3}

# More than there are, so that the search is asked, page after page.
EVERY = 100_000


@pytest.fixture(scope="module")
def still() -> Iterator[Workspace]:
    """A workspace that nobody changes."""
    with serve(**SIZE, rate_limit=1_000_000) as served, connect(served.token, base_url=served.base_url) as workspace:
        yield workspace


@pytest.fixture
def changing() -> Iterator[tuple[Sandbox, Workspace]]:
    """A workspace that changes by today's clock, and who is connected to it."""
    with serve(**SIZE, rate_limit=1_000_000) as served, connect(served.token, base_url=served.base_url) as workspace:
        yield served, workspace


def requests(frame: pd.DataFrame) -> int:
    return int(frame.attrs["intercom"]["requests"])


def test_asked_again_a_verb_asks_only_what_changed(changing: tuple[Sandbox, Workspace]) -> None:
    _, ws = changing
    first = ws.conversations(limit=None, since="90d", state="closed")
    again = ws.conversations(limit=None, since="90d", state="closed")
    assert (requests(first) >= 2, requests(again)) == (True, 2)  # what changed, and what was deleted
    assert_frame_equal(first, again)


def test_a_query_asks_for_no_rows_that_a_verb_brought(changing: tuple[Sandbox, Workspace]) -> None:
    _, ws = changing
    brought = ws.conversations(limit=None)
    answer = ws.sql("select count(*) as n from conversations", fresh="session")
    assert (answer["n"][0], requests(answer)) == (len(brought), 0)


def test_a_verb_asks_for_no_rows_that_a_query_brought(changing: tuple[Sandbox, Workspace]) -> None:
    _, ws = changing
    ws.sql("select id from conversations where created_at > now() - interval 200 day")
    assert requests(ws.conversations(limit=None, since="100d", state=["open", "snoozed"])) == 2


def test_what_changed_or_was_deleted_is_seen(changing: tuple[Sandbox, Workspace]) -> None:
    sandbox, ws = changing
    closed = ws.conversations(limit=None, state="closed")
    opened, gone = closed["id"][0], closed["id"][1]
    sandbox.upsert("conversations", {"id": opened, "state": "open", "open": True, "updated_at": int(time.time())})
    sandbox.delete("conversations", gone)
    assert set(closed["id"]) - set(ws.conversations(limit=None, state="closed")["id"]) == {opened, gone}


def test_all_contacts_are_listed_anew_so_that_deleted_ones_are_missed(changing: tuple[Sandbox, Workspace]) -> None:
    sandbox, ws = changing
    before = ws.contacts()
    sandbox.delete("contacts", before["id"][5])
    after = ws.contacts()
    assert set(before["id"]) - set(after["id"]) == {before["id"][5]}
    answer = ws.sql("select count(*) as n from contacts", fresh="session")
    assert (answer["n"][0], requests(answer)) == (len(after), 0)


def test_a_frame_of_what_is_held_says_that_it_is_whole(changing: tuple[Sandbox, Workspace]) -> None:
    _, ws = changing
    ws.conversations(limit=None)
    told = ws.conversations(limit=None, open=True).attrs["intercom"]
    assert (told["table"], told["filters"], told["complete"]) == ("conversations", {"open": True}, True)
    assert told["rows"] == told["total"] > 0


def test_the_values_of_a_row_stay_together_where_nothing_tells_rows_apart(changing: tuple[Sandbox, Workspace]) -> None:
    _, ws = changing
    ws.conversations(limit=None)
    ws._session.database.execute(
        "insert into conversations (created_at, title, count_reopens) "
        "select timestamptz '2026-01-01', range::varchar, range from range(300000) order by hash(range)"
    )
    every = ws.conversations(limit=None)
    loose = every[every["id"].isna()]
    assert len(loose) == 300_000
    assert (loose["title"].astype("Int64") == loose["count_reopens"]).all()


# The columns of some filters, which hold what the search compares; of the others only the search can tell.
HELD: dict[str, tuple[str, ...]] = {
    "state": ("open", "closed", "snoozed"),
    "priority": ("high", "none"),
}
SEARCHED: list[dict[str, Any]] = [
    {"admin_assignee_id": None},
    {"admin_assignee_id": "0"},
    {"contact_id": "some"},
    {"tag_ids": "some"},
    {"source_type": "email"},
]


def asked(dice: random.Random, every: pd.DataFrame) -> dict[str, Any]:
    """Invent filters whose values occur."""
    some = every.sample(2, random_state=dice.randrange(10**6))
    kinds: list[dict[str, Any]] = [
        {name: dice.choice([*values, list(values[:2])])} for name, values in HELD.items()
    ] + [
        {"team_assignee_id": list(some["team_assignee_id"].dropna()) or "1"},
        {"admin_assignee_id": next(iter(some["admin_assignee_id"].dropna()), "1")},
        {"open": dice.random() < 0.5},
        {"count_reopens": dice.randrange(3)},
        {"count_reopens_min": 1},
        {"since": some["created_at"].min().to_pydatetime()},
        {"until": some["created_at"].max().to_pydatetime()},
        {"updated_since": f"{dice.randrange(1, 300)}d"},
        {"last_close_until": some["created_at"].max().to_pydatetime()},
        dice.choice(SEARCHED),
    ]
    chosen = {name: value for kind in dice.sample(kinds, dice.choice((1, 1, 2, 3))) for name, value in kind.items()}
    real = {"contact_id": some["contact_id"].iloc[0], "tag_ids": (some["tag_ids"].iloc[0] or ["1"])[0]}
    return {name: real[name] if value == "some" else value for name, value in chosen.items()}


@pytest.mark.parametrize("seed", range(4))
def test_random_filters_give_what_the_search_gives(still: Workspace, seed: int) -> None:
    """On what earlier filters left, and on nothing."""
    dice = random.Random(seed)  # noqa: S311 - tests are to be repeatable
    every = still.conversations(EVERY)
    for number in range(15):
        if number % 5 == 0:
            still.forget()
        filters = asked(dice, every)
        searched, held = still.conversations(EVERY, **filters), still.conversations(None, **filters)
        assert_frame_equal(searched, held, obj=str(filters))
