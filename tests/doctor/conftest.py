"""A small workspace that has everything a check asks about: tickets, contacts with events, rows of a whole year."""

import time
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd
import pytest

from intercom_kit import connect
from intercom_kit.sandbox import Sandbox, serve

TICKETS = 80
TITLES = ("Cannot connect the integration", "Invoice missing for november", "Dashboard does not refresh")


@pytest.fixture
def busy() -> Iterator[Sandbox]:
    """A sandbox of the test's own: of two changes in one second, the later one would change nothing to be seen."""
    with serve(conversations=300, contacts=200, companies=40, seed=7) as running:
        conversations = running.workspace.conversations
        for place in range(0, TICKETS * 3, 3):
            id = conversations.id_of(place)
            title = TITLES[place % len(TITLES)]
            running.upsert("conversations", {"id": id, "title": title, "ticket": {"id": id, "ticket_id": f"9{id}"}})
        yield running


def change_something(sandbox: Sandbox, seconds: int) -> None:
    """Let a contact and a conversation say that they changed some seconds ago; the search may learn of it later."""
    for kind in ("contacts", "conversations"):
        id = sandbox.workspace.collection(kind).id_of(40)
        sandbox.upsert(kind, {"id": id, "updated_at": int(time.time()) - seconds})


def examined(sandbox: Sandbox, **options: Any) -> pd.DataFrame:
    """Check a workspace over a connection of its own, so that nothing is known before."""
    with connect(sandbox.token, base_url=sandbox.base_url) as ws:
        sandbox.log.clear()
        return ws.doctor(**options)


def results(report: pd.DataFrame) -> Mapping[tuple[str, str], tuple[str | None, str]]:
    """Give what was found, and the note, by behaviour and object."""
    return {
        (row["behaviour"], row["object"]): (row["found"] if isinstance(row["found"], str) else None, row["note"])
        for row in report.to_dict("records")
    }
