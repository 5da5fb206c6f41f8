"""Parts of conversations are kept from query to query: only those of conversations that changed are read again."""

import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from intercom_kit import Workspace, connect
from intercom_kit.sandbox import Sandbox, serve
from tests.lake.test_together import PARTS, WITH_PARTS, ToldChanges
from tests.mixes import mix

from .test_fuzz_changing import Time
from .whole import difference, rows_of

SIZE: dict[str, Any] = {"conversations": 20, "contacts": 15, "companies": 5, "rate_limit": 100_000_000, "seed": 7}
ALL_PARTS = "select conversation_id, count(*) as n from conversation_parts group by 1"
NO_NOTE = (
    "select c.id from conversations c where c.state <> 'open' and (c.rating = 1 or not exists "
    "(select 1 from conversation_parts p where p.conversation_id = c.id and p.part_type = 'note'))"
)


class Session:
    """A workspace whose time can be moved on, what others change in it, and what is asked of it."""

    def __init__(self, sandbox: Sandbox, ws: Workspace, now: Time, seed: int = 1) -> None:
        self.sandbox, self.ws, self.now = sandbox, ws, now
        self.changes = ToldChanges(sandbox, seed)

    def asked(self, query: str, **options: Any) -> tuple[Any, Counter[str]]:
        """Return an answer, and for which conversations parts were requested."""
        begun = len(self.sandbox.log)
        answer = self.ws.sql(query, **options)
        read = (entry.path.rpartition("/")[2] for entry in list(self.sandbox.log)[begun:] if entry.method == "GET")
        return answer, Counter(each for each in read if each.isdigit())

    def differing(self, query: str, **options: Any) -> str:
        """Say how an answer differs from that of a session that knows nothing; empty where it does not."""
        with connect(self.sandbox.token, base_url=self.sandbox.base_url) as other:
            expected = rows_of(other.sql(query, **options))
        return difference(expected, rows_of(self.ws.sql(query, **options)))

    def records(self) -> list[dict[str, Any]]:
        """Return all conversations."""
        records = self.sandbox.workspace.collection("conversations")
        return [records.record(place) for place in range(len(records))]

    def record(self) -> dict[str, Any]:
        """Return a conversation that has parts."""
        return next(each for each in self.records() if each["conversation_parts"]["total_count"] > 2)


@pytest.fixture
def session() -> Iterator[Session]:
    now = Time()
    with serve(**SIZE, clock=now) as sandbox, connect(sandbox.token, base_url=sandbox.base_url) as ws:
        session = Session(sandbox, ws, now)
        for record in session.records():
            if record["conversation_parts"]["total_count"] > 500:
                sandbox.delete("conversations", record["id"])
        yield session


def test_nothing_is_read_twice_while_nothing_changes(session: Session) -> None:
    first, read = session.asked(PARTS)
    again, read_again = session.asked(NO_NOTE.replace("c.state <> 'open' and", ""))
    assert len(read) == 19
    assert not read_again
    assert "The parts of 19 conversations are kept" in again.receipt
    assert len(session.ws.sql(PARTS)) == len(first)


def test_only_conversations_that_changed_are_read_again(session: Session) -> None:
    session.ws.sql(PARTS)
    session.now.ahead += 3_600
    record = session.record()
    session.changes.reply(record)
    assert session.asked(NO_NOTE)[1].keys() <= {record["id"]}
    assert not session.differing(PARTS)


def test_one_that_changed_in_the_second_in_which_it_was_read_is_read_again(session: Session) -> None:
    session.now.ahead += 3_600
    record = session.record()
    session.changes.reply(record)
    session.ws.sql(PARTS)
    session.now.ahead += 60
    _, read = session.asked(PARTS)
    assert read == {record["id"]: 1}
    assert not session.differing(PARTS)
    session.now.ahead += 60
    assert not session.asked(PARTS)[1]


def test_parts_of_a_deleted_conversation_are_gone(session: Session) -> None:
    session.ws.sql(PARTS)
    session.now.ahead += 3_600
    session.sandbox.delete("conversations", session.record()["id"])
    assert not session.differing(ALL_PARTS, whole="conversation_parts")
    assert not session.differing(ALL_PARTS, whole="conversation_parts", fresh="session")


def test_refresh_drops_the_parts_of_what_changed(session: Session) -> None:
    session.ws.sql(PARTS)
    session.now.ahead += 3_600
    record = session.record()
    session.changes.reply(record)
    session.ws.refresh()
    assert session.ws.held.set_index("table").loc["conversation_parts", "span"] == "of 18 conversation_id"
    assert session.asked(PARTS, fresh="session")[1] == {record["id"]: 1}


def test_a_conversation_with_more_parts_than_come_is_read_again_and_said_to_be(session: Session) -> None:
    record = session.record()
    listing = {**record["conversation_parts"], "total_count": 700}
    session.sandbox.upsert("conversations", {"id": record["id"], "conversation_parts": listing})
    for fresh in ("live", "live", "session"):
        answer, read = session.asked(PARTS, fresh=fresh)
        assert record["id"] in read
        assert f"conversation {record['id']} has 700 parts" in answer.receipt


def test_bodies_in_another_form_are_read_anew(session: Session) -> None:
    session.ws.sql(PARTS)
    session.ws.read_bodies(str.upper)
    answer, read = session.asked(PARTS)
    assert len(read) == 19
    assert answer["body"].dropna().str.isupper().any()


@pytest.mark.sampled(2)
@pytest.mark.parametrize("seed", range(4))
def test_answers_are_as_over_all_data_whatever_changes(seed: int, request: pytest.FixtureRequest) -> None:
    behaves = mix(request.config.getoption("--mix-seed") + seed)
    chance, now = random.Random(seed), Time()  # noqa: S311 - tests are to be repeatable
    with (
        serve(**SIZE, clock=now, behaves=behaves) as sandbox,
        connect(sandbox.token, base_url=sandbox.base_url) as ws,
    ):
        session = Session(sandbox, ws, now, seed)
        queries = [*WITH_PARTS[:4], NO_NOTE]
        for _ in range(6):
            session.changes.some()
            query = chance.choice(queries)
            differs = session.differing(query)
            assert not differs, f"{query}\n{behaves}\n{differs}"
            now.ahead += chance.choice((0, 0, 1, 5, 4_000))
