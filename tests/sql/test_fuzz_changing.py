"""Whatever changes at Intercom between queries, each is answered as over all that Intercom holds at that moment."""

import math
import random
import time
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from intercom_kit import connect
from intercom_kit.live import fetching
from intercom_kit.sandbox import Sandbox, serve
from intercom_kit.search import learning
from tests.mixes import mix

from .queries import SHAPES, Inventor
from .test_fuzz import mismatch
from .whole import Whole

# Shapes over tables that are kept for the session; what is asked for key by key is asked for anew each time.
KEPT = [shape for shape, query in SHAPES.items() if "events" not in query and "summaries" not in query]
KEPT = [
    shape
    for shape in KEPT
    if "parts" not in SHAPES[shape] and "contact_" not in SHAPES[shape].replace("contact_id", "")
]


class Changes:
    """Change a sandbox's rows at random, as its users would: `updated_at` tells."""

    def __init__(self, sandbox: Sandbox, seed: int) -> None:
        self.sandbox = sandbox
        self.random = random.Random(seed)  # noqa: S311 - tests are to be repeatable
        self.contact_gone = False  # which Intercom tells nobody

    def some(self) -> None:
        """Change some rows, or none."""
        kinds: list[Callable[[], None]] = [self._edit, self._edit, self._edit, self._add, self._delete, self._merge]
        for _ in range(self.random.choice((0, 0, 1, 1, 2, 5))):
            self.random.choice(kinds)()

    def _edit(self) -> None:
        kind = self.random.choice(("conversations", "contacts"))
        record = self._any(kind)
        change = self._conversation() if kind == "conversations" else self._contact(record)
        self.sandbox.upsert(kind, {"id": record["id"], "updated_at": int(self.sandbox.clock()), **change})

    def _conversation(self) -> dict[str, Any]:
        state = self.random.choice(("open", "closed", "snoozed"))
        return self.random.choice(
            (
                {"state": state, "open": state != "closed"},
                {"priority": self.random.choice(("priority", "not_priority"))},
                {"read": self.random.random() < 0.5, "title": f"Changed {self.random.randrange(9)}"},
                {"admin_assignee_id": self._any("conversations")["admin_assignee_id"]},
                {"tags": self._any("conversations")["tags"]},
            )
        )

    def _contact(self, record: dict[str, Any]) -> dict[str, Any]:
        attributes = {**record["custom_attributes"], "plan": self.random.choice(("Free", "Growth", "Enterprise"))}
        return self.random.choice(
            (
                {"role": self.random.choice(("user", "lead"))},
                {"name": f"Changed {self.random.randrange(9)}", "email": self._any("contacts")["email"]},
                {"last_seen_at": int(self.sandbox.clock()) - self.random.randrange(100 * 86_400)},
                {"custom_attributes": attributes},
                {"owner_id": self._any("contacts")["owner_id"]},
            )
        )

    def _add(self) -> None:
        kind, now = self.random.choice(("conversations", "contacts")), int(self.sandbox.clock())
        new = {"id": f"9{self.random.randrange(10**14):014}", "created_at": now - 1, "updated_at": now}
        if kind == "contacts":
            new["external_id"] = f"new-{new['id']}"
        self.sandbox.upsert(kind, {**self._any(kind), **new})

    def _delete(self) -> None:
        kind = self.random.choice(("conversations", "conversations", "contacts"))
        self.sandbox.delete(kind, self._any(kind)["id"])
        self.contact_gone |= kind == "contacts"

    def _merge(self) -> None:
        one, other = self._any("contacts"), self._any("contacts")
        if one["id"] != other["id"]:
            self.sandbox.merge(one["id"], other["id"])
            self.sandbox.upsert("contacts", {"id": other["id"], "updated_at": int(self.sandbox.clock())})
            self.contact_gone = True

    def _any(self, kind: str) -> dict[str, Any]:
        collection = self.sandbox.workspace.collection(kind)
        return collection.record(self.random.randrange(len(collection)))


class Time:
    """The sandbox's time, which can be moved on."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


def tried(seed: int, steps: int, behaves: Iterable[str] = (), lag: int = 0) -> str:
    """Change and ask so many times; describe the first answer that is not as over all data, if there is one.

    Where the search index lags, somebody asks at once; the answer counts that is given once the index has caught up.
    """
    options: dict[str, Any] = {"conversations": 160, "contacts": 60, "companies": 20, "rate_limit": 100_000_000}
    now, words = Time(), [*behaves, f"index-lag={lag}"]
    with (
        serve(**options, seed=seed, behaves=words, clock=now) as sandbox,
        connect(sandbox.token, base_url=sandbox.base_url) as live,
    ):
        changes, whole = Changes(sandbox, seed), now_whole(sandbox)
        inventor = Inventor(whole, seed)
        for _ in range(steps):
            version = versions(sandbox)
            changes.some()
            if versions(sandbox) != version:
                live.sql("select count(*) from conversations, contacts")
                now.ahead += lag
                renew(whole, sandbox)
            query = inventor.query(changes.random.choice(KEPT))
            # Only asking for all of them again tells which contacts are gone.
            again = changes.contact_gone and ("contacts" in query)
            fetches = len(live.fetches)
            if differs := mismatch(live, whole, query, "refetch" if again else "live"):
                return f"{query}\n{differs}"
            # A condition that no row can meet asks for nothing.
            changes.contact_gone &= not (again and "contacts" in set(live.fetches["table"][fetches:]))
        whole.close()
    return ""


def now_whole(sandbox: Sandbox) -> Whole:
    """Load everything, in a session that remembers nothing."""
    with connect(sandbox.token, base_url=sandbox.base_url) as workspace:
        return Whole(workspace, keyed=False)


def renew(whole: Whole, sandbox: Sandbox) -> None:
    """Load what changes anew, in a session that remembers nothing."""
    with connect(sandbox.token, base_url=sandbox.base_url) as workspace:
        whole.renew(workspace)


def versions(sandbox: Sandbox) -> list[int]:
    """Count the changes so far."""
    return [sandbox.workspace.collection(kind).version for kind in ("contacts", "conversations")]


@pytest.mark.timeout(3_000)
@pytest.mark.parametrize("run", range(4))
def test_answers_follow_what_changes(run: int, request: pytest.FixtureRequest) -> None:
    steps = math.ceil(request.config.getoption("--fuzz") / 20)
    assert not tried(100 * request.config.getoption("--fuzz-seed") + run, steps)


@pytest.mark.timeout(3_000)
@pytest.mark.parametrize("lag", [0, 40, 180, 600])
def test_they_do_so_however_the_search_behaves_and_lags(lag: int, request: pytest.FixtureRequest) -> None:
    steps, seed = math.ceil(request.config.getoption("--fuzz") / 30), request.config.getoption("--mix-seed") + lag
    behaves = ["measured"] if lag == 40 else mix(seed)
    assert not tried(seed, steps, behaves, lag), behaves


async def nothing(*_: Any) -> None:
    """Leave out what should be done."""


def deaf(monkeypatch: pytest.MonkeyPatch) -> None:
    """Never ask what changed."""
    monkeypatch.setattr(fetching.Fetching, "_refreshed", nothing)


def late(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask for what changed from some days on."""
    monkeypatch.setattr(learning.Learning, "lag", lambda *_: -3 * 86_400)


def undeleted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Never ask what was deleted."""
    monkeypatch.setattr(fetching.Fetching, "_without_deleted", nothing)


@pytest.mark.parametrize("plant", [deaf, late, undeleted])
def test_a_planted_fault_is_noticed(
    plant: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(monkeypatch)
    assert any(tried(seed, 40) for seed in range(3))
