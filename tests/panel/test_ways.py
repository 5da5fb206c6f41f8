"""The ways to connect in a panel, and what can come of each."""

import asyncio
import socket
import threading
import time
from pathlib import Path
from typing import NoReturn

import httpx
import pytest
from ipywidgets import Button

from intercom_kit import ConnectPanel, NotConnectedError, Workspace
from intercom_kit.auth.check import check
from intercom_kit.auth.credentials import Credential
from intercom_kit.auth.profiles import profiles
from intercom_kit.errors import BadRequestError
from intercom_kit.notebook.environment import beside
from intercom_kit.sandbox import Sandbox, serve

from ..conftest import SMALL
from .conftest import Open
from .person import Person


class TestBeforeAnything:
    def test_it_offers_the_ways_and_says_that_nothing_is_connected(self, panel: Open) -> None:
        person = panel()
        assert "Not connected yet" in person.reads
        assert [label for label in person.labels if label != "Remember on the kernel's machine"] == [
            *("Connect with Intercom", "Demo", "Access token", "Use token")
        ]

    def test_the_region_is_asked_for_where_no_address_is_given(self, panel: Open) -> None:
        assert "Region" in panel(base_url=None).labels

    def test_the_next_cell_is_told_to_connect_first(self, panel: Open) -> None:
        with pytest.raises(NotConnectedError, match="Connect there first, then run this cell again"):
            _ = panel().panel.workspace

    def test_the_state_is_announced_to_screen_readers(self, panel: Open) -> None:
        assert 'role="status" aria-live="polite"' in panel().html


class TestWhatIsThereAlready:
    def test_a_token_in_the_environment_connects_at_once(
        self, panel: Open, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("INTERCOM_ACCESS_TOKEN", sandbox.token)
        before = sandbox.requests.total()
        person = panel()
        assert person.panel.state == "connected"
        assert "Northwind Cloud (sandbox)" in person.reads
        assert sandbox.requests.total() == before + 1
        assert profiles() == []

    def test_a_cell_that_is_run_again_connects_by_the_profile_that_was_kept(
        self, panel: Open, sandbox: Sandbox
    ) -> None:
        first = panel()
        first.fill("Access token", sandbox.token)
        first.press("Use token")
        first.wait_for("connected")
        again = panel()
        assert again.panel.state == "connected"
        assert again.panel.workspace is not first.panel.workspace

    def test_a_token_that_no_longer_works_is_said_with_the_remedy(
        self, panel: Open, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("INTERCOM_ACCESS_TOKEN", "revoked")
        person = panel()
        assert person.panel.state == "failed"
        assert "token" in person.reads
        assert "Access token" in person.labels

    def test_a_profile_that_is_not_there_is_said(self, panel: Open) -> None:
        assert "There is no profile 'nobody'" in panel(profile="nobody", base_url=None).reads


class TestToken:
    def test_connects_and_is_kept(self, panel: Open, sandbox: Sandbox) -> None:
        person = panel()
        person.fill("Access token", sandbox.token)
        person.press("Use token")
        person.wait_for("connected")
        assert len(person.panel.workspace.teams()) > 0
        assert [each.workspace for each in profiles()] == ["Northwind Cloud (sandbox)"]

    def test_enter_does_as_the_button(self, panel: Open, sandbox: Sandbox) -> None:
        person = panel()
        person.fill_and_enter("Access token", sandbox.token)
        person.wait_for("connected")

    def test_is_not_kept_where_that_is_not_wanted(self, panel: Open, sandbox: Sandbox) -> None:
        person = panel()
        person.find("Remember on the kernel's machine").value = False
        person.fill_and_enter("Access token", sandbox.token)
        person.wait_for("connected")
        assert profiles() == []

    def test_connects_also_where_it_cannot_be_kept_and_says_so(
        self, panel: Open, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "file").touch()
        monkeypatch.setenv("INTERCOM_KIT_HOME", str(tmp_path / "file" / "kept"))
        person = panel()
        person.fill_and_enter("Access token", sandbox.token)
        person.wait_for("connected")
        assert "cannot be written" in person.reads

    def test_a_wrong_one_is_said_and_the_right_one_may_follow(self, panel: Open, sandbox: Sandbox) -> None:
        person = panel()
        person.fill_and_enter("Access token", "wrong")
        person.wait_for("failed")
        assert "does not accept the access token" in person.reads
        person.fill_and_enter("Access token", sandbox.token)
        person.wait_for("connected")

    def test_what_comes_after_cancelling_is_closed_and_not_shown(
        self, panel: Open, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        go_on, opened = threading.Event(), []

        def slowly(credential: Credential) -> Credential:
            go_on.wait(30)
            return check(credential)

        def seen(credential: Credential) -> Workspace:
            opened.append(Workspace(credential))
            return opened[0]

        monkeypatch.setattr("intercom_kit.notebook.panel.check", slowly)
        monkeypatch.setattr("intercom_kit.notebook.panel.Workspace", seen)
        person = panel()
        person.fill_and_enter("Access token", sandbox.token)
        person.press("Cancel")
        go_on.set()
        deadline = time.monotonic() + 30
        while not (opened and opened[0]._session.transport.closed):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        assert person.panel.state == "not connected"
        assert "Cancelled" in person.reads
        assert profiles() == []

    def test_an_empty_field_is_asked_to_be_filled(self, panel: Open) -> None:
        person = panel()
        person.press("Use token")
        assert person.panel.state == "not connected"
        assert "Enter the access token first" in person.reads

    def test_what_went_wrong_is_no_longer_said_once_another_is_entered(self, panel: Open) -> None:
        person = panel()
        person.fill_and_enter("Access token", "wrong")
        person.wait_for("failed")
        person.fill("Access token", "another")
        assert person.panel.state == "not connected"
        assert "does not accept" not in person.reads

    def test_enter_in_an_empty_field_does_not_submit_what_is_filled_in_later(
        self, panel: Open, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("intercom_kit.notebook.secret_field._TOGETHER", 0.0)
        person = panel()
        person.fill_and_enter("Access token", "half of it")
        assert person.panel.state == "not connected"

    def test_where_it_is_found_is_told(self, panel: Open) -> None:
        assert "Where do I find it?" in panel().reads

    def test_comes_first_where_no_app_is_known(self, panel: Open, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("INTERCOM_CLIENT_ID")
        labels = panel().labels
        assert labels.index("Access token") < labels.index("Connect with Intercom")

    def test_of_another_region_is_asked_for_with_it(
        self, panel: Open, european: Sandbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("INTERCOM_REGION", "au")
        person = panel(base_url=european.base_url)
        assert "Region" not in person.labels
        person.fill_and_enter("Access token", european.token)
        person.wait_for("failed")
        assert "kept in Europe" in person.reads
        assert person.find("Region").value == "eu"
        person.fill_and_enter("Access token", european.token)
        person.wait_for("connected")
        assert person.panel.workspace.identity.region == "eu"

    def test_that_is_unknown_is_asked_for_with_the_region_where_one_was_named(
        self, panel: Open, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("INTERCOM_REGION", "au")
        person = panel()
        person.fill_and_enter("Access token", "wrong")
        person.wait_for("failed")
        assert person.find("Region").value == "au"


class TestConsent:
    def test_connects_by_itself_when_the_browser_comes_back(self, panel: Open) -> None:
        person = panel()
        person.press("Connect with Intercom")
        assert person.panel.state == "waiting"
        landing = httpx.get(person.decide())
        assert landing.status_code == 200
        assert "Go back to Jupyter; you may close this tab." in landing.text
        person.wait_for("connected")
        assert len(person.panel.workspace.teams()) > 0
        assert [each.workspace for each in profiles()] == ["Northwind Cloud (sandbox)"]

    def test_beside_a_sandbox_its_own_page_is_asked(
        self, panel: Open, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name, value in beside(sandbox).items():  # as in `make lab`
            monkeypatch.setenv(name, value)
        person = panel(base_url=None)
        person.press("Other workspace")
        person.press("Connect with Intercom")
        assert person.link().startswith(f"{sandbox.base_url}/oauth?")
        assert "Then go back to Jupyter" in httpx.get(person.link()).text
        httpx.get(person.decide())
        person.wait_for("connected")

    def test_a_refusal_is_said(self, panel: Open) -> None:
        person = panel()
        person.press("Connect with Intercom")
        refusal = httpx.get(person.decide("deny"))
        assert "go back to Jupyter" in refusal.text
        person.wait_for("failed")
        assert "choose Allow" in person.reads
        assert "Connect with Intercom" in person.labels

    def test_a_wrong_state_ends_nothing(self, panel: Open) -> None:
        person = panel()
        person.press("Connect with Intercom")
        landed = person.decide()
        assert httpx.get(f"{landed}x").status_code == 400
        assert person.panel.state == "waiting"
        httpx.get(landed)
        person.wait_for("connected")

    def test_an_answer_that_comes_twice_connects_once(self, panel: Open, sandbox: Sandbox) -> None:
        person = panel()
        person.press("Connect with Intercom")
        landed = person.decide()
        before = sandbox.requests["POST /auth/eagle/token"]
        httpx.get(landed)
        with pytest.raises(httpx.TransportError):  # nobody listens any more
            httpx.get(landed)
        person.wait_for("connected")
        assert sandbox.requests["POST /auth/eagle/token"] == before + 1

    def test_an_answer_that_comes_too_late_changes_nothing(self, panel: Open) -> None:
        person = panel()
        person.press("Connect with Intercom")
        landed = person.decide()
        person.press("Cancel")
        with pytest.raises(httpx.TransportError):
            httpx.get(landed)
        assert person.panel.state == "not connected"

    def test_without_an_app_it_says_what_to_set(self, panel: Open, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("INTERCOM_CLIENT_SECRET")
        person = panel()
        person.press("Connect with Intercom")
        assert person.panel.state == "failed"
        assert "INTERCOM_CLIENT_SECRET" in person.reads

    def test_at_intercom_it_asks_in_the_region_and_prepares_for_the_certificate(
        self, panel: Open, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            monkeypatch.setattr("intercom_kit.auth.login.PORT", one.getsockname()[1])
        person = panel(base_url=None)
        person.find("Region").value = "eu"
        person.press("Connect with Intercom")
        assert person.link().startswith("https://app.eu.intercom.com/oauth?client_id=")
        assert "warn about a self-signed certificate" in person.reads

    def test_a_second_panel_that_begins_ends_the_first_ones_waiting(self, panel: Open) -> None:
        first, second = panel(), panel()
        first.press("Connect with Intercom")
        second.press("Connect with Intercom")
        assert first.panel.state == "not connected"
        assert "Another panel began to connect" in first.reads
        httpx.get(second.decide())
        second.wait_for("connected")


class TestPaste:
    def test_the_address_connects(self, panel: Open) -> None:
        person = panel()
        person.press("Connect with Intercom")
        person.fill("Address you landed on", person.decide())
        person.press("Finish")
        person.wait_for("connected")

    def test_without_an_address_it_is_asked_for(self, panel: Open) -> None:
        person = panel()
        person.press("Connect with Intercom")
        person.press("Finish")
        assert person.panel.state == "waiting"
        assert "Paste the address first" in person.reads
        assert person.labels == ["Address you landed on", "Finish", "Cancel"]

    def test_another_attempts_address_is_said_and_the_right_one_may_follow(self, panel: Open) -> None:
        person = panel()
        person.press("Connect with Intercom")
        old = person.decide()
        person.press("Cancel")
        person.press("Connect with Intercom")
        person.fill_and_enter("Address you landed on", old)
        while "not the address" not in person.reads:
            assert person.panel.state == "waiting"
        person.fill_and_enter("Address you landed on", person.decide())
        person.wait_for("connected")

    @pytest.mark.parametrize("name", ["JUPYTERHUB_USER", "BINDER_SERVICE_HOST", "SSH_CONNECTION"])
    def test_comes_first_where_the_kernel_runs_elsewhere(
        self, panel: Open, monkeypatch: pytest.MonkeyPatch, name: str
    ) -> None:
        monkeypatch.setenv(name, "x")
        person = panel()
        person.press("Connect with Intercom")
        assert "need not load" in person.reads
        assert "by itself" not in person.reads

    def test_the_guess_can_be_overruled(self, panel: Open, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("JUPYTERHUB_USER", "x")
        monkeypatch.setenv("INTERCOM_KIT_AUTH", "loopback")
        person = panel()
        person.press("Connect with Intercom")
        assert "by itself" in person.reads

    def test_the_token_can_be_made_to_come_first(self, panel: Open, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("INTERCOM_KIT_AUTH", "token")
        assert panel().labels[0] == "Access token"

    def test_an_unknown_way_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("INTERCOM_KIT_AUTH", "magic")
        with pytest.raises(BadRequestError, match="loopback, paste or token"):
            ConnectPanel()


def test_the_demo_needs_nothing(panel: Open) -> None:
    person = panel()
    person.press("Demo")
    person.wait_for("connected")
    assert len(person.panel.workspace.teams()) > 0
    assert profiles() == []


class TestSeveralWorkspaces:
    def test_a_profile_is_chosen_by_name(self, panel: Open, sandbox: Sandbox, european: Sandbox) -> None:
        for each in (sandbox, european):
            person = panel(base_url=each.base_url)
            person.fill_and_enter("Access token", each.token)
            person.wait_for("connected")
        person.press("Other workspace")
        assert person.panel.state == "not connected"
        assert [label for label, _ in person.find("Profile").options] == [
            "südwind · Südwind · EU",
            "northwind-cloud-sandbox · Northwind Cloud (sandbox) · US",
        ]
        person.find("Profile").value = "northwind-cloud-sandbox"
        person.press("Use profile")
        person.wait_for("connected")
        assert "region US" in person.reads

    def test_two_panels_hold_two_workspaces(self, panel: Open, sandbox: Sandbox, european: Sandbox) -> None:
        one, other = panel(), panel(base_url=european.base_url)
        one.fill_and_enter("Access token", sandbox.token)
        other.fill_and_enter("Access token", european.token)
        one.wait_for("connected")
        other.wait_for("connected")
        assert one.panel.workspace.identity.region == "us"
        assert other.panel.workspace.identity.region == "eu"


class TestDisconnect:
    @pytest.fixture
    def person(self, panel: Open) -> Person:
        """A person who is connected."""
        person = panel()
        person.press("Connect with Intercom")
        httpx.get(person.decide())
        person.wait_for("connected")
        return person

    def test_forgets_and_every_call_says_so(self, person: Person, sandbox: Sandbox) -> None:
        workspace, before = person.panel.workspace, sandbox.requests["POST /auth/uninstall"]
        person.press("Disconnect")
        person.wait_for("not connected")
        assert profiles() == []
        with pytest.raises(NotConnectedError, match=r"disconnected\. Log in"):
            workspace.teams()
        assert sandbox.requests["POST /auth/uninstall"] == before

    def test_takes_the_token_back_at_intercom_once_that_is_confirmed(self, person: Person, sandbox: Sandbox) -> None:
        before = sandbox.requests["POST /auth/uninstall"]
        person.find("Also revoke at Intercom").value = True
        person.press("Disconnect")
        assert "Revoke the token of Northwind Cloud (sandbox)?" in person.reads
        assert sandbox.requests["POST /auth/uninstall"] == before
        person.press("Revoke and disconnect")
        person.wait_for("not connected")
        assert "the token is revoked" in person.reads
        assert sandbox.requests["POST /auth/uninstall"] == before + 1

    def test_a_revocation_that_is_not_confirmed_changes_nothing(self, person: Person) -> None:
        person.find("Also revoke at Intercom").value = True
        person.press("Disconnect")
        assert "Disconnect" not in person.labels
        person.press("Stay connected")
        assert "Disconnect" in person.labels
        assert "Connected since" in person.reads
        assert len(person.panel.workspace.teams()) > 0

    @pytest.mark.usefixtures("quick")
    def test_where_intercom_cannot_be_reached_all_stays_as_it_was(self, panel: Open) -> None:
        with serve(**SMALL) as lost:
            person = panel(base_url=lost.base_url)
            person.fill_and_enter("Access token", lost.token)
            person.wait_for("connected")
        person.find("Also revoke at Intercom").value = True
        person.press("Disconnect")
        person.press("Revoke and disconnect")
        person.wait_for("connected")
        assert "could not be reached" in person.reads
        assert len(profiles()) == 1

    def test_connects_again(self, person: Person) -> None:
        person.press("Disconnect")
        person.wait_for("not connected")
        person.press("Connect with Intercom")
        httpx.get(person.decide())
        person.wait_for("connected")

    def test_says_that_the_environment_would_connect_again(
        self, panel: Open, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("INTERCOM_ACCESS_TOKEN", sandbox.token)
        person = panel()
        person.press("Disconnect")
        person.wait_for("not connected")
        assert "INTERCOM_ACCESS_TOKEN is still set" in person.reads


class TestReady:
    def test_waits_until_somebody_connects(self, panel: Open, sandbox: Sandbox) -> None:
        person = panel()

        async def cell() -> object:
            asyncio.get_running_loop().call_soon(person.fill_and_enter, "Access token", sandbox.token)
            return await person.panel.ready()

        assert asyncio.run(cell()) is person.panel.workspace

    def test_has_nothing_to_wait_for_once_connected(self, panel: Open, sandbox: Sandbox) -> None:
        person = panel()
        person.fill_and_enter("Access token", sandbox.token)
        person.wait_for("connected")
        assert asyncio.run(person.panel.ready()) is person.panel.workspace

    def test_may_be_given_up(self, panel: Open, sandbox: Sandbox) -> None:
        person = panel()
        with pytest.raises(TimeoutError):
            asyncio.run(asyncio.wait_for(person.panel.ready(), 0.05))
        person.fill_and_enter("Access token", sandbox.token)
        person.wait_for("connected")


def test_names_from_intercom_are_shown_as_text(panel: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    with serve(**SMALL) as mean:
        mean.workspace.name = '<img src=x onerror="alert(1)">'
        person = panel(base_url=mean.base_url)
        person.fill_and_enter("Access token", mean.token)
        person.wait_for("connected")
        assert "<img" not in person.html
        assert "<img src=x" in person.reads
        monkeypatch.setenv("INTERCOM_REGION", "eu")
        person.press("Other workspace")
        person.fill_and_enter("Access token", mean.token)
        person.wait_for("failed")
        assert "<img" not in person.html
        assert "“<img src=x" in person.reads  # the error names the workspace
        again = panel(base_url="http://127.0.0.1:9")
        assert again.find("Profile").options[0][0].count("<img") == 1  # a list's entries are text, never HTML


def test_what_nobody_expected_is_said_without_its_words(panel: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> NoReturn:
        raise ZeroDivisionError("a secret, for all one knows")

    monkeypatch.setattr("intercom_kit.notebook.panel.demo", broken)
    person = panel()
    person.press("Demo")
    person.wait_for("failed")
    assert "ZeroDivisionError" in person.reads
    assert "a secret" not in person.reads


def test_clicks_from_several_threads_leave_one_of_the_ways_on_show(panel: Open, sandbox: Sandbox) -> None:
    people = [panel(), panel()]

    def hurry(person: Person, button: Button, cancel: Button) -> None:
        for _ in range(10):
            button.click()
            cancel.click()

    hurrying = [
        threading.Thread(target=hurry, args=(person, person.panel._view.connect, person.panel._view.cancel))
        for person in people * 2
    ]
    for thread in hurrying:
        thread.start()
    for thread in hurrying:
        thread.join(60)
        assert not thread.is_alive()
    for person in people:
        assert person.panel.state == "not connected"
        person.fill_and_enter("Access token", sandbox.token)
        person.wait_for("connected")
