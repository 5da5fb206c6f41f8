"""Profiles: stored credentials by name, one per workspace, each bound to its workspace and host."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from shlex import quote
from typing import TYPE_CHECKING, Any

from intercom_kit.api.behaviours import together
from intercom_kit.api.identity import Identity
from intercom_kit.api.regions import API_VERSION
from intercom_kit.api.secret import Secret
from intercom_kit.auth import exchange, keyrings, storage
from intercom_kit.auth.credentials import Credential, OAuthClient
from intercom_kit.concurrency import loop
from intercom_kit.errors import BadRequestError, CredentialStoreError, NotConnectedError, OtherWorkspaceError

if TYPE_CHECKING:
    from intercom_kit.auth.sealing import Seal

# A fetch waits less long than a login to store its findings: the next one would find them again.
_PATIENCE_OF_FETCHES = 1.0  # seconds


@dataclass(frozen=True)
class Profile:
    """The description of a stored credential, without its secrets.

    `used` marks the default of `connect()`: the one saved last. `kept` says in words where its secrets are stored;
    `client_id` is the app's, if it came from a login.
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
    """Return the stored profiles, by name. Costs no request, and does not read the keyring."""
    document = storage.read()
    used = _used(document)
    return [_profile(name, entry, used=name == used) for name, entry in sorted(document["profiles"].items())]


def load(name: str | None = None) -> Credential:
    """Return the credential of a profile: the named one, else the default. Costs no request.

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
    """Store a checked credential in the keyring, or else in the file, as the default, and return its profile.

    The identity defaults to the credential's own. Without a name, the workspace's profile is replaced, or a new one is
    named after the workspace. `dataclasses.replace(credential, profile=saved.name)` then equals what `load` returns.
    Raises OtherWorkspaceError where the name belongs to another workspace, BadRequestError where the credential's
    workspace is unknown, and CredentialStoreError.
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
        existing = document["profiles"].get(name)
        if existing and existing["workspace_id"] != identity.workspace_id:
            owner = f"“{existing['workspace']}” ({existing['workspace_id']})"
            raise OtherWorkspaceError(
                f"The profile {name!r} is of the workspace {owner}, and this "
                f"credential is of “{identity.workspace}” ({identity.workspace_id}): choose another name, or forget "
                f"that profile first with `intercom-kit logout --profile {name}`."
            )
        if existing and "findings" in existing:
            entry["findings"] = existing["findings"]  # they concern the workspace, not the credential
        _keep(name, entry, _secrets_of(credential), is_sealed=bool(document.get("sealed")))
        document["profiles"][name], document["used"] = entry, name
        storage.write(document)
        return _profile(name, entry, used=True)


def renew(credential: Credential) -> None:
    """Replace a profile's token by the renewed one, unless the profile is gone or of another workspace now."""
    with storage.alone():
        document = storage.read()
        name = credential.profile
        entry = document["profiles"].get(name)
        if name and entry and entry["workspace_id"] == _workspace_of(credential, entry):
            entry["expires_at"] = credential.expires_at
            _keep(name, entry, _secrets_of(credential), is_sealed=bool(document.get("sealed")))
            storage.write(document)


def findings(name: str | None) -> dict[str, Any]:
    """Return a profile's findings about Intercom's behaviours, for this version of its API."""
    entry = storage.read()["profiles"].get(name) if name else None
    return _findings(entry) if entry else {}


def keep_findings(name: str | None, found: dict[str, Any], workspace_id: str | None = None) -> None:
    """Merge findings into those stored with a profile, unless it is gone or of another workspace now."""
    if name is None:
        return
    with storage.alone(_PATIENCE_OF_FETCHES):
        document = storage.read()
        entry = document["profiles"].get(name)
        if entry and workspace_id in (None, entry["workspace_id"]):
            entry["findings"] = {API_VERSION: together(_findings(entry), found)}
            storage.write(document)


def forget(name: str | None = None, *, revoke: bool = False) -> Profile:
    """Delete a profile, the named one or else the default, and return it; with `revoke`, revoke its token first.

    Revoking uninstalls the app from the workspace and costs one request; where that fails, nothing is deleted, so that
    it can be retried. Raises NotConnectedError, BadRequestError for an unknown name, CredentialStoreError.
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


def seal_all() -> None:
    """Let this file hold secrets only encrypted with the newest key, those that are there and all later ones.

    Costs no request. Raises CredentialStoreError where there is no key, or some secrets cannot be read with the keys.
    """
    with storage.alone():
        _seal(may_make=True)
        document = storage.read()
        opened = {name: _secrets(name, entry) for name, entry in document["profiles"].items()}
        if unread := [name for name, secrets in opened.items() if "token" not in secrets]:
            raise CredentialStoreError(
                f"{len(unread)} of the {len(opened)} connections in {storage.location()} cannot be read with the keys "
                "of this server: add the key that they were encrypted with, or delete that file, so that all connect "
                "again."
            )
        for name, secrets in opened.items():
            _keep(name, document["profiles"][name], secrets, is_sealed=True)
        document["sealed"] = True
        storage.write(document)
        for name in opened:
            keyrings.drop(_label(name, document["profiles"][name]))


def _secrets_of(credential: Credential) -> dict[str, Secret]:
    secrets = {
        "token": credential.token,
        "refresh_token": credential.refresh_token,
        "client_secret": credential.client and credential.client.secret,
    }
    return {what: secret for what, secret in secrets.items() if secret}


def _keep(name: str, entry: dict[str, Any], secrets: dict[str, Secret], *, is_sealed: bool) -> None:
    """Store the secrets in the keyring, else in the entry, or sealed in the entry, and record which."""
    entry.pop("secrets", None)
    if is_sealed:
        entry["kept"], entry["sealed"] = "sealed", _seal().sealed(_bound(name, entry), secrets)
    elif keyrings.keep(_label(name, entry), secrets):
        entry["kept"], entry["keyring"] = "keyring", keyrings.name()
    else:
        entry["kept"], entry["secrets"] = "file", secrets


def _secrets(name: str, entry: dict[str, Any]) -> dict[str, Secret]:
    """Return the stored secrets; none where the keyring does not return them, or no key opens them."""
    if entry["kept"] == "sealed":
        return _seal().opened(_bound(name, entry), str(entry.get("sealed"))) or {}
    found = keyrings.fetch(_label(name, entry)) if entry["kept"] == "keyring" else entry.get("secrets")
    return found or {}


def _seal(*, may_make: bool = False) -> "Seal":
    from intercom_kit.auth.sealing import seal  # only stores of many connections are sealed

    return seal(str(storage.location()), may_make=may_make)


def _bound(name: str, entry: dict[str, Any]) -> list[str]:
    """Return what sealed secrets are bound to, so that none serves another profile, workspace or host."""
    return [name, entry["workspace_id"], entry["base_url"]]


def _workspace_of(credential: Credential, entry: dict[str, Any]) -> str:
    """Return the workspace of a credential, else that of its profile."""
    known = credential.workspace_id or (credential.identity and credential.identity.workspace_id)
    return known or str(entry["workspace_id"])


def _findings(entry: dict[str, Any]) -> dict[str, Any]:
    stored = entry.get("findings")
    found = stored.get(API_VERSION) if isinstance(stored, dict) else None
    return found if isinstance(found, dict) else {}


def _entry(document: storage.Document, name: str | None) -> tuple[str, dict[str, Any]]:
    """Return a profile's name and entry: the named one, else the default."""
    found = document["profiles"]
    known = ", ".join(sorted(found))
    if name is not None and name not in found:
        make = f"No profile is stored: `intercom-kit login --profile {quote(name)}` makes this one."
        raise BadRequestError(f"There is no profile {name!r}. {f'There are: {known}.' if known else make}")
    name = name or _used(document)
    if name is None:
        raise NotConnectedError(
            f"Not connected: name one of the profiles {known}, by INTERCOM_PROFILE or connect(profile=…)."
            if found
            else "Not connected: there is no stored credential."
        )
    return name, found[name]


def _used(document: storage.Document) -> str | None:
    """Return the default profile: the one saved last, or the only one."""
    names = list(document["profiles"])
    used = document.get("used")
    return used if used in names else names[0] if len(names) == 1 else None


def _name_for(document: storage.Document, identity: Identity) -> str:
    """Return the name of the workspace's existing profile, else a new one made from the workspace's name."""
    for name, entry in document["profiles"].items():
        if entry["workspace_id"] == identity.workspace_id:
            return str(name)
    plain = re.sub(r"\W+", "-", identity.workspace.lower()).strip("-") or identity.workspace_id
    return plain if plain not in document["profiles"] else f"{plain}-{identity.workspace_id}"


def _label(name: str, entry: dict[str, Any]) -> str:
    """Return the name of the keyring's entry: recognisable, and unique per workspace."""
    return f"{name} ({entry['workspace_id']})"


def _kept(entry: dict[str, Any]) -> str:
    if entry["kept"] == "keyring":
        return f"the keyring ({entry['keyring']})"
    if entry["kept"] == "sealed":
        return f"the file {storage.location()}, encrypted"
    return f"the file {storage.location()}, readable by you only"


def _profile(name: str, entry: dict[str, Any], *, used: bool) -> Profile:
    fields = {key: entry[key] for key in ("workspace_id", "workspace", "region", "base_url", "admin", "client_id")}
    return Profile(name, since=datetime.fromisoformat(entry["since"]), kept=_kept(entry), used=used, **fields)
