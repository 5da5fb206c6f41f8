"""A person before a panel: sees what is shown, presses buttons by their names, fills fields by their labels."""

import re
import time
from collections.abc import Iterator
from html import unescape
from types import SimpleNamespace

from ipywidgets import HTML, Button, Password, Widget

from intercom_kit import ConnectPanel

from ..auth.conftest import decide

SECONDS = 30


def shown(widget: Widget) -> Iterator[Widget]:
    """Give a widget and all in it that is shown, from top to bottom."""
    yield widget
    for child in getattr(widget, "children", ()):
        yield from shown(child)


class Person:
    """Use one panel as a person does."""

    def __init__(self, panel: ConnectPanel) -> None:
        self.panel = panel

    @property
    def html(self) -> str:
        """What the panel says, as HTML."""
        return "\n".join(each.value for each in shown(self.panel) if isinstance(each, HTML))

    @property
    def reads(self) -> str:
        """What the panel says, as text."""
        return unescape(re.sub(r"<style>.*?</style>|<[^>]+>", "", self.html, flags=re.DOTALL))

    @property
    def labels(self) -> list[str]:
        """What can be pressed, chosen or filled, from top to bottom."""
        return [each.description for each in shown(self.panel) if getattr(each, "description", "")]

    def find(self, label: str) -> Widget:
        """Find what has this label."""
        return next(each for each in shown(self.panel) if getattr(each, "description", "") == label)

    def press(self, name: str) -> None:
        """Press a button."""
        button = self.find(name)
        assert isinstance(button, Button)
        button.click()

    def fill(self, label: str, secret: str) -> None:
        """Fill a field and leave it; what a browser sends then."""
        field = self.find(label)
        assert isinstance(field, Password)
        field.set_state({"value": secret})

    def fill_and_enter(self, label: str, secret: str) -> None:
        """Fill a field and press Enter, which a browser tells before it tells the value."""
        entered = {"method": "custom", "content": {"event": "submit"}}
        self.find(label)._handle_msg({"content": {"data": entered}, "buffers": []})
        self.fill(label, secret)

    def link(self) -> str:
        """Give the address that the panel asks to open."""
        found = re.search(r'href="([^"]+)"', self.html)
        assert found
        return unescape(found[1])

    def decide(self, decision: str = "allow") -> str:
        """Open the link and press a button there; gives the address that the browser is sent to."""
        return decide(SimpleNamespace(url=self.link()), decision)  # type: ignore[arg-type]

    def wait_for(self, state: str) -> None:
        """Wait until the panel is in a state."""
        deadline = time.monotonic() + SECONDS
        while self.panel.state != state:
            assert time.monotonic() < deadline, f"the panel is {self.panel.state}: {self.reads}"
            time.sleep(0.01)
