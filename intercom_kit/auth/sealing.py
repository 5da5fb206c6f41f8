"""Seal stored secrets: encrypt them with keys of the operator's, each bound to the profile that it was kept for."""

import json
import os
from collections.abc import Mapping, Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from intercom_kit.api.secret import Secret
from intercom_kit.auth import keyrings
from intercom_kit.auth.credentials import hidden
from intercom_kit.errors import CredentialStoreError

KEYS = "INTERCOM_STORE_KEYS"


class Seal:
    """The encryption with some keys, separated by commas: the first one encrypts, and each of them decrypts."""

    def __init__(self, keys: Secret) -> None:
        self._fernet = _fernet(keys)
        if self._fernet is None:  # outside of the exception, whose traceback may quote a key
            raise CredentialStoreError(
                f"{KEYS} must hold keys of 32 bytes in base64, the newest first, separated by commas: "
                "`openssl rand -base64 32` prints one."
            )

    def sealed(self, bound: Sequence[str], secrets: Mapping[str, Secret]) -> str:
        """Return secrets encrypted together with the texts that they are bound to."""
        assert self._fernet is not None  # noqa: S101 - checked above
        plain = json.dumps([list(bound), secrets], default=Secret.reveal)
        return self._fernet.encrypt(plain.encode()).decode()

    def opened(self, bound: Sequence[str], sealed: str) -> dict[str, Secret] | None:
        """Return the secrets; None where no key opens them, or they were bound to something else."""
        assert self._fernet is not None  # noqa: S101
        try:
            found, secrets = json.loads(self._fernet.decrypt(sealed))
        except (InvalidToken, ValueError, TypeError):
            return None
        return {name: Secret(value) for name, value in secrets.items()} if found == list(bound) else None


def seal(place: str, *, may_make: bool = False) -> Seal:
    """Return the seal of a place: with the keys in INTERCOM_STORE_KEYS, else with the key that the keyring has for it.

    With `may_make`, a new key is put into the keyring where there is none. Raises CredentialStoreError where there is
    no key, or an impossible one.
    """
    keys, entry = hidden(os.environ.get(KEYS)), f"key of {place}"
    if keys.reveal():
        return Seal(keys)
    if kept := keyrings.fetch(entry):
        return Seal(kept["key"])
    new = Secret(Fernet.generate_key().decode())
    if may_make and keyrings.keep(entry, {"key": new}):
        return Seal(new)
    raise CredentialStoreError(
        f"The connections in {place} are stored encrypted only, and there is no key: set {KEYS} to one, as "
        "`openssl rand -base64 32` prints it, and keep it elsewhere."
    )


def _fernet(keys: Secret) -> MultiFernet | None:
    try:
        return MultiFernet([Fernet(key.strip()) for key in keys.reveal().split(",") if key.strip()])
    except ValueError:
        return None
