"""Keep secrets in the system's keyring, where there is one that works."""

import json

import keyring

from intercom_kit.api.secret import Secret

SERVICE = "intercom_kit"


def keep(entry: str, secrets: dict[str, Secret]) -> bool:
    """Store secrets under a name, and return whether they are really there: some backends store nothing."""
    try:
        keyring.set_password(SERVICE, entry, json.dumps(secrets, default=Secret.reveal))
        return keyring.get_password(SERVICE, entry) == json.dumps(secrets, default=Secret.reveal)
    except Exception:  # noqa: BLE001 - backends raise what they like; whatever it is, there is the file
        return False


def fetch(entry: str) -> dict[str, Secret] | None:
    """Return what was stored; None where there is nothing, or no keyring that works."""
    try:
        stored = json.loads(keyring.get_password(SERVICE, entry) or "null")
        return {name: Secret(value) for name, value in stored.items()}
    except Exception:  # noqa: BLE001 - the same
        return None


def drop(entry: str) -> bool:
    """Delete what was stored, and return whether it is gone."""
    try:
        if keyring.get_password(SERVICE, entry) is not None:
            keyring.delete_password(SERVICE, entry)
    except Exception:  # noqa: BLE001 - the same
        return False
    return True


def name() -> str:
    """Say which keyring this system has."""
    return str(keyring.get_keyring().name)
