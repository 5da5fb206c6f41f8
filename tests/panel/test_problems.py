"""What went wrong is one line of the panel's own words."""

import inspect
import re

import pytest

from intercom_kit import errors
from intercom_kit.auth.finding import WAYS
from intercom_kit.errors import (
    CertificateError,
    ConnectionFailedError,
    CredentialStoreError,
    IntercomError,
    MergedContactError,
    NotConnectedError,
    ScopeMissingError,
    TokenInvalidError,
    WrongRegionError,
)
from intercom_kit.notebook.panel_problems import problem

LONG = "The keyring `file` cannot be read: run `chmod 600 file`. Where others use it, connect by ws.close() again."
KINDS = [kind for kind in vars(errors).values() if inspect.isclass(kind) and issubclass(kind, IntercomError)]
NEEDS = {
    MergedContactError: {"merged_into": "6530"},
    ScopeMissingError: {"scope": "Read one admin"},
    WrongRegionError: {"region": "eu"},
}


def line(html: str) -> str:
    """Give what is seen before anybody asks for details."""
    return re.sub(r"<details>.*</details>", "", html).strip()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_error_is_a_line_without_code(kind: type[IntercomError]) -> None:
    shown = problem(kind(LONG, **NEEDS.get(kind, {})))
    assert 10 < len(line(shown)) < 110
    assert "`" not in shown
    assert "<code>" not in line(shown)


def test_the_whole_message_is_behind_it() -> None:
    shown = problem(CredentialStoreError(LONG))
    assert line(shown) == "The keyring file cannot be read: run chmod 600 file."
    assert "run <code>chmod 600 file</code>. Where others use it" in shown


def test_a_panel_is_not_advised_to_open_a_panel() -> None:
    unlock = "unlock it, or connect again with `intercom-kit login` or ConnectPanel()."
    assert problem(NotConnectedError(f"Not connected: there is no credential. {WAYS}")) == (
        "Not connected: there is no credential."
    )
    assert "ConnectPanel" not in problem(NotConnectedError(f"It is in the keyring: {unlock}"))
    assert "ConnectPanel" not in problem(TokenInvalidError("by ConnectPanel()", status=401))


def test_a_certificate_and_a_network_are_told_apart() -> None:
    told = {
        line(problem(kind("Not trusted (x). Set SSL_CERT_FILE."))) for kind in (CertificateError, ConnectionFailedError)
    }
    assert told == {"Not trusted (x).", "Intercom could not be reached: check the network, and try again."}


def test_other_packages_messages_are_not_quoted() -> None:
    assert problem(ValueError("tok:secret")) == "Something unexpected went wrong (ValueError). Try again."


def test_what_a_message_quotes_is_shown_as_text() -> None:
    assert "<img" not in problem(CredentialStoreError("<img src=x> is there. And <img src=y>."))
