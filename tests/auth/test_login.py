"""One attempt to connect: by the receiver, by pasting, and all that can come of it."""

import contextlib
import ssl
import threading
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from intercom_kit import (
    IntercomError,
    LoginDeniedError,
    LoginError,
    LoginExpiredError,
    LoginRefusedError,
    LoginStateError,
    LoginUsedError,
    Workspace,
)
from intercom_kit.api.secret import Secret
from intercom_kit.auth.check import check
from intercom_kit.auth.credentials import Credential, OAuthClient
from intercom_kit.auth.login import begin
from intercom_kit.sandbox import Sandbox, serve

from ..conftest import SMALL
from .conftest import Start, client_of, decide


class TestReceiver:
    def test_connects_when_the_browser_comes_back(self, start: Start) -> None:
        login = start()
        page = httpx.get(decide(login))
        assert page.status_code == 200
        assert "Connected to “Northwind Cloud (sandbox)”. Go back to the terminal; you may close this tab." in page.text
        credential = login.wait(10)
        assert credential.identity is not None
        assert credential.identity.workspace == "Northwind Cloud (sandbox)"
        assert credential.region == "us"
        with Workspace(credential) as ws:
            assert len(ws.contacts(limit=3)) == 3

    def test_speaks_https_with_a_certificate_of_its_own(self, start: Start) -> None:
        login = start(https=True)
        with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            httpx.get(decide(login))
        trusting = ssl.create_default_context()
        trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
        assert httpx.get(decide(login), verify=trusting).status_code == 200
        assert login.wait(10).token

    def test_listens_on_this_machine_alone(self, start: Start) -> None:
        returns_to = parse_qs(urlsplit(start().url).query)["redirect_uri"][0]
        assert urlsplit(returns_to).hostname == "127.0.0.1"

    def test_a_port_that_is_taken_leaves_the_paste_path(self, start: Start) -> None:
        first = start()
        assert (first.receiving, first.note) == (True, "")
        port = urlsplit(parse_qs(urlsplit(first.url).query)["redirect_uri"][0]).port
        second = start(port=port)
        assert not second.receiving
        assert f"Port {port} is taken" in second.note
        landed = decide(second)
        page = httpx.get(landed)  # at the first's receiver
        assert page.status_code == 400
        assert "another attempt" in page.text
        assert second.finish(landed).token
        assert httpx.get(decide(first)).status_code == 200

    def test_a_silent_connection_does_not_hold_up_the_browser(self, start: Start) -> None:
        import socket

        login = start()
        landed = decide(login)
        with socket.create_connection(("127.0.0.1", urlsplit(landed).port or 0)):
            assert httpx.get(landed).status_code == 200

    def test_other_addresses_are_answered_without_consequence(self, start: Start) -> None:
        login = start()
        landed = decide(login)
        address = landed.partition("?")[0]
        assert httpx.get(address.replace("/callback", "/favicon.ico")).status_code == 404
        assert httpx.get(f"{address}?code=x&state=y").status_code == 400
        assert httpx.post(landed).status_code == 501
        assert httpx.get(landed).status_code == 200

    def test_a_second_answer_finds_nobody_or_is_refused(self, start: Start) -> None:
        login = start()
        landed = decide(login)
        assert httpx.get(landed).status_code == 200
        token = login.wait(10).token
        with contextlib.suppress(httpx.TransportError):  # it may have stopped listening already
            assert httpx.get(landed).status_code == 400
        assert login.wait().token is token

    def test_a_denial_ends_the_login(self, start: Start) -> None:
        login = start()
        page = httpx.get(decide(login, "deny"))
        assert page.status_code == 400
        assert "choose Allow" in page.text
        with pytest.raises(LoginDeniedError):
            login.wait(10)

    def test_stops_listening_when_it_is_over(self, start: Start) -> None:
        login = start()
        landed = decide(login)
        login.cancel()
        with pytest.raises(httpx.ConnectError):
            httpx.get(landed)

    def test_what_intercom_calls_the_workspace_is_escaped_in_the_page(self) -> None:
        records = {"contacts": []}
        with serve(records=records) as sandbox:
            sandbox._application.workspace.name = "<b>Bobby</b> & co"
            login = begin(client_of(sandbox), base_url=sandbox.base_url)
            assert "“&lt;b&gt;Bobby&lt;/b&gt; &amp; co”" in httpx.get(decide(login)).text

    def test_writes_no_key_that_could_be_used_by_who_finds_the_file(
        self, start: Start, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        written: list[bytes] = []
        write = Path.write_bytes

        def seen(path: Path, data: bytes) -> int:
            written.append(data)
            return write(path, data)

        monkeypatch.setattr(Path, "write_bytes", seen)
        start(https=True)
        (pem,) = written
        with pytest.raises(TypeError, match="encrypted"):
            load_pem_private_key(pem, password=None)

    def test_that_cannot_write_its_certificate_says_how_else_to_log_in(
        self, start: Start, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
        with pytest.raises(LoginError, match=r"No such file.*--paste"):
            start(https=True)


class TestPaste:
    def test_connects_with_the_address_landed_on(self, start: Start) -> None:
        login = start(loopback=False)
        assert not login.receiving
        assert login.finish(decide(login)).token

    def test_works_beside_the_receiver(self, start: Start) -> None:
        login = start()
        credential = login.finish(decide(login))
        assert login.wait(0) is credential

    def test_a_wrong_address_may_be_followed_by_the_right_one(self, start: Start) -> None:
        login, other = start(loopback=False), start(loopback=False)
        with pytest.raises(LoginStateError, match="another attempt"):
            login.finish(decide(other))
        assert login.finish(decide(login)).token

    def test_works_once(self, start: Start) -> None:
        login = start(loopback=False)
        landed = decide(login)
        login.finish(landed)
        with pytest.raises(LoginUsedError):
            login.finish(landed)

    def test_of_many_at_once_one_connects(self, start: Start, sandbox: Sandbox) -> None:
        login = start(loopback=False)
        landed, came = decide(login), []
        before = sandbox.requests["POST /auth/eagle/token"]

        def finish() -> None:
            try:
                came.append(type(login.finish(landed)))
            except IntercomError as error:
                came.append(type(error))

        threads = [threading.Thread(target=finish) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert came.count(Credential) == 1
        assert came.count(LoginUsedError) == 7
        assert sandbox.requests["POST /auth/eagle/token"] == before + 1

    def test_a_code_that_intercom_does_not_know_is_refused(self, start: Start) -> None:
        login = start(loopback=False)
        state = parse_qs(urlsplit(login.url).query)["state"][0]
        with pytest.raises(LoginRefusedError, match="did not take the code"):
            login.finish(f"code=bm9uZQ==&state={state}")

    def test_a_wrong_client_secret_is_named_as_such(self, sandbox: Sandbox) -> None:
        wrong = OAuthClient(sandbox.client_id, Secret("wrong"))
        login = begin(wrong, base_url=sandbox.base_url, loopback=False)
        with pytest.raises(LoginRefusedError, match="INTERCOM_CLIENT_SECRET"):
            login.finish(decide(login))


class TestEnd:
    def test_nobody_answers_in_time(self, start: Start) -> None:
        login = start(timeout=0.05)
        with pytest.raises(LoginExpiredError):
            login.wait(10)
        with pytest.raises(LoginExpiredError, match="Start again"):
            login.finish("code=late&state=late")

    def test_waiting_may_be_shorter_than_the_login_lasts(self, start: Start) -> None:
        with pytest.raises(LoginExpiredError):
            start().wait(0)

    def test_cancelling_wakes_who_waits(self, start: Start) -> None:
        login = start()
        threading.Timer(0.05, login.cancel).start()
        with pytest.raises(LoginError, match="cancelled"):
            login.wait(10)

    def test_cancelling_while_the_code_is_traded_is_obeyed(self, start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
        login = start(loopback=False)

        def check_and_cancel(credential: Credential, **_: object) -> Credential:
            login.cancel()
            return check(credential)

        monkeypatch.setattr("intercom_kit.auth.login.check", check_and_cancel)
        with pytest.raises(LoginError, match="cancelled"):
            login.finish(decide(login))

    def test_what_nobody_foresaw_is_told_with_its_reason_to_whoever_waits_and_in_the_browser(
        self, start: Start, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(*_: object, **__: object) -> Credential:
            raise ZeroDivisionError("while checking")

        monkeypatch.setattr("intercom_kit.auth.login.check", broken)
        login = start()
        page = httpx.get(decide(login))
        assert page.status_code == 400
        assert "ZeroDivisionError: while checking" in page.text
        with pytest.raises(LoginError, match=r"failed unexpectedly .*ZeroDivisionError: while checking.*start again"):
            login.wait(10)

    def test_callbacks_are_told_once_with_what_came_of_it(self, start: Start) -> None:
        told: list[Credential | IntercomError] = []
        login = start(loopback=False)
        login.on_done(told.append)
        credential = login.finish(decide(login))
        login.cancel()
        login.on_done(told.append)
        assert told == [credential, credential]

    def test_callbacks_are_told_of_failures_too(self, start: Start) -> None:
        told: list[Credential | IntercomError] = []
        expiring, denied = start(timeout=0.05), start()
        expiring.on_done(told.append)
        with pytest.raises(LoginExpiredError):
            expiring.wait(10)
        denied.on_done(told.append)
        httpx.get(decide(denied, "deny"))
        with pytest.raises(LoginDeniedError):
            denied.wait(10)
        assert [type(each) for each in told] == [LoginExpiredError, LoginDeniedError]


class TestWho:
    def test_an_admin_whose_address_is_not_verified_is_refused(self) -> None:
        with serve(**SMALL) as sandbox:
            admin = next(sandbox._application.workspace.simple["admins"].records())
            sandbox.upsert("admins", {"id": admin["id"], "email_verified": False})
            login = begin(client_of(sandbox), base_url=sandbox.base_url, loopback=False)
            with pytest.raises(LoginRefusedError, match="not verified the email address"):
                login.finish(decide(login))

    def test_an_app_that_may_not_say_whose_workspace_it_is_cannot_be_bound_to_one(self) -> None:
        with serve(**SMALL, missing_scopes=["read_admins"]) as sandbox:
            login = begin(client_of(sandbox), base_url=sandbox.base_url, loopback=False)
            with pytest.raises(LoginRefusedError, match="Read one admin"):
                login.finish(decide(login))
