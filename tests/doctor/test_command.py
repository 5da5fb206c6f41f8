"""The command `intercom-kit doctor`: it asks first, shows a table, and prints JSON that can be shared."""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pexpect
import pytest
from click.testing import CliRunner, Result

from intercom_kit.api.behaviours import registry
from intercom_kit.auth.check import check
from intercom_kit.auth.finding import find
from intercom_kit.auth.profiles import findings, save
from intercom_kit.cli import main
from intercom_kit.doctor.printed import WIDTH
from intercom_kit.doctor.report import MOST
from intercom_kit.sandbox import Sandbox

OWN = {"note"}  # words of the report itself that some record has, too
SHORTEST = 4  # letters of a text that would give something away


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["doctor", *arguments])


@pytest.fixture
def connected(busy: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """The sandbox, which the environment names, as documented."""
    busy.behaves("documented")
    monkeypatch.setenv("INTERCOM_ACCESS_TOKEN", busy.token)
    monkeypatch.setenv("INTERCOM_BASE_URL", busy.base_url)
    busy.log.clear()
    return busy


def texts(value: Any) -> Iterator[str]:
    """Give all texts in an object."""
    if isinstance(value, dict):
        for each in value.values():
            yield from texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from texts(each)
    elif isinstance(value, str):
        yield value


class TestAsking:
    def test_nothing_is_sent_without_a_terminal_or_yes(self, connected: Sandbox) -> None:
        result = run()
        assert result.exit_code == 2
        assert "give --yes" in result.output
        assert len(connected.log) == 0

    @pytest.mark.parametrize(("typed", "sent"), [("n", False), ("y", True)])
    def test_a_person_is_asked_before_anything_is_sent(self, connected: Sandbox, typed: str, sent: bool) -> None:
        arguments = ["-m", "intercom_kit.cli", "doctor"]
        with pexpect.spawn(sys.executable, arguments, encoding="utf-8", timeout=60) as typing:
            typing.expect("at most 40 requests, and changes nothing. Begin?")
            assert len(connected.log) == 0
            typing.sendline(typed)
            typing.expect("search-days" if sent else "Aborted!")
            typing.expect(pexpect.EOF)
        assert (0 < len(connected.log) <= MOST) if sent else len(connected.log) == 0

    def test_a_profile_and_a_demo_exclude_each_other(self) -> None:
        assert run("--demo", "--profile", "acme").exit_code == 2


class TestTable:
    @pytest.mark.usefixtures("connected")
    def test_says_of_each_behaviour_what_is_documented_measured_and_found(self) -> None:
        result = run("--yes")
        assert result.exit_code == 0, result.output
        for name in registry():
            assert re.search(rf"^ {{0,2}}{name}\b", result.output, re.MULTILINE), name
        assert re.search(r"^  contacts +workspace +utc +workspace$", result.output, re.MULTILINE)
        assert "POST /tickets/search" in result.output
        assert max(map(len, result.output.splitlines())) <= WIDTH

    def test_connecting_is_among_the_thirty_requests(self, connected: Sandbox) -> None:
        run("--yes")
        assert connected.log[0].path == "/me"
        assert len(connected.log) <= MOST

    def test_names_the_permission_that_is_missing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from intercom_kit.sandbox import serve

        with serve(conversations=20, contacts=20, companies=4, missing_scopes=["read_tags"]) as sandbox:
            monkeypatch.setenv("INTERCOM_ACCESS_TOKEN", sandbox.token)
            monkeypatch.setenv("INTERCOM_BASE_URL", sandbox.base_url)
            assert re.search(r"GET /tags +no permission: tick “Read tags”", run("--yes").output)

    def test_a_demo_needs_no_account(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("INTERCOM_BASE_URL", raising=False)
        result = run("--demo", "--yes")
        assert result.exit_code == 0, result.output
        assert "Nothing was changed" in result.output

    @pytest.mark.usefixtures("quick")
    def test_an_address_that_is_down_is_one_sentence(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("INTERCOM_ACCESS_TOKEN", "some-token")
        monkeypatch.setenv("INTERCOM_BASE_URL", "http://127.0.0.1:9")
        result = run("--yes")
        assert result.exit_code == 1
        assert result.output.startswith("Error: Intercom could not be reached at http://127.0.0.1:9")


class TestJson:
    @pytest.mark.usefixtures("connected")
    def test_tells_behaviours_timings_versions_region_and_statuses(self) -> None:
        told = json.loads(run("--yes", "--json").output)
        assert {(each["behaviour"], each["object"]) for each in told["behaviours"]} == {
            (each.name, kind) for each in registry().values() for kind in each.objects or ("",)
        }
        found = {(each["behaviour"], each["object"]): each["found"] for each in told["behaviours"]}
        assert found["search-days", "contacts"] == "workspace"
        assert found["region-routing", ""] is None
        assert told["api_version"] == {"asked": "2.16", "answered": "2.16"}
        assert told["region"] == "us"
        assert told["endpoints"][0] == {"endpoint": "GET /me", "state": "answers", "statuses": [200], "permission": ""}

    def test_gives_nothing_of_the_workspace_away(self, connected: Sandbox) -> None:
        printed = run("--yes", "--json").output.lower()
        workspace = connected.workspace
        records = [*workspace.contacts.records(), *workspace.conversations.records(), *workspace.data_attributes]
        records += [record for kind in workspace.simple.values() for record in kind.records()]
        records += [event.record for row in range(len(workspace.contacts)) for event in workspace.events(row)]
        secret = {*texts(records), workspace.name, workspace.id_code, workspace.timezone, connected.token}
        secret |= {str(number) for row in records for number in (row.get("created_at"), row.get("updated_at"))}
        there = {text for text in secret if len(text) >= SHORTEST and text.lower() in printed}
        given_away = {text for text in there if re.search(rf"(?<!\w){re.escape(text.lower())}(?!\w)", printed)}
        own = {word for each in registry().values() for word in re.findall(r"\w+", str(each).lower())} | OWN
        assert {text for text in given_away if not set(re.findall(r"\w+", text.lower())) <= own} == set()
        assert connected.base_url not in printed


class TestProfile:
    def test_what_was_found_is_kept_with_it(
        self, busy: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("INTERCOM_KIT_HOME", str(tmp_path / "home"))
        busy.behaves("documented", "conversations.sort=ignored")
        save(check(find(busy.token, base_url=busy.base_url)), name="acme")
        result = run("--yes", "--profile", "acme")
        assert result.exit_code == 0, result.output
        assert findings("acme")["sort conversations"][0] == "ignored"
        assert findings("acme")["events-next"][0] == "null"
