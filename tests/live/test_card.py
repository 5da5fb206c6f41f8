"""The card of a workspace, as a notebook shows it: what is known already, and nothing is asked to show it."""

import re
import threading

from intercom_kit import Workspace
from intercom_kit.auth.finding import find
from intercom_kit.sandbox import Sandbox

from ..conftest import Begin


def text(ws: Workspace) -> str:
    """Give a workspace's card without its markup."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", ws._repr_html_())).strip()


def test_says_whose_workspace_it_is(begin: Begin) -> None:
    _, ws = begin(region="us")
    assert text(ws).startswith("Northwind Cloud (sandbox) · region US · as Siobhán Ní Bhriain")


def test_says_what_is_held_and_what_was_asked_for(begin: Begin) -> None:
    _, ws = begin()
    assert "Nothing is cached yet" in text(ws)
    ws.sql("select count(*) from contacts")
    first, last = (f"{each:%Y-%m-%d}" for each in ws.contacts()["created_at"].agg(["min", "max"]))
    assert re.search(rf"contacts 30 {first} to {last} \d\d:\d\d:\d\d UTC", text(ws))
    assert re.search(r"3 requests made · 1,6\d\d of 1,666 left in the rate window at the last request", text(ws))


def test_asks_for_nothing_and_says_what_is_unknown(sandbox: Sandbox) -> None:
    before = sandbox.requests.total()
    with Workspace(find(sandbox.token, None, sandbox.base_url)) as ws:
        assert text(ws).startswith(f"A workspace at {sandbox.base_url} Nothing is cached yet")
        assert "rate budget unknown" in text(ws)
    assert sandbox.requests.total() == before


def test_says_that_a_workspace_was_closed(begin: Begin) -> None:
    _, ws = begin()
    ws.close()
    assert "closed: connect again" in text(ws)


def test_shows_names_as_text_never_as_markup(begin: Begin) -> None:
    sandbox, _ = begin()
    sandbox.workspace.name = "<script>alert(1)</script>"
    with Workspace(find(sandbox.token, None, sandbox.base_url)) as ws:
        _ = ws.identity
        assert "<script" not in ws._repr_html_()
        assert "&lt;script&gt;alert(1)" in ws._repr_html_()


def test_a_frames_receipt_shows_failures_as_text_never_as_markup(begin: Begin) -> None:
    _, ws = begin()
    frame = ws.events(["<b>nobody</b>", str(ws.contacts()["external_id"].dropna().iloc[0])])
    assert "<b>nobody</b>" in frame.attrs["intercom"]["failures"]
    assert "<b>nobody" not in frame._repr_html_()


def test_is_shown_for_a_workspace_that_another_thread_uses(begin: Begin) -> None:
    _, ws = begin()
    stop = threading.Event()

    def use() -> None:
        while not stop.is_set():
            ws.sql("select count(*) from contacts", fresh="session")

    thread = threading.Thread(target=use)
    thread.start()
    try:
        for _ in range(100):
            assert "Northwind" in text(ws)
    finally:
        stop.set()
        thread.join()
