"""The commands login, status and logout, with a plain HTTP client for a browser."""

import re
import sys
import threading
import webbrowser

import httpx
import pexpect
import psutil
import pytest
from click.testing import CliRunner, Result

from intercom_kit import connect
from intercom_kit.auth.profiles import load, profiles
from intercom_kit.cli import main
from intercom_kit.sandbox import Sandbox, serve

from ..conftest import SMALL
from .conftest import Stored, decide_at


def run(*arguments: str, given: str = "") -> Result:
    return CliRunner().invoke(main, arguments, input=given)


@pytest.fixture
def app(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """The sandbox, and its app in the environment."""
    monkeypatch.setenv("INTERCOM_BASE_URL", sandbox.base_url)
    monkeypatch.setenv("INTERCOM_CLIENT_ID", sandbox.client_id)
    monkeypatch.setenv("INTERCOM_CLIENT_SECRET", sandbox.client_secret)
    return sandbox


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> list[threading.Thread]:
    """A browser whose user allows everything."""
    opened: list[threading.Thread] = []

    def open_page(address: str) -> bool:
        opened.append(threading.Thread(target=lambda: httpx.get(decide_at(address))))
        opened[-1].start()
        return True

    monkeypatch.setattr(webbrowser, "open", open_page)
    return opened


class TestLogin:
    @pytest.mark.usefixtures("app")
    def test_opens_the_browser_and_keeps_what_comes_of_it(self, browser: list[threading.Thread]) -> None:
        result = run("login")
        browser[0].join()
        assert result.exit_code == 0, result.output
        assert "Connected to “Northwind Cloud (sandbox)”" in result.output
        assert "The profile 'northwind-cloud-sandbox' is kept in the keyring (memory Keyring)." in result.output
        with connect() as ws:
            assert len(ws.contacts(1)) == 1

    @pytest.mark.usefixtures("app")
    @pytest.mark.parametrize("fails", [False, True], ids=["none there", "one that cannot start"])
    def test_without_a_browser_it_says_so_and_ends_in_time(self, fails: bool, monkeypatch: pytest.MonkeyPatch) -> None:
        def none_there(_: str) -> bool:
            if fails:
                raise webbrowser.Error("could not locate runnable browser")
            return False

        monkeypatch.setattr(webbrowser, "open", none_there)
        result = run("login", "--timeout", "0.5")
        assert result.exit_code == 1
        assert "No browser could be opened here: open the page yourself." in result.output
        assert "Nobody answered in time" in result.output

    @pytest.mark.usefixtures("no_keyring", "app", "browser")
    def test_says_where_the_file_is_if_there_is_no_keyring(self) -> None:
        assert re.search(r"is kept in the file /.*profiles\.json, readable by you only", run("login").output)

    @pytest.mark.usefixtures("app", "browser")
    def test_a_name_is_a_wish(self) -> None:
        assert run("login", "--profile", "mine").exit_code == 0
        assert [each.name for each in profiles()] == ["mine"]

    @pytest.mark.usefixtures("app", "browser")
    def test_a_second_one_finds_the_app_in_the_profile(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert run("login").exit_code == 0
        monkeypatch.delenv("INTERCOM_CLIENT_ID")
        monkeypatch.delenv("INTERCOM_CLIENT_SECRET")
        assert run("login").exit_code == 0
        assert len(profiles()) == 1

    def test_without_an_app_says_what_is_missing(self, sandbox: Sandbox) -> None:
        result = run("login", "--base-url", sandbox.base_url)
        assert result.exit_code == 1
        assert "INTERCOM_CLIENT_ID" in result.output

    @pytest.mark.usefixtures("app")
    def test_nobody_coming_back_is_said(self) -> None:
        result = run("login", "--no-browser", "--timeout", "0.1")
        assert result.exit_code == 1
        assert "expired" in result.output

    def test_takes_a_token_from_standard_input(self, sandbox: Sandbox) -> None:
        result = run("login", "--token", "--base-url", sandbox.base_url, given=f"{sandbox.token}\n")
        assert result.exit_code == 0, result.output
        assert load().token.reveal() == sandbox.token
        assert sandbox.token not in result.output

    def test_takes_no_token_as_an_argument(self, sandbox: Sandbox) -> None:
        assert run("login", f"--token={sandbox.token}").exit_code == 2
        assert profiles() == []

    def test_no_token_is_not_made_up_for_by_the_environment(
        self, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("INTERCOM_ACCESS_TOKEN", sandbox.token)
        result = run("login", "--token", "--base-url", sandbox.base_url, given="\n")
        assert result.exit_code == 1
        assert "empty" in result.output
        assert profiles() == []

    def test_a_bad_token_is_not_kept(self, sandbox: Sandbox) -> None:
        result = run("login", "--token", "--base-url", sandbox.base_url, given="nonsense\n")
        assert result.exit_code == 1
        assert "Not connected" in result.output
        assert profiles() == []

    def test_what_is_typed_is_not_shown(self, sandbox: Sandbox) -> None:
        arguments = ["-m", "intercom_kit.cli", "login", "--token", "--base-url", sandbox.base_url]
        with pexpect.spawn(sys.executable, arguments, encoding="utf-8", timeout=60) as typing:
            typing.expect_exact("Access token (not shown): ")
            typing.sendline(sandbox.token)
            assert sandbox.token not in " ".join(psutil.Process(typing.pid).cmdline())
            typing.expect("Connected to .*")
            typing.expect(pexpect.EOF)
            assert sandbox.token not in f"{typing.before}{typing.after}"
        assert load().token.reveal() == sandbox.token

    @pytest.mark.usefixtures("app")
    def test_pasting_asks_until_the_address_is_right(self) -> None:
        arguments = ["-m", "intercom_kit.cli", "login", "--paste", "--no-browser"]
        with pexpect.spawn(sys.executable, arguments, encoding="utf-8", timeout=60) as typing:
            typing.expect(r"(http://127\.0\.0\.1\S+/oauth\S+)")
            landed = decide_at(typing.match.group(1))
            typing.expect_exact("Paste the complete URL")
            typing.sendline("https://127.0.0.1:8917/callback")
            typing.expect_exact("not the complete URL")
            typing.expect_exact("Paste the complete URL")
            typing.sendline(landed)
            typing.expect("Connected to .*")
            typing.expect(pexpect.EOF)
        assert len(profiles()) == 1

    @pytest.mark.usefixtures("app")
    def test_ctrl_c_ends_it_quietly(self) -> None:
        with pexpect.spawn(
            sys.executable, ["-m", "intercom_kit.cli", "login", "--no-browser"], encoding="utf-8", timeout=60
        ) as waiting:
            waiting.expect_exact("Waiting for the browser")
            waiting.sendintr()
            waiting.expect(pexpect.EOF)
            assert "Traceback" not in waiting.before
            waiting.wait()
            assert waiting.exitstatus == 130


class TestStatus:
    def test_with_nothing_says_how_to_connect(self) -> None:
        result = run("status")
        assert result.exit_code == 1
        assert "Not connected" in result.output
        assert "intercom-kit login" in result.output

    def test_marks_the_profile_that_is_used(self, stored: Stored, monkeypatch: pytest.MonkeyPatch) -> None:
        sandbox, _ = stored("work")
        other = run("login", "--token", "--base-url", sandbox.base_url, "--profile", "copy", given=sandbox.token)
        assert other.exit_code == 0, other.output
        assert re.findall(r"^(.) (\w+):", run("status").output, re.MULTILINE) == [("*", "copy"), (" ", "work")]
        monkeypatch.setenv("INTERCOM_PROFILE", "work")
        assert re.findall(r"^(.) (\w+):", run("status").output, re.MULTILINE) == [(" ", "copy"), ("*", "work")]
        monkeypatch.setenv("INTERCOM_ACCESS_TOKEN", "dG9rOng=")
        assert [line[0] for line in run("status").output.splitlines()] == ["*", " ", " "]

    def test_asks_intercom_only_if_told(self, stored: Stored) -> None:
        sandbox, _ = stored()
        before = sum(sandbox.requests.values())
        assert run("status").exit_code == 0
        assert sum(sandbox.requests.values()) == before
        assert run("status", "--check").output.endswith("· works\n")

    def test_a_dead_token_is_found_out(self, stored: Stored) -> None:
        sandbox, _ = stored()
        sandbox.revoke(load().token.reveal())
        result = run("status", "--check")
        assert result.exit_code == 1
        assert "was revoked" in result.output

    def test_a_name_does_not_speak_to_the_terminal(self) -> None:
        with serve(**SMALL) as sandbox:
            sandbox._application.workspace.name = "\x1b[31mRed\x07"
            login = run("login", "--token", "--base-url", sandbox.base_url, given=sandbox.token)
            assert "\x1b" not in login.output + run("status").output


class TestLogout:
    def test_forgets_and_says_that_the_token_lives(self, stored: Stored) -> None:
        sandbox, name = stored()
        result = run("logout")
        assert result.exit_code == 0
        assert f"Forgot the profile '{name}'" in result.output
        assert "--revoke" in result.output
        assert profiles() == []
        assert sandbox.requests["POST /auth/uninstall"] == 0

    def test_revokes_if_told(self, stored: Stored) -> None:
        sandbox, _ = stored()
        assert "token is revoked" in run("logout", "--revoke").output
        assert sandbox.requests["POST /auth/uninstall"] == 1

    def test_of_an_unknown_profile_names_those_there_are(self, stored: Stored) -> None:
        stored("work")
        result = run("logout", "--profile", "wrok")
        assert result.exit_code == 1
        assert "There are: work." in result.output
