"""Sealed profiles: encrypted at rest, bound to their profile, workspace and host, and to be read with the keys only."""

import json

import pytest
from cryptography.fernet import Fernet

from intercom_kit.api.identity import Identity
from intercom_kit.api.secret import Secret
from intercom_kit.auth import profiles, storage
from intercom_kit.auth.credentials import Credential, OAuthClient
from intercom_kit.errors import CredentialStoreError, NotConnectedError

from .conftest import MemoryKeyring

TOKEN, REFRESH, CLIENT = "tok-very-secret-1", "refresh-very-secret-2", "client-very-secret-3"
KEYS = "INTERCOM_STORE_KEYS"


def new_key() -> str:
    return Fernet.generate_key().decode()


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> str:
    """A key in the environment."""
    monkeypatch.setenv(KEYS, new := new_key())
    return new


def save(name: str, workspace: str = "ws1", token: str = TOKEN) -> None:
    credential = Credential(
        Secret(token),
        "https://api.intercom.io",
        client=OAuthClient("client", Secret(CLIENT)),
        refresh_token=Secret(REFRESH),
    )
    profiles.save(credential, Identity(workspace_id=workspace, workspace=workspace), name)


def changed(change: "dict[str, dict[str, object]]") -> None:
    """Change entries of the file, as somebody would who has the file and no key."""
    document = json.loads(storage.location().read_text())
    for name, values in change.items():
        document["profiles"][name] |= values
    storage.location().write_text(json.dumps(document))


def sealed_of(name: str) -> str:
    return str(json.loads(storage.location().read_text())["profiles"][name]["sealed"])


def test_the_file_holds_no_secret_and_gives_all_of_them_back(key: str, memory: MemoryKeyring) -> None:
    profiles.seal_all()
    save("ann")
    text = storage.location().read_text() + str(memory.entries)
    assert [secret for secret in (TOKEN, REFRESH, CLIENT, key) if secret in text] == []
    found = profiles.load("ann")
    assert found.client is not None
    assert found.refresh_token is not None
    assert [each.reveal() for each in (found.token, found.refresh_token, found.client.secret)] == [
        TOKEN,
        REFRESH,
        CLIENT,
    ]


@pytest.mark.usefixtures("no_keyring")
def test_what_the_file_held_before_is_sealed_too(key: str) -> None:
    save("ann")
    assert TOKEN in storage.location().read_text()
    profiles.seal_all()
    assert TOKEN not in storage.location().read_text()
    assert profiles.load("ann").token.reveal() == TOKEN


def test_what_the_keyring_held_before_is_sealed_and_taken_out_there(key: str, memory: MemoryKeyring) -> None:
    save("ann")
    assert TOKEN in str(memory.entries)
    profiles.seal_all()
    assert memory.entries == {}
    assert profiles.load("ann").token.reveal() == TOKEN


def test_a_renewed_token_is_sealed_as_well(key: str, memory: MemoryKeyring) -> None:
    profiles.seal_all()
    save("ann")
    profiles.renew(Credential(Secret("tok-renewed-4"), "https://api.intercom.io", workspace_id="ws1", profile="ann"))
    assert "tok-renewed-4" not in storage.location().read_text() + str(memory.entries)
    assert profiles.load("ann").token.reveal() == "tok-renewed-4"


def test_secrets_moved_to_another_profile_workspace_or_host_do_not_open(key: str) -> None:
    profiles.seal_all()
    save("ann")
    save("bob", "ws2", "tok-of-bob-5")
    changed({"bob": {"sealed": sealed_of("ann")}})
    changed({"ann": {"base_url": "https://evil.example.com"}})
    for name in ("ann", "bob"):
        with pytest.raises(NotConnectedError, match="does not give its token"):
            profiles.load(name)


def test_a_damaged_secret_does_not_open(key: str) -> None:
    profiles.seal_all()
    save("ann")
    changed({"ann": {"sealed": sealed_of("ann")[:-8] + "AAAAAAA="}})
    with pytest.raises(NotConnectedError):
        profiles.load("ann")


def test_keys_are_exchanged_while_both_are_given(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    profiles.seal_all()
    save("ann")
    newer = new_key()
    monkeypatch.setenv(KEYS, f"{newer}, {key}")
    profiles.seal_all()
    monkeypatch.setenv(KEYS, newer)
    assert profiles.load("ann").token.reveal() == TOKEN
    monkeypatch.setenv(KEYS, key)
    with pytest.raises(NotConnectedError):
        profiles.load("ann")


def test_a_key_that_opens_not_all_is_refused_and_nothing_is_lost(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    profiles.seal_all()
    save("ann")
    before = storage.location().read_bytes()
    monkeypatch.setenv(KEYS, new_key())
    with pytest.raises(CredentialStoreError, match="1 of the 1 connections"):
        profiles.seal_all()
    assert storage.location().read_bytes() == before


@pytest.mark.parametrize("wrong", ["secret-key-of-mine", "AAAA", "é" * 44])
def test_an_impossible_key_is_refused_without_being_repeated(
    key: str, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    monkeypatch.setenv(KEYS, wrong)
    with pytest.raises(CredentialStoreError, match="openssl rand -base64 32") as refused:
        profiles.seal_all()
    assert wrong not in str(refused.value)


def test_a_key_as_openssl_prints_it_is_taken(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEYS, "//++" + "A" * 39 + "=")
    profiles.seal_all()
    save("ann")
    assert profiles.load("ann").token.reveal() == TOKEN


@pytest.mark.usefixtures("no_keyring")
def test_without_a_key_and_a_keyring_nothing_is_stored(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(KEYS)
    with pytest.raises(CredentialStoreError, match=f"set {KEYS}"):
        profiles.seal_all()
    assert not storage.location().exists()


def test_the_keyring_keeps_a_key_for_the_folder(
    key: str, memory: MemoryKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(KEYS)
    profiles.seal_all()
    save("ann")
    assert profiles.load("ann").token.reveal() == TOKEN
    assert TOKEN not in storage.location().read_text() + str(memory.entries)
    assert len(memory.entries) == 1
