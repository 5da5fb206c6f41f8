"""Stored credentials: where they are kept, whose they are, and who may read them."""

import json
import os
import stat
from dataclasses import replace
from pathlib import Path

import keyring
import pytest
from keyring.backends import fail, null

from intercom_kit import (
    BadRequestError,
    CredentialStoreError,
    IntercomError,
    NotConnectedError,
    OtherWorkspaceError,
    TokenInvalidError,
    connect,
)
from intercom_kit.api.identity import Identity
from intercom_kit.api.secret import Secret
from intercom_kit.auth.credentials import Credential, OAuthClient
from intercom_kit.auth.profiles import forget, load, profiles, save
from intercom_kit.sandbox import Sandbox

from ..conftest import SMALL
from .conftest import MemoryKeyring, Stored

TOKEN = "dG9rOmEtdmVyeS1zZWNyZXQtdG9rZW4="
NORTHWIND = Identity("abc123", "Northwind Cloud", "eu", "Europe/Dublin", "Ann", email_verified=True)
ACME = replace(NORTHWIND, workspace_id="def456", workspace="Acme Corp")


def credential(token: str = TOKEN, identity: Identity = NORTHWIND, **more: object) -> Credential:
    return replace(Credential(Secret(token), "https://api.eu.intercom.io", "eu", identity=identity), **more)


class TestSaving:
    def test_what_is_saved_is_given_back(self) -> None:
        client = OAuthClient("id", Secret("very secret"))
        saved = save(credential(client=client, refresh_token=Secret("again"), expires_at=5.0))
        loaded = load(saved.name)
        assert loaded.token.reveal() == TOKEN
        assert (loaded.base_url, loaded.region) == ("https://api.eu.intercom.io", "eu")
        assert (loaded.workspace_id, loaded.profile) == ("abc123", "northwind-cloud")
        assert loaded.client is not None
        assert (loaded.client.id, loaded.client.secret.reveal()) == ("id", "very secret")
        assert loaded.refresh_token is not None
        assert (loaded.refresh_token.reveal(), loaded.expires_at) == ("again", 5.0)

    def test_a_profile_tells_all_but_the_secrets(self) -> None:
        save(credential())
        (told,) = profiles()
        assert (told.name, told.workspace, told.workspace_id) == ("northwind-cloud", "Northwind Cloud", "abc123")
        assert (told.region, told.admin, told.used) == ("eu", "Ann", True)
        assert told.kept == "the keyring (memory Keyring)"
        assert told.since.tzinfo is not None
        assert TOKEN not in repr(told)

    def test_the_same_workspace_has_one_profile(self) -> None:
        save(credential())
        save(credential("dG9rOm5ldw=="))
        assert len(profiles()) == 1
        assert load().token.reveal() == "dG9rOm5ldw=="

    def test_workspaces_of_one_name_have_two(self) -> None:
        save(credential())
        save(credential(identity=replace(ACME, workspace="Northwind Cloud")))
        assert [each.name for each in profiles()] == ["northwind-cloud", "northwind-cloud-def456"]

    def test_the_one_saved_last_is_used(self) -> None:
        save(credential())
        save(credential("dG9rOmFjbWU=", ACME), name="work")
        assert {each.name: each.used for each in profiles()} == {"northwind-cloud": False, "work": True}
        assert load().token.reveal() == "dG9rOmFjbWU="

    def test_a_name_cannot_pass_to_another_workspace(self) -> None:
        save(credential(), name="work")
        with pytest.raises(OtherWorkspaceError, match="logout --profile work"):
            save(credential("dG9rOmFjbWU=", ACME), name="work")
        assert load("work").token.reveal() == TOKEN

    def test_a_credential_of_nobody_knows_whom_is_not_stored(self) -> None:
        with pytest.raises(BadRequestError, match="Read one admin"):
            save(credential(identity=Identity(note="unknown")))


class TestKeyring:
    def test_secrets_are_there_and_not_in_the_file(self, memory: MemoryKeyring, home: Path) -> None:
        save(credential(client=OAuthClient("id", Secret("very secret"))))
        (kept,) = memory.entries.values()
        assert json.loads(kept) == {"token": TOKEN, "client_secret": "very secret"}
        written = (home / "profiles.json").read_text()
        assert TOKEN not in written
        assert "very secret" not in written

    @pytest.mark.usefixtures("no_keyring")
    def test_none_that_works_means_the_file(self, home: Path) -> None:
        saved = save(credential())
        assert saved.kept == f"the file {home / 'profiles.json'}, readable by you only"
        assert load().token.reveal() == TOKEN

    def test_one_that_stores_nothing_means_the_file(self) -> None:
        keyring.set_keyring(null.Keyring())
        assert "the file" in save(credential()).kept
        assert load().token.reveal() == TOKEN

    def test_one_that_breaks_means_the_file(self, memory: MemoryKeyring, monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(*_: object) -> None:
            raise RuntimeError("no bus")

        monkeypatch.setattr(memory, "set_password", broken)
        assert "the file" in save(credential()).kept

    def test_one_that_lost_the_entry_is_named(self, memory: MemoryKeyring) -> None:
        save(credential())
        memory.entries.clear()
        with pytest.raises(NotConnectedError, match=r"memory Keyring.*intercom-kit login"):
            load()

    def test_one_that_will_not_delete_is_named(self, memory: MemoryKeyring, monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(*_: object) -> None:
            raise RuntimeError("locked")

        save(credential())
        monkeypatch.setattr(memory, "delete_password", broken)
        with pytest.raises(CredentialStoreError, match=r"northwind-cloud \(abc123\)"):
            forget()
        assert profiles() == []


@pytest.mark.usefixtures("no_keyring")
class TestFile:
    def test_only_its_owner_can_read_it(self, home: Path) -> None:
        before = os.umask(0)
        try:
            save(credential())
        finally:
            os.umask(before)
        assert stat.S_IMODE((home / "profiles.json").stat().st_mode) == 0o600
        assert stat.S_IMODE(home.stat().st_mode) == 0o700
        assert {each.name for each in home.iterdir()} == {"profiles.json", "profiles.lock"}

    @pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
    def test_one_that_others_can_reach_is_refused_saying_where_it_is(self, home: Path, mode: int) -> None:
        save(credential())
        (home / "profiles.json").chmod(mode)
        for attempt in (profiles, load, lambda: save(credential()), connect):
            with pytest.raises(CredentialStoreError, match=f"chmod 600 {home}"):
                attempt()

    @pytest.mark.parametrize(
        "text", ["", "{", "[]", '{"version": 1}', '{"version": 1, "profiles": {"x": {}}}', f'{{"token": "{TOKEN}", }}']
    )
    def test_a_damaged_one_is_refused_without_quoting_it(self, home: Path, text: str) -> None:
        save(credential())
        (home / "profiles.json").write_text(text)
        with pytest.raises(CredentialStoreError, match="damaged") as caught:
            load()
        assert caught.value.__context__ is None

    def test_one_that_does_not_say_which_keyring_it_means_is_damaged(self, home: Path) -> None:
        save(credential())
        file = home / "profiles.json"
        document = json.loads(file.read_text())
        for entry in document["profiles"].values():
            entry["kept"] = "keyring"
            entry.pop("keyring", None)
        file.write_text(json.dumps(document))
        for attempt in (profiles, load):
            with pytest.raises(CredentialStoreError, match="damaged"):
                attempt()

    def test_one_of_another_version_is_left_alone(self, home: Path) -> None:
        save(credential())
        path = home / "profiles.json"
        path.write_text(path.read_text().replace('"version": 1', '"version": 2'))
        before = path.read_text()
        with pytest.raises(CredentialStoreError, match="another version"):
            save(credential())
        assert path.read_text() == before

    def test_a_failure_leaves_the_old_one(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        save(credential())

        def full(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(CredentialStoreError, match="No space left"):
            save(credential("dG9rOm5ldw=="))
        assert load().token.reveal() == TOKEN
        assert {each.name for each in home.iterdir()} == {"profiles.json", "profiles.lock"}

    def test_a_folder_that_cannot_be_made_is_named(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "taken").write_text("")
        monkeypatch.setenv("INTERCOM_KIT_HOME", str(tmp_path / "taken" / "kept"))
        with pytest.raises(CredentialStoreError, match="INTERCOM_KIT_HOME"):
            save(credential())


class TestForgetting:
    def test_leaves_nothing_behind(self, memory: MemoryKeyring) -> None:
        save(credential())
        assert forget().name == "northwind-cloud"
        assert memory.entries == {}
        assert profiles() == []
        with pytest.raises(NotConnectedError):
            load()

    def test_leaves_nothing_in_a_keyring_that_failed_later(self, memory: MemoryKeyring) -> None:
        save(credential())
        keyring.set_keyring(fail.Keyring())
        save(credential("dG9rOm5ldw=="))
        keyring.set_keyring(memory)
        forget()
        assert memory.entries == {}

    def test_of_two_leaves_the_other_as_the_one_used(self) -> None:
        save(credential())
        save(credential("dG9rOmFjbWU=", ACME))
        forget("acme-corp")
        assert load().token.reveal() == TOKEN

    def test_of_three_leaves_none_that_is_used(self) -> None:
        for name in ("a", "b", "c"):
            save(credential(identity=replace(ACME, workspace_id=name)), name=name)
        forget("c")
        with pytest.raises(NotConnectedError, match="profiles a, b"):
            load()

    def test_an_unknown_one_is_answered_with_those_there_are(self) -> None:
        save(credential())
        with pytest.raises(BadRequestError, match="northwind-cloud"):
            forget("acme")

    def test_can_have_intercom_take_the_token_back(self, stored: Stored) -> None:
        sandbox, name = stored()
        token = load(name).token.reveal()
        forget(name, revoke=True)
        with pytest.raises(TokenInvalidError, match="revoked"):
            connect(token, base_url=sandbox.base_url)

    def test_of_a_token_that_is_dead_already_is_no_failure(self, stored: Stored) -> None:
        sandbox, name = stored()
        sandbox.revoke(load(name).token.reveal())
        forget(name, revoke=True)
        assert profiles() == []

    @pytest.mark.usefixtures("quick")
    def test_keeps_the_profile_where_intercom_could_not_be_asked(self, stored: Stored) -> None:
        sandbox, name = stored()
        sandbox.close()
        with pytest.raises(IntercomError, match="could not be reached"):
            forget(name, revoke=True)
        assert [each.name for each in profiles()] == [name]


class TestConnecting:
    def test_takes_the_stored_profile_where_nothing_else_says(self, stored: Stored) -> None:
        stored()
        with connect() as ws:
            assert ws.identity.workspace == "Northwind Cloud (sandbox)"
            assert len(ws.contacts(limit=2)) == 2

    def test_takes_the_profile_that_the_environment_names(
        self, stored: Stored, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        stored("first")
        save(credential(), name="second")
        monkeypatch.setenv("INTERCOM_PROFILE", "first")
        with connect() as ws:
            assert ws.identity.workspace == "Northwind Cloud (sandbox)"

    def test_an_argument_and_the_environment_come_first(
        self, stored: Stored, monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox
    ) -> None:
        _, name = stored()
        with connect(sandbox.token, base_url=sandbox.base_url) as ws:
            assert len(ws.contacts()) == 200
        monkeypatch.setenv("INTERCOM_ACCESS_TOKEN", sandbox.token)
        monkeypatch.setenv("INTERCOM_BASE_URL", sandbox.base_url)
        with connect() as ws:
            assert len(ws.contacts()) == 200
        with connect(profile=name) as ws:
            assert len(ws.contacts()) == SMALL["contacts"]

    def test_a_stored_token_goes_to_no_other_host(self, stored: Stored, sandbox: Sandbox) -> None:
        _, name = stored()
        before = sum(sandbox.requests.values())
        for named in (None, name):
            with pytest.raises(NotConnectedError, match="goes nowhere else"):
                connect(profile=named, base_url=sandbox.base_url)
        assert sum(sandbox.requests.values()) == before

    def test_a_token_of_another_workspace_cannot_slip_in(self, stored: Stored) -> None:
        sandbox, _ = stored()
        sandbox._application.workspace.id_code = "other"
        with pytest.raises(OtherWorkspaceError, match="other"):
            connect()

    def test_a_token_and_a_profile_contradict_each_other(self) -> None:
        with pytest.raises(BadRequestError, match="not both"):
            connect(TOKEN, profile="x")

    def test_with_nothing_at_all_says_every_way(self) -> None:
        with pytest.raises(NotConnectedError, match=r"intercom-kit login.*ConnectPanel.*INTERCOM_ACCESS_TOKEN.*demo"):
            connect()
