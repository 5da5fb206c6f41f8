"""Old rows come from a lake, new and changed ones from Intercom: the answer is as over all that Intercom holds now."""

import math
import shutil
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner

import intercom_kit as ik
from intercom_kit import BadLakeError, BadQueryError, BadRequestError, Workspace, connect
from intercom_kit.cli import main
from intercom_kit.lake import manifest, planning, writing
from intercom_kit.lake.opened import Lake
from intercom_kit.live import fetching
from intercom_kit.sandbox import Sandbox, serve
from tests.mixes import mix
from tests.sql.queries import Inventor
from tests.sql.test_fuzz_changing import KEPT, Changes, Time, now_whole
from tests.sql.whole import difference, rows_of

from .changing import NO_PARTS
from .test_going_on import failing_for

SIZE = {"conversations": 40, "contacts": 30, "companies": 10, "tickets": 8}
TABLES = ["conversations", "contacts", "tickets", "teams"]

PARTS = "select c.state, p.* from conversations c join conversation_parts p on p.conversation_id = c.id"
WITH_PARTS = [
    PARTS,
    f"{PARTS} where c.state = 'open' and p.part_type = 'comment'",
    "select c.id, count(p.id) as n from conversations c left join conversation_parts p on p.conversation_id = c.id "
    "group by 1",
    "select c.id from conversations c anti join conversation_parts p on p.conversation_id = c.id "
    "and p.author_type = 'admin' where c.created_at > now() - interval 60 day",
    "select part_type, count(*) as n from ticket_parts group by 1",
    "select t.name, count(*) as n from conversations c left join teams t on t.id = c.team_assignee_id group by 1",
]


class ToldChanges(Changes):
    """Changes of rows of which Intercom tells, new parts of conversations among them."""

    def _add(self) -> None:
        record = self._any("conversations")
        if not record.get("ticket"):
            now = int(self.sandbox.clock())
            new = {"id": f"9{self.random.randrange(10**14):014}", "created_at": now - 1, "updated_at": now}
            self.sandbox.upsert("conversations", {**record, **new, "conversation_parts": NO_PARTS})

    def _delete(self) -> None:
        record = self._any("conversations")
        if not record.get("ticket"):
            self.sandbox.delete("conversations", record["id"])

    def _merge(self) -> None:
        self.reply(self._any("conversations"))

    def reply(self, record: dict[str, Any]) -> None:
        """Add a part to a conversation, or one to those of another in place of a part."""
        now = int(self.sandbox.clock())
        listing = record.get("conversation_parts")
        parts = list(listing["conversation_parts"]) if isinstance(listing, dict) else []
        if parts:
            new = {**parts[-1], "id": f"8{self.random.randrange(10**14):014}", "created_at": now, "updated_at": now}
            parts = [*parts[self.random.choice((0, 1)) :], new]
            whole = {**NO_PARTS, "conversation_parts": parts, "total_count": len(parts)}
            self.sandbox.upsert("conversations", {"id": record["id"], "updated_at": now, "conversation_parts": whole})


class World:
    """A sandbox whose time can be moved on, and a workspace, which writes lakes."""

    def __init__(self, sandbox: Sandbox, ws: Workspace, now: Time) -> None:
        self.sandbox, self.ws, self.now = sandbox, ws, now
        self.changes = ToldChanges(sandbox, 1)

    def export(self, folder: Path, **options: Any) -> Lake:
        options = {"tables": TABLES, "parts": True, "max_requests": 100_000} | options
        self.ws.export(folder, **options)
        return ik.open(folder)

    def change(self, seconds: float = 40_000) -> str:
        """Let time pass, and somebody reply in a conversation; return its id."""
        self.now.ahead += seconds
        record = self.sandbox.workspace.collection("conversations").record(3)
        self.changes.reply(record)
        self.sandbox.upsert("conversations", {"id": record["id"], "state": "snoozed"})
        return str(record["id"])

    def differing(self, lake: Lake, query: str, **options: Any) -> str:
        """Say how an answer differs from that of a session that knows nothing; empty where it does not."""
        with connect(self.sandbox.token, base_url=self.sandbox.base_url) as other:
            expected = rows_of(other.sql(query, **{"max_requests": 100_000} | options))
        return difference(expected, rows_of(self.ws.sql(query, lake=lake, **options)))

    def asked(self, lake: Lake, query: str, **options: Any) -> tuple[pd.DataFrame, Counter[str]]:
        """Return an answer, and what was asked for it."""
        begun = len(self.sandbox.log)
        answer = self.ws.sql(query, lake=lake, **options)
        return answer, Counter(entry.path for entry in list(self.sandbox.log)[begun:])


@contextmanager
def a_world(**options: Any) -> Iterator[World]:
    now = Time()
    with (
        serve(**{**SIZE, "seed": 7, "rate_limit": 100_000_000, **options}, clock=now) as sandbox,
        connect(sandbox.token, base_url=sandbox.base_url) as ws,
    ):
        yield World(sandbox, ws, now)


@pytest.fixture(scope="module")
def lively() -> Iterator[World]:
    """A world in which anything may change."""
    with a_world() as world:
        yield world


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """A world in which one conversation changes after the export, and nothing else ever does."""
    with a_world() as world:
        yield world


@pytest.fixture(scope="module")
def folder(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the lake that was written before."""
    folder = tmp_path_factory.mktemp("together") / "lake"
    world.export(folder).close()
    return folder


@pytest.fixture(scope="module")
def changed(world: World, folder: Path) -> str:
    """The id of the conversation that changed."""
    assert folder.exists()
    return world.change()


@pytest.fixture
def lake(folder: Path, changed: str) -> Iterator[Lake]:
    """The lake, which does not have the change."""
    assert changed
    with ik.open(folder) as opened:
        yield opened


@pytest.mark.timeout(3_000)
@pytest.mark.parametrize(("behaves", "lag"), [("documented", 0), ("measured", 180), ("a mix", 0)])
def test_whatever_changed_a_query_is_answered_as_over_all_that_intercom_holds(
    tmp_path: Path, behaves: str, lag: int, request: pytest.FixtureRequest
) -> None:
    seed = request.config.getoption("--mix-seed")
    words = mix(seed) if behaves == "a mix" else [] if behaves == "documented" else [behaves]
    with a_world(behaves=[*words, f"index-lag={lag}"]) as world:
        changes, whole = ToldChanges(world.sandbox, seed), now_whole(world.sandbox)
        inventor = Inventor(whole, seed)
        world.changes = changes
        changes.some()  # what the search may not show yet
        since = changes.random.choice((None, "60d"))
        with world.export(tmp_path / "lake", since=since) as lake:
            for _ in range(math.ceil(request.config.getoption("--fuzz") / 50)):
                world.now.ahead += lag + changes.random.choice((1, 3_000, 50_000))
                changes.some()
                world.now.ahead += lag
                query = changes.random.choice([*WITH_PARTS, *[inventor.query(shape) for shape in _some(changes)]])
                differs = world.differing(lake, query)
                assert not differs, f"{words} {lag} {since}\n{query}\n{differs}"
        whole.close()


def _some(changes: Changes) -> list[str]:
    return changes.random.sample(KEPT, len(WITH_PARTS))


@pytest.mark.parametrize("query", ["select state, count(*) as n from conversations group by 1", *WITH_PARTS[:1]])
def test_intercom_is_asked_for_what_changed_alone_as_the_plan_says(
    world: World, lake: Lake, changed: str, query: str
) -> None:
    plan = world.ws.plan(query, lake=lake)
    answer, asked = world.asked(lake, query)
    parts = {f"/conversations/{changed}": 1} if "parts" in query else {}
    assert asked == {"/conversations/search": 1, "/conversations/deleted": 1, **parts}
    assert plan["requests"].sum() == answer.attrs["intercom"]["requests"] == asked.total()
    assert not world.differing(lake, query)


def test_asking_again_asks_for_what_changed_since_then(world: World, lake: Lake) -> None:
    query = "select * from contacts"
    world.ws.sql(query, lake=lake)
    _, asked = world.asked(lake, query)
    assert asked == {"/contacts/search": 1}
    _, asked = world.asked(lake, query, fresh="session")
    assert not asked


def test_the_receipt_says_what_is_the_lakes_and_as_of_when(world: World, lake: Lake) -> None:
    as_of = lake.held.set_index("table")["as_of"]["conversations"]
    answer = world.ws.sql("select count(*) from conversations", lake=lake)
    assert f"rows of the lake as of {as_of:%Y-%m-%d %H:%M} UTC, and 1 fetched since" in answer.receipt
    assert answer.attrs["intercom"]["complete"]
    assert pd.Timestamp(answer.attrs["intercom"]["at"]) > as_of


def test_a_session_that_does_not_ask_is_as_of_the_lake(world: World, lake: Lake) -> None:
    answer, asked = world.asked(lake, PARTS, fresh="session")
    assert not asked
    assert pd.Timestamp(answer.attrs["intercom"]["at"]) == lake.held.set_index("table")["as_of"]["conversations"]


def test_conversations_of_ones_own_take_their_parts_from_the_lake(world: World, lake: Lake, changed: str) -> None:
    mine = world.ws.conversations(None)[["id"]].rename(columns={"id": "conversation_id"})
    query = "select p.id from mine join conversation_parts p using (conversation_id)"
    answer, asked = world.asked(lake, query, frames={"mine": mine})
    assert asked == {"/conversations/search": 1, "/conversations/deleted": 1, f"/conversations/{changed}": 1}
    assert len(answer) == len(world.ws.sql(query, frames={"mine": mine}))


def test_parts_of_conversations_that_are_named_are_asked_for(world: World, lake: Lake, changed: str) -> None:
    _, asked = world.asked(lake, f"select * from conversation_parts where conversation_id = '{changed}'")
    assert asked == {f"/conversations/{changed}": 1}


def test_a_table_that_the_lake_lacks_is_fetched(world: World, lake: Lake) -> None:
    assert not world.differing(lake, "select c.id, count(*) from companies c group by 1")
    assert not world.differing(lake, "select attr.plan, count(*) from contacts group by 1")


def test_a_metric_is_that_of_live_rows(world: World, lake: Lake) -> None:
    asked = {"by": "team", "period": "month", "since": "300d"}
    found = world.ws.metric("first_response_time", lake=lake, **asked)
    pd.testing.assert_frame_equal(
        pd.DataFrame(found), pd.DataFrame(world.ws.metric("first_response_time", **asked)), check_exact=True
    )
    assert "rows of the lake" in found.receipt


def test_more_requests_than_allowed_are_refused_with_the_plan(world: World, lake: Lake) -> None:
    query = "select * from conversations c join conversation_parts p on p.conversation_id = c.id"
    with pytest.raises(BadQueryError, match=r"bring the lake up to date") as refused:
        world.ws.sql(query, lake=lake, max_requests=2)
    assert refused.value.plan is not None


def test_only_a_lake_of_the_workspace_will_do(world: World, lake: Lake, folder: Path, tmp_path: Path) -> None:
    query = "select count(*) from conversations"
    with pytest.raises(BadRequestError, match=r"ik\.open"):
        world.ws.sql(query, lake=str(folder))  # type: ignore[arg-type]
    shutil.copytree(folder, tmp_path / "lake")
    other = manifest.read(tmp_path / "lake")
    replace(other, identity=replace(other.identity, workspace_id="another")).write()
    with ik.open(tmp_path / "lake") as elsewhere, pytest.raises(BadLakeError, match="give the lake of this one"):
        world.ws.sql(query, lake=elsewhere)
    token, base_url = world.sandbox.token, world.sandbox.base_url
    with connect(token, base_url=base_url, privacy="masked") as masked, pytest.raises(BadLakeError, match="the same"):
        masked.sql(query, lake=lake)
    with pytest.raises(BadRequestError, match="apart"):
        world.ws.sql(query, lake=lake, apart="1GB")
    lake.close()
    with pytest.raises(BadLakeError, match="open it again"):
        world.ws.sql(query, lake=lake)
    with pytest.raises(BadLakeError, match="open it again"):
        lake.sql(query)


def test_it_works_from_a_terminal(world: World, folder: Path, changed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTERCOM_ACCESS_TOKEN", world.sandbox.token)
    monkeypatch.setenv("INTERCOM_BASE_URL", world.sandbox.base_url)
    query = f"select state from conversations where id = '{changed}'"
    old = CliRunner().invoke(main, ["sql", "--lake", str(folder), "--csv", query])
    new = CliRunner().invoke(main, ["sql", "--lake", str(folder), "--live", "--csv", query])
    assert (old.output.split()[1] != "snoozed", new.output.split()[1]) == (True, "snoozed")
    planned = CliRunner().invoke(main, ["sql", "--lake", str(folder), "--live", "--plan", query])
    assert "brings the lake's rows up to date" in planned.output


def test_what_was_spilled_is_deleted_with_the_lake(world: World, folder: Path) -> None:
    lake = ik.open(folder)
    world.ws.sql("select count(*) from teams", lake=lake)
    spill = lake._engine._beside[world.ws._queries]._views.spill
    assert spill.is_dir()
    lake.close()
    assert not spill.exists()


def test_masked_rows_of_one_program_run_join(lively: World, tmp_path: Path) -> None:
    with connect(lively.sandbox.token, base_url=lively.sandbox.base_url, privacy="masked") as ws:
        ws.export(tmp_path / "lake", ["contacts", "conversations"])
        lively.change()
        query = "select k.name, c.state from contacts k join conversations c on c.source_author_name = k.name"
        with ik.open(tmp_path / "lake") as lake:
            assert not difference(rows_of(ws.sql(query)), rows_of(ws.sql(query, lake=lake)))


def test_what_was_created_before_the_lake_begins_is_fetched_as_far_as_a_query_needs_it(
    lively: World, tmp_path: Path
) -> None:
    with lively.export(tmp_path / "lake", since="60d") as lake:
        lively.change()
        _, asked = lively.asked(lake, "select count(*) from conversations where created_at > now() - interval 50 day")
        assert asked == {"/conversations/search": 1, "/conversations/deleted": 1}
        query = "select id from conversations where state = 'closed'"
        steps = lively.ws.plan(query, lake=lake)
        _, asked = lively.asked(lake, query)
        assert asked == {"/conversations/search": 2, "/conversations/deleted": 1}
        assert steps["requests"].sum() == asked.total()
        before = lively.ws.sql(f"{query} and created_at < now() - interval 60 day")
        assert steps["rows"].iloc[-1] == len(before) > 0
        assert not lively.differing(lake, query)
        assert not lively.differing(lake, PARTS)


def test_what_an_interrupted_export_left_out_is_fetched(
    lively: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    once = writing.Writer.span

    def stopped(writer: writing.Writer, table: Any, planned: Any) -> Any:
        step = once(writer, table, planned)

        def write(gathering: Any) -> None:
            if writer.manifest.table("conversations").done:
                raise KeyboardInterrupt
            step.write(gathering)

        return replace(step, write=write)

    monkeypatch.setattr(planning, "ROWS_OF_A_SPAN", 15)
    monkeypatch.setattr(writing.Writer, "span", stopped)
    with pytest.raises(KeyboardInterrupt):
        lively.export(tmp_path / "lake", tables="conversations", parts=False)
    monkeypatch.undo()
    lively.change()
    assert manifest.read(tmp_path / "lake").tables["conversations"].left()
    with ik.open(tmp_path / "lake") as lake:
        answer, _ = lively.asked(lake, "select count(*) from conversations")
        assert answer.attrs["intercom"]["complete"]
        assert not lively.differing(lake, "select * from conversations")


def test_a_change_that_the_search_did_not_show_yet_when_the_lake_was_written_comes(tmp_path: Path) -> None:
    midnight = datetime(datetime.now(UTC).year + 1, 1, 15, tzinfo=UTC).timestamp()  # in Dublin, too, in winter
    with a_world(behaves=["index-lag=300"]) as world:
        world.now.ahead = midnight - 60 - time.time()
        id = world.change(0)
        world.now.ahead += 120  # bounds of a search are widened to whole days, as long as these may be compared
        world.ws.teams()  # the session learns what time it is
        query = f"select state from conversations where id = '{id}'"
        with world.export(tmp_path / "lake", tables="conversations", parts=False) as lake:
            assert lake.sql(query).iat[0, 0] != "snoozed"
            world.now.ahead += 300
            assert world.ws.sql(query, lake=lake).iat[0, 0] == "snoozed"


def test_a_lake_that_grew_meanwhile_is_not_hidden_by_what_came_before(lively: World, tmp_path: Path) -> None:
    only: dict[str, Any] = {"tables": "conversations", "parts": False}
    with lively.export(tmp_path / "lake", **only) as lake:
        lively.change()
        query = "select id, state, updated_at from conversations"
        lively.ws.sql(query, lake=lake)
        lively.change()
        lively.export(tmp_path / "lake", **only).close()
        _, asked = lively.asked(lake, query, fresh="session")
        assert not asked
        assert not lively.differing(lake, query, fresh="session")


def test_events_that_intercom_forgot_are_the_lakes(
    lively: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with lively.export(tmp_path / "lake", tables="contacts", parts=False, events=True) as lake:
        query = "select count(*) from events"
        before = lake.sql(query).iat[0, 0]
        monkeypatch.setattr(fetching, "by_key", lambda *_, **__: nothing)
        assert lively.ws.sql(query, lake=lake, whole="events").iat[0, 0] == before > 0


async def nothing(_: Any) -> None:
    """Find no events."""


def test_parts_that_failed_midway_are_neither_doubled_nor_taken_for_complete(
    lively: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with lively.export(tmp_path / "lake", tables="conversations") as lake:
        unlucky = lively.change()
        monkeypatch.setattr(fetching, "by_key", failing_for(unlucky, midway=True))
        answer = lively.ws.sql(PARTS, lake=lake)
        assert not answer["id"].duplicated().any()
        assert f"failed: {unlucky}" in answer.attrs["intercom"]["why"]


def test_what_the_lake_lacks_of_long_conversations_is_told(world: World, lake: Lake) -> None:
    answer = world.ws.sql(PARTS, lake=lake)
    counts = answer["conversation_id"].value_counts()
    long = list(counts[counts == 500].index)
    assert long
    for each in long:
        assert f"conversation {each} has" in answer.attrs["intercom"]["why"]
    others = world.ws.sql(f"{PARTS} where not list_contains($long, c.id)", {"long": long}, lake=lake)
    assert others.attrs["intercom"]["complete"]
