"""Tokens, codes and client secrets go where they must, and show nowhere else."""

import copy
import json
import logging
import os
import pickle
import ssl
import threading
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from intercom_kit import IntercomError, NotFoundError, Workspace, connect
from intercom_kit.api.identity import Identity
from intercom_kit.api.secret import Secret
from intercom_kit.auth.credentials import Credential, OAuthClient
from intercom_kit.auth.login import Login, begin
from intercom_kit.auth.profiles import load, profiles, save
from intercom_kit.sandbox import Sandbox, serve

from ..conftest import NOW, SMALL, Begin
from ..live.strangers import Asked, Said, always, stranger
from .conftest import MemoryKeyring, client_of, decide
from .exposure import reachable, told

TOKEN = "dG9rOmEtdmVyeS1zZWNyZXQtdG9rZW4="


@pytest.fixture
def connected(begin: Begin) -> tuple[Sandbox, Workspace]:
    return begin(token=TOKEN)


def test_no_variable_view_shows_it(connected: tuple[Sandbox, Workspace]) -> None:
    _, ws = connected
    frame = ws.contacts()
    for thing in (ws, ws.identity, ws.fetches, frame, frame.attrs, str(ws), ws.schema("contacts")):
        assert TOKEN not in reachable(thing)
    assert TOKEN not in frame._repr_html_()


def test_it_cannot_be_pickled_or_copied_along(connected: tuple[Sandbox, Workspace]) -> None:
    _, ws = connected
    for attempt in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="credential"):
            attempt(ws)
    frame = ws.contacts(2)
    assert TOKEN.encode() not in pickle.dumps(frame)
    assert list(pickle.loads(pickle.dumps(frame))["id"]) == list(frame["id"])  # noqa: S301 - our own


def test_no_traceback_shows_it_even_with_local_variables(connected: tuple[Sandbox, Workspace]) -> None:
    sandbox, ws = connected
    with pytest.raises(NotFoundError) as absent:
        ws.contact("nobody")
    sandbox.revoke(TOKEN)
    with pytest.raises(IntercomError) as revoked:
        ws.contacts()
    assert TOKEN not in told(absent.value) + told(revoked.value)


def test_no_log_shows_it_however_much_is_logged(
    connected: tuple[Sandbox, Workspace], caplog: pytest.LogCaptureFixture
) -> None:
    _, ws = connected
    with caplog.at_level(logging.DEBUG):
        for name in ("httpx", "httpcore", "intercom_kit", "asyncio"):
            logging.getLogger(name).setLevel(logging.DEBUG)
        ws.contacts(since="2026-01-01")
        with pytest.raises(NotFoundError):
            ws.company("nobody")
    assert caplog.records
    assert TOKEN not in caplog.text
    assert not any(TOKEN in str(record.__dict__) for record in caplog.records)


def test_the_sandbox_gets_it_in_the_header_and_not_in_the_address(connected: tuple[Sandbox, Workspace]) -> None:
    sandbox, ws = connected
    ws.events(ws.contacts(3))
    assert all(TOKEN not in f"{logged.path}{logged.query}{logged.body}" for logged in sandbox.log)


def listing(next_page: str, **more: Any) -> str:
    pages = {"type": "pages", "next": next_page, "page": 1, "per_page": 1, "total_pages": 2}
    return json.dumps({"type": "list", "pages": pages, "total_count": 2, **more})


def test_it_goes_to_no_other_host_whatever_the_answers_say() -> None:
    with stranger(always(Said("{}"))) as thief:

        def answer(asked: Asked) -> Said:
            if asked.path.startswith("/events"):
                event = {"id": asked.path, "created_at": NOW}
                following = "" if "before" in asked.path else f"{thief.base_url}/events?before=5&type=user&user_id=x"
                return Said(listing(following, events=[event]))
            if asked.path.startswith("/companies"):
                number = asked.path.partition("page=")[2].partition("&")[0]
                return Said(listing(f"{thief.base_url}/companies?page=2", data=[{"id": number}]))
            if asked.path.startswith("/teams"):
                return Said("", 302, {"location": f"{thief.base_url}/teams"})
            return Said(json.dumps({"type": "admin", "id": "1", "app": {"timezone": "UTC"}}))

        with stranger(answer) as intercom, connect(TOKEN, base_url=intercom.base_url, patience=0.1) as ws:
            assert len(ws.companies()) == 2
            with pytest.raises(IntercomError):
                ws.teams()
            assert len(ws.events("x")) == 2
            assert all(asked.headers["authorization"] == f"Bearer {TOKEN}" for asked in intercom.asked)
        assert thief.asked == []


CODE = "WzE3MTIzYSBzZWNyZXQgY29kZV0="
CLIENT = OAuthClient("an-app", Secret("an-apps-very-secret-secret"))
SECRETS = (TOKEN, CODE, CLIENT.secret.reveal())


def hides(shown: str, *more: str) -> bool:
    return not any(secret in shown for secret in (*SECRETS, *more) if secret)


def answer_of(login: Login) -> str:
    """The address that a browser would land on, with a code that is known."""
    state = parse_qs(urlsplit(login.url).query)["state"][0]
    return f"https://127.0.0.1:8917/callback?code={CODE}&state={state}"


@pytest.mark.parametrize(
    "said",
    [
        Said(json.dumps({"access_token": TOKEN})),  # and then /me answers the same
        Said(json.dumps({"access_token": f"{TOKEN} {TOKEN}"})),
        Said(json.dumps({"the_token": TOKEN})),
        Said(json.dumps({"access_token": TOKEN, "expires_in": "soon"})),
        Said(json.dumps({"access_token": {"is": TOKEN}})),
        Said(json.dumps([TOKEN])),
        Said(f'{{"access_token": "{TOKEN}", '),
        Said(f"<html>{TOKEN} {CODE}</html>"),
        Said("", 200),
        Said(json.dumps({"errors": [{"code": "x", "message": f"no app has {CODE}"}]}), 401),
        Said(json.dumps({"errors": [{"code": "x", "message": f"no app has {CODE}"}]}), 400),
        Said(f"<html>{CODE}</html>", 502),
        Said(CODE, 302, {"location": f"/?code={CODE}"}),
    ],
    ids=lambda said: f"{said.status} {said.body[:24]}",
)
@pytest.mark.usefixtures("quick")
def test_a_login_that_fails_shows_nothing(said: Said) -> None:
    with stranger(always(said)) as server:
        login = begin(CLIENT, base_url=server.base_url, loopback=False)
        told_of: list[object] = []
        login.on_done(told_of.append)
        with pytest.raises(IntercomError) as failed:
            login.finish(answer_of(login))
        assert hides(told(failed.value) + reachable(login) + reachable(told_of))
        with pytest.raises(IntercomError) as used:
            login.finish(answer_of(login))
        assert hides(told(used.value))
        assert all(hides(asked.path) for asked in server.asked)


@pytest.mark.parametrize("address", [f"{CODE}", f"code={CODE}", f"code={CODE}&state=x", f"?error={CODE}&state=x"])
def test_an_address_that_is_refused_is_not_quoted(address: str) -> None:
    login = begin(CLIENT, base_url="http://127.0.0.1:9", loopback=False)
    with pytest.raises(IntercomError) as failed:
        login.finish(address)
    assert hides(told(failed.value))
    login.cancel()


@pytest.mark.usefixtures("quick")
def test_a_server_that_cannot_be_reached_learns_and_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("intercom_kit.auth.exchange.PATIENCE", 0.1)
    login = begin(CLIENT, base_url="http://127.0.0.1:9", loopback=False)
    with pytest.raises(IntercomError) as failed:
        login.finish(answer_of(login))
    assert hides(told(failed.value) + reachable(login))


def test_an_interrupted_login_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with serve(**SMALL) as sandbox:
        login = begin(client_of(sandbox), base_url=sandbox.base_url, loopback=False)
        landed = decide(login)
        monkeypatch.setattr("intercom_kit.auth.login.check", interrupt)
        with pytest.raises(KeyboardInterrupt) as stopped:
            login.finish(landed)
        assert hides(told(stopped.value), sandbox.client_secret, landed, code_in(landed))


def test_a_login_that_works_shows_nothing(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], memory: MemoryKeyring
) -> None:
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    with serve(**SMALL) as sandbox, caplog.at_level(logging.DEBUG):
        for name in ("httpx", "httpcore", "intercom_kit", "asyncio", "keyring", "http.server"):
            logging.getLogger(name).setLevel(logging.DEBUG)
        login = begin(client_of(sandbox), base_url=sandbox.base_url, https=True)
        landed = decide(login)
        caplog.clear()  # of the browser that the test plays
        logging.getLogger("httpx").setLevel(logging.WARNING)
        page = httpx.get(landed, verify=trusting).text
        credential = login.wait(10)
        saved = save(credential)
        with connect() as ws:
            shown = [reachable(each) for each in (login, credential, saved, profiles(), ws, load(), ws.identity)]
        secrets = (credential.token.reveal(), sandbox.client_secret, code_in(landed))
        assert memory.entries
        printed = capfd.readouterr()
        for each in (*shown, page, printed.out, printed.err, login.url):
            assert hides(each, *secrets)
        logged = [record for record in caplog.records if not of_the_browser(record)]
        assert logged
        assert all(hides(f"{record.getMessage()}{record.__dict__}", *secrets) for record in logged)


def test_neither_a_login_nor_a_credential_can_be_pickled() -> None:
    login = begin(CLIENT, base_url="http://127.0.0.1:9", loopback=False)
    for thing in (login, CLIENT, Credential(Secret(TOKEN), "https://api.intercom.io")):
        for attempt in (pickle.dumps, copy.deepcopy):
            with pytest.raises(TypeError, match=r"pickled|copied"):
                attempt(thing)
    login.cancel()


@pytest.mark.usefixtures("quick")
def test_connecting_in_vain_shows_nothing() -> None:
    echo = json.dumps({"errors": [{"code": "unauthorized", "message": f"{TOKEN} is unknown"}]})
    for said in (
        Said("{}", 401),
        Said(echo, 401),
        Said(f"<html>{TOKEN}</html>"),
        Said(json.dumps({"errors": []}), 500),
    ):
        with stranger(always(said)) as server, pytest.raises(IntercomError) as failed:
            connect(TOKEN, base_url=server.base_url, patience=0.1)
        assert hides(told(failed.value))
    with stranger(always(Said(echo, 403))) as server, connect(TOKEN, base_url=server.base_url) as ws:
        assert hides(ws.identity.note)
    for bad in (f"{TOKEN} {TOKEN}", f"{TOKEN}\n{TOKEN}", f"{TOKEN}é"):
        with pytest.raises(IntercomError) as failed:
            connect(bad)
        assert hides(told(failed.value))
    with pytest.raises(IntercomError) as failed:
        connect(TOKEN, region="mars")
    assert hides(told(failed.value))


@pytest.mark.usefixtures("no_keyring")
def test_a_file_that_fails_shows_nothing(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    identity = Identity("abc", "Acme", "us")
    credential = Credential(Secret(TOKEN), "https://api.intercom.io", identity=identity, client=CLIENT)
    save(credential)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(IntercomError) as failed:
            save(credential)
    assert hides(told(failed.value))
    path = home / "profiles.json"
    for text in (path.read_text()[:-5], path.read_text().replace('"version": 1', '"version": 9')):
        path.write_text(text)
        with pytest.raises(IntercomError) as failed:
            load()
        assert hides(told(failed.value))
    path.chmod(0o644)
    with pytest.raises(IntercomError) as failed:
        load()
    assert hides(told(failed.value))


def test_a_keyring_that_fails_shows_nothing(memory: MemoryKeyring, caplog: pytest.LogCaptureFixture) -> None:
    def broken(*given: object) -> None:
        raise RuntimeError(f"cannot keep {given}")

    memory.set_password = broken  # type: ignore[method-assign]
    with caplog.at_level(logging.DEBUG):
        saved = save(Credential(Secret(TOKEN), "https://api.intercom.io", identity=Identity("abc", "Acme", "us")))
    assert hides(repr(saved) + caplog.text)


def code_in(landed: str) -> str:
    return parse_qs(urlsplit(landed).query)["code"][0]


def of_the_browser(record: logging.LogRecord) -> bool:
    """Tell the log of the test's own HTTP client, which plays the browser, from the kit's: it ran in this thread."""
    return record.name.startswith("httpcore") and record.threadName == threading.current_thread().name
