"""Requests are logged under intercom_kit at DEBUG, and nothing of what they carry."""

import logging

import pytest

from intercom_kit import IntercomDownError, NotFoundError, connect
from intercom_kit.sandbox import Sandbox

from ..conftest import Begin


def test_each_request_is_a_line_of_method_path_and_outcome(sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    with connect(sandbox.token, base_url=sandbox.base_url) as ws, caplog.at_level(logging.DEBUG, "intercom_kit"):
        before = sandbox.requests.total()
        ws.search_conversations("refund", limit=1)
        with pytest.raises(NotFoundError):
            ws.contact(email="nobody@example.com")
        with pytest.raises(NotFoundError):
            ws.conversation("404")
    told = [record.getMessage() for record in caplog.records if record.name.startswith("intercom_kit")]
    assert len(told) == sandbox.requests.total() - before
    assert any(line.startswith("POST /conversations/search: answered in 0.") for line in told)
    assert any(line.startswith("GET /conversations/404: NotFoundError (404) in 0.") for line in told)
    said = "\n".join(told)
    assert not [each for each in (sandbox.token, "refund", "nobody@", "Bearer") if each in said]


@pytest.mark.usefixtures("quick")
def test_a_repetition_is_told(begin: Begin, caplog: pytest.LogCaptureFixture) -> None:
    sandbox, ws = begin()
    sandbox.faults.set("500", 1.0)
    with caplog.at_level(logging.DEBUG, "intercom_kit"), pytest.raises(IntercomDownError):
        ws.teams()
    assert any("again in" in record.getMessage() for record in caplog.records)


def test_nothing_is_logged_unless_it_is_asked_for(sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    with connect(sandbox.token, base_url=sandbox.base_url) as ws:
        ws.teams()
    assert not [record for record in caplog.records if record.name.startswith("intercom_kit")]
