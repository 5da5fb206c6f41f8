"""No widget holds a secret: else it would be saved with the notebook."""

import json
from typing import Any

import pytest
from ipywidgets import Widget
from ipywidgets.embed import dependency_state, embed_data

from intercom_kit.sandbox import Sandbox

from ..auth.exposure import reachable
from .conftest import Open
from .person import Person, shown


def held_by_widgets(person: Person) -> str:
    """Give all that the panel's widgets hold, as they are saved, embedded and printed."""
    widgets = [each for each in shown(person.panel) if isinstance(each, Widget)]
    states = [each.get_state() for each in widgets]
    embedded = embed_data(views=[person.panel], state=dependency_state([person.panel], drop_defaults=False))
    saved = Widget.get_manager_state(drop_defaults=False)  # of every widget of the kernel
    return "".join(json.dumps(each, default=str) for each in (states, embedded, saved)) + "".join(map(repr, widgets))


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """All that widgets send to the browser, but for the echo of what it sent itself."""
    messages: list[Any] = []

    def send(widget: Widget, message: Any, buffers: Any = None) -> None:
        if message.get("method") != "echo_update":
            messages.append(message)

    monkeypatch.setattr(Widget, "_send", send)
    return messages


def test_a_token_is_gone_as_soon_as_it_arrives(panel: Open, sent: list[Any]) -> None:
    person = panel()
    person.fill("Access token", "dG9rOnNlY3JldA==")
    assert "dG9rOnNlY3JldA==" not in held_by_widgets(person)
    assert "dG9rOnNlY3JldA==" not in reachable(person.panel)
    assert "dG9rOnNlY3JldA==" not in json.dumps(sent, default=str)


def test_a_token_that_is_refused_is_not_quoted(panel: Open) -> None:
    for refused in ("dG9rOnNlY3JldA==", "dG9r OnNlY3JldA=="):
        person = panel()
        person.fill_and_enter("Access token", refused)
        person.wait_for("failed")
        assert refused not in held_by_widgets(person)
        assert refused not in reachable(person.panel)


def test_a_connected_panel_holds_no_token_and_no_client_secret(panel: Open, sandbox: Sandbox, sent: list[Any]) -> None:
    person = panel()
    person.fill_and_enter("Access token", sandbox.token)
    person.wait_for("connected")
    for secret in (sandbox.token, sandbox.client_secret):
        assert secret not in held_by_widgets(person)
        assert secret not in reachable(person.panel)
        assert secret not in json.dumps(sent, default=str)


def test_a_pasted_address_leaves_no_code_and_no_state(panel: Open, sandbox: Sandbox, sent: list[Any]) -> None:
    person = panel()
    person.press("Connect with Intercom")
    landed = person.decide()
    code, state = landed.partition("code=")[2].split("&state=")
    person.fill("Address you landed on", landed)
    assert code not in held_by_widgets(person)
    person.press("Finish")
    person.wait_for("connected")
    held = held_by_widgets(person)
    assert code not in held + reachable(person.panel) + json.dumps(sent, default=str)
    assert state not in held
    assert sandbox.client_secret not in held


def test_a_field_that_was_left_for_another_way_forgets_its_secret(panel: Open) -> None:
    person = panel()
    person.fill("Access token", "dG9rOnNlY3JldA==")
    person.press("Connect with Intercom")
    person.press("Cancel")
    person.press("Use token")
    assert person.panel.state == "not connected"
