"""Profiles: stored credentials by name, one per workspace, each bound to its workspace and host."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from intercom_kit.api.behaviours import together
from intercom_kit.api.identity import Identity
from intercom_kit.api.regions import API_VERSION
from intercom_kit.api.secret import Secret
from intercom_kit.auth import exchange, keyrings, storage
from intercom_kit.auth.credentials import Credential, OAuthClient
from intercom_kit.concurrency import loop
from intercom_kit.errors import BadRequestError, CredentialStoreError, NotConnectedError, OtherWorkspaceError

# A fetch keeps what it found, and does not wait for that as long as a login may: it would be found out again.
_PATIENCE_OF_FETCHES = 1.0  # seconds


@dataclass(frozen=True)
class Profile:
    """A description of a stored credential, which does not give it away.

    `used` says whether it is the one that `connect()` takes where none is named: the one saved last. `kept` says in
    words where its secrets are; `client_id` is the app's, where it came from a login.
    """

    name: str
    workspace_id: str
    workspace: str
    region: str
    base_url: str
    admin: str
    since: datetime
    kept: str
    used: bool
    client_id: str | None = None


def profiles() -> list[Profile]:
    """List the stored profiles, by name. Costs no request, and asks no keyring."""
    document = storage.read()
    used = _used(document)
    return [_profile(name, entry, used=name == used) for name, entry in sorted(document["profiles"].items())]


def load(name: str | None = None) -> Credential:
    """Return the credential of a profile: the one named, else the one used last. Costs no request.

    Raises NotConnectedError where there is none, BadRequestError for an unknown name.
    """
    document = storage.read()
    name, entry = _entry(document, name)
    secrets = _secrets(name, entry)
    if "token" not in secrets:
        raise NotConnectedError(
            f"The profile {name!r} is kept in {_kept(entry)}, which does not give its token: unlock it, or connect "
            "again with `intercom-kit login` or ConnectPanel()."
        )
    client_id, client_secret = entry.get("client_id"), secrets.get("client_secret")
    return Credential(
        secrets["token"],
        entry["base_url"],
        entry["region"] or None,
        workspace_id=entry["workspace_id"],
        profile=name,
        origin=f"the profile {name!r} in {_kept(entry)}",
        client=OAuthClient(client_id, client_secret) if client_id and client_secret else None,
        refresh_token=secrets.get("refresh_token"),
        expires_at=entry.get("expires_at"),
    )


def save(credential: Credential, identity: Identity | None = None, name: str | None = None) -> Profile:
    """Store a checked credential, in the keyring or else in the file, and make it the one that is used.

    The identity is the credential's own where none is given. Without a name, the workspace's profile is renewed, or a
    new one is called like the workspace. `dataclasses.replace(credential, profile=saved.name)` then knows its profile,
    as `load` gives it. Raises OtherWorkspaceError where the name stands for another workspace already, BadRequestError
    where nobody knows whose the credential is, and CredentialStoreError.
    """
    identity = identity or credential.identity
    if identity is None or not identity.workspace_id:
        raise BadRequestError(
            "A credential can be stored only when its workspace is known, so that it cannot be mistaken for another's: "
            "tick “Read one admin” in the Developer Hub under Authentication."
        )
    with storage.alone():
        document = storage.read()
        name = name or credential.profile or _name_for(document, identity)
        entry = {
            "workspace_id": identity.workspace_id,
            "workspace": identity.workspace,
            "region": identity.region or credential.region or "",
            "base_url": credential.base_url,
            "admin": identity.admin,
            "since": datetime.now(UTC).isoformat(timespec="seconds"),
            "client_id": credential.client and credential.client.id,
            "expires_at": credential.expires_at,
        }
        there = document["profiles"].get(name)
        if there and there["workspace_id"] != identity.workspace_id:
            raise OtherWorkspaceError(
                f"The profile {name!r} is of the workspace “{there['workspace']}” ({there['workspace_id']}), and this "
                f"credential is of “{identity.workspace}” ({identity.workspace_id}): choose another name, or forget "
                f"that profile first with `intercom-kit logout --profile {name}`."
            )
        if there and "findings" in there:
            entry["findings"] = there["findings"]  # of the workspace, whoever connects to it
        _keep(name, entry, credential)
        document["profiles"][name], document["used"] = entry, name
        storage.write(document)
        return _profile(name, entry, used=True)


def renew(credential: Credential) -> None:
    """Store the renewed token of a profile in place of the old one.

    Nothing happens if the profile was forgotten meanwhile, or is of another workspace now.
    """
    with storage.alone():
        document = storage.read()
        name = credential.profile
        entry = document["profiles"].get(name)
        if name and entry and entry["workspace_id"] == _workspace_of(credential, entry):
            entry["expires_at"] = credential.expires_at
            _keep(name, entry, credential)
            storage.write(document)


def findings(name: str | None) -> dict[str, Any]:
    """Return what was found of Intercom's behaviours with a profile, under this version of its API."""
    entry = storage.read()["profiles"].get(name) if name else None
    return _findings(entry) if entry else {}


def keep_findings(name: str | None, found: dict[str, Any], workspace_id: str | None = None) -> None:
    """Remember with a profile what was found, beside what others have found since it was read.

    Nothing happens if it was forgotten meanwhile, or is of another workspace now.
    """
    if name is None:
        return
    with storage.alone(_PATIENCE_OF_FETCHES):
        document = storage.read()
        entry = document["profiles"].get(name)
        if entry and workspace_id in (None, entry["workspace_id"]):
            entry["findings"] = {API_VERSION: together(_findings(entry), found)}
            storage.write(document)


def forget(name: str | None = None, *, revoke: bool = False) -> Profile:
    """Forget a profile: the one named, else the one used; with `revoke`, Intercom first takes its token back.

    Revoking uninstalls the app from the workspace and costs one request; where that fails, nothing is forgotten, so
    that it can be tried again. Raises NotConnectedError, BadRequestError for an unknown name, CredentialStoreError.
    """
    if revoke:
        loop.run(exchange.revoke(load(name)))
    with storage.alone():
        document = storage.read()
        name, entry = _entry(document, name)
        gone = keyrings.drop(_label(name, entry)) or entry["kept"] != "keyring"
        profile = _profile(name, entry, used=name == _used(document))
        del document["profiles"][name]
        document["used"] = _used(document)
        storage.write(document)
    if not gone:
        raise CredentialStoreError(
            f"The profile {name!r} is forgotten, but the keyring did not delete its token: delete the entry "
            f"{_label(name, entry)!r} of {keyrings.SERVICE!r} there."
        )
    return profile


def _keep(name: str, entry: dict[str, Any], credential: Credential) -> None:
    """Put the secrets into the keyring, else into the entry, and note which."""
    all_secrets = {
        "token": credential.token,
        "refresh_token": credential.refresh_token,
        "client_secret": credential.client and credential.client.secret,
    }
    secrets = {what: secret for what, secret in all_secrets.items() if secret}
    if keyrings.keep(_label(name, entry), secrets):
        entry["kept"], entry["keyring"] = "keyring", keyrings.name()
        entry.pop("secrets", None)
    else:
        entry["kept"], entry["secrets"] = "file", secrets


def _secrets(name: str, entry: dict[str, Any]) -> dict[str, Secret]:
    """Take the secrets from where they are kept; none where that is a keyring that does not give them."""
    found = keyrings.fetch(_label(name, entry)) if entry["kept"] == "keyring" else entry.get("secrets")
    return found or {}


def _workspace_of(credential: Credential, entry: dict[str, Any]) -> str:
    """Say which workspace a credential is of; where it does not know, its profile does."""
    known = credential.workspace_id or (credential.identity and credential.identity.workspace_id)
    return known or str(entry["workspace_id"])


def _findings(entry: dict[str, Any]) -> dict[str, Any]:
    """Return what was found with a profile, as it was kept."""
    kept = entry.get("findings")
    found = kept.get(API_VERSION) if isinstance(kept, dict) else None
    return found if isinstance(found, dict) else {}


def _entry(document: storage.Document, name: str | None) -> tuple[str, dict[str, Any]]:
    """Find a profile by name, or the one used."""
    found = document["profiles"]
    known = ", ".join(sorted(found))
    if name is not None and name not in found:
        stored = f"There are: {known}." if known else "None is stored: `intercom-kit login` makes one."
        raise BadRequestError(f"There is no profile {name!r}. {stored}")
    name = name or _used(document)
    if name is None:
        raise NotConnectedError(
            f"Not connected: name one of the profiles {known}, as in connect(profile=…) or INTERCOM_PROFILE."
            if found
            else "Not connected: there is no stored credential."
        )
    return name, found[name]


def _used(document: storage.Document) -> str | None:
    """Say which profile is taken where none is named: the one saved last, or the only one."""
    names = list(document["profiles"])
    used = document.get("used")
    return used if used in names else names[0] if len(names) == 1 else None


def _name_for(document: storage.Document, identity: Identity) -> str:
    """Name a workspace's profile: as it is called already, else like the workspace."""
    for name, entry in document["profiles"].items():
        if entry["workspace_id"] == identity.workspace_id:
            return str(name)
    plain = re.sub(r"\W+", "-", identity.workspace.lower()).strip("-") or identity.workspace_id
    return plain if plain not in document["profiles"] else f"{plain}-{identity.workspace_id}"


def _label(name: str, entry: dict[str, Any]) -> str:
    """Name the keyring's entry so that people recognise it, and that no two workspaces share one."""
    return f"{name} ({entry['workspace_id']})"


def _kept(entry: dict[str, Any]) -> str:
    if entry["kept"] == "keyring":
        return f"the keyring ({entry['keyring']})"
    return f"the file {storage.location()}, readable by you only"


def _profile(name: str, entry: dict[str, Any], *, used: bool) -> Profile:
    told = {key: entry[key] for key in ("workspace_id", "workspace", "region", "base_url", "admin", "client_id")}
    return Profile(name, since=datetime.fromisoformat(entry["since"]), kept=_kept(entry), used=used, **told)
