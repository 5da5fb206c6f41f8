"""Secrets in the system's keyring, if one works."""

import json

import keyring

from intercom_kit.api.secret import Secret

SERVICE = "intercom_kit"


def keep(entry: str, secrets: dict[str, Secret]) -> bool:
    """Store secrets under a name, and return whether they can be read back: some backends store nothing."""
    try:
        keyring.set_password(SERVICE, entry, json.dumps(secrets, default=Secret.reveal))
        return keyring.get_password(SERVICE, entry) == json.dumps(secrets, default=Secret.reveal)
    except Exception:  # noqa: BLE001 - backends may raise anything; the caller falls back to the file
        return False


def fetch(entry: str) -> dict[str, Secret] | None:
    """Return the stored secrets; None where there are none, or no keyring works."""
    try:
        stored = json.loads(keyring.get_password(SERVICE, entry) or "null")
        return {name: Secret(value) for name, value in stored.items()}
    except Exception:  # noqa: BLE001 - the same
        return None


def drop(entry: str) -> bool:
    """Delete the stored secrets, and return whether they are gone."""
    try:
        if keyring.get_password(SERVICE, entry) is not None:
            keyring.delete_password(SERVICE, entry)
    except Exception:  # noqa: BLE001 - the same
        return False
    return True


def name() -> str:
    """Return the name of the system's keyring."""
    return str(keyring.get_keyring().name)
