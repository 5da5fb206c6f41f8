"""The errors that the page on troubleshooting quotes are those that are raised."""

import re
from collections.abc import Callable

import pytest

import intercom_kit as ik
from intercom_kit.sandbox import Sandbox
from tests.conftest import Begin

from .pages import ROOT, blocks, section

PAGE = ROOT / "docs" / "troubleshooting.md"

_REQUEST = re.compile(r"\(request \w+\)")
_COUNTS = re.compile(r"\d[\d,:. -]*\d|\d")


def quoted(heading: str) -> str:
    """Give the error that stands under a heading, in one line."""
    found = re.search(r"^```text\n(.*?)^```$", section(PAGE, heading), re.MULTILINE | re.DOTALL)
    assert found, f"{heading} quotes no error"
    return without_ids(found[1])


def without_ids(sentence: str) -> str:
    return _REQUEST.sub("(request …)", " ".join(sentence.split()))


def raised(call: Callable[[], object]) -> str:
    """Give the error of a call as a notebook shows it."""
    with pytest.raises(ik.IntercomError) as caught:
        call()
    return without_ids(f"{type(caught.value).__name__}: {caught.value}")


def test_not_connected() -> None:
    assert raised(ik.connect) == quoted("Not connected")


def test_authentication_error(sandbox: Sandbox) -> None:
    assert raised(lambda: ik.connect("unknown", base_url=sandbox.base_url)) == quoted("Authentication error")


def test_insufficient_permissions(begin: Begin) -> None:
    _, ws = begin(missing_scopes=["read_conversations"])
    assert raised(ws.conversations) == quoted("Insufficient permissions")


def test_events_without_a_user_id(ws: ik.Workspace) -> None:
    assert raised(ws.events) == quoted("Events without a user id")


def test_company_contacts_without_a_company_id(ws: ik.Workspace) -> None:
    assert raised(lambda: ws.company_contacts(None)) == quoted("Company contacts without a company id")  # type: ignore[arg-type]


def test_only_500_conversations(ws: ik.Workspace) -> None:
    shown = quoted("Only 500 conversations")
    assert "500 rows" in shown
    assert _COUNTS.sub("0", str(ws.conversations().receipt)) == _COUNTS.sub("0", shown)


def test_no_other_error_is_quoted() -> None:
    assert len([language for language, _ in blocks(PAGE) if language == "text"]) == 6
