"""A connect panel in a cell's output, as a person uses it."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Locator, Page

from .page import KERNEL


class Panel:
    """Use the panel that a cell put out."""

    def __init__(self, output: Locator) -> None:
        self.output = output

    def press(self, name: str) -> None:
        """Press a button, as soon as it is there."""
        self.output.get_by_role("button", name=name, exact=True).click(timeout=KERNEL)

    def fill(self, label: str, secret: str, *, enter: bool = False) -> None:
        """Fill a field by its label, and press Enter if wanted."""
        field = self.output.get_by_label(label, exact=True)
        field.fill(secret, timeout=KERNEL)
        if enter:
            field.press("Enter")

    def says(self, text: str) -> None:
        """Wait until the panel says something."""
        self.output.get_by_role("status").filter(has_text=text).wait_for(timeout=KERNEL)

    def connected(self) -> None:
        """Wait until the panel is connected."""
        self.says("Connected since")

    @contextmanager
    def intercom(self) -> Iterator[Page]:
        """Open Intercom's consent page in the tab that the panel's link opens, and close it in the end."""
        with self.output.page.context.expect_page() as opening:
            self.output.get_by_role("link", name="Open Intercom in a new tab").click(timeout=KERNEL)
        tab = opening.value
        yield tab
        tab.close()

    def decide(self, answer: str) -> None:
        """Press Allow or Deny on Intercom's consent page, and wait for what follows."""
        with self.intercom() as tab:
            tab.get_by_role("button", name=answer).click()
            tab.get_by_role(
                "heading", name="Connected" if answer == "Allow" else "Not connected", exact=True
            ).wait_for()
