"""Secrets in the system's keyring, if one works."""

import json
from typing import TYPE_CHECKING

from intercom_kit.api.secret import Secret

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE = "intercom_kit"


def keep(entry: str, secrets: dict[str, Secret]) -> bool:
    """Store secrets under a name, and return whether they can be read back: some backends store nothing."""
    try:
        _system().set_password(SERVICE, entry, json.dumps(secrets, default=Secret.reveal))
        return _system().get_password(SERVICE, entry) == json.dumps(secrets, default=Secret.reveal)
    except Exception:  # noqa: BLE001 - backends may raise anything; the caller falls back to the file
        return False


def fetch(entry: str) -> dict[str, Secret] | None:
    """Return the stored secrets; None where there are none, or no keyring works."""
    try:
        stored = json.loads(_system().get_password(SERVICE, entry) or "null")
        return {name: Secret(value) for name, value in stored.items()}
    except Exception:  # noqa: BLE001 - the same
        return None


def drop(entry: str) -> bool:
    """Delete the stored secrets, and return whether they are gone."""
    try:
        if _system().get_password(SERVICE, entry) is not None:
            _system().delete_password(SERVICE, entry)
    except Exception:  # noqa: BLE001 - the same
        return False
    return True


def name() -> str:
    """Return the name of the system's keyring."""
    return str(_system().name)


def _system() -> "KeyringBackend":
    # Its import takes a quarter of a second, which a program with a token need not wait for.
    import keyring

    return keyring.get_keyring()
