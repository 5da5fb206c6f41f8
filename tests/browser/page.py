"""One notebook open in JupyterLab."""

from playwright.sync_api import Locator, Page, expect

KERNEL = 60_000  # ms; the first import of pandas and DuckDB on a busy machine


class NotebookPage:
    """Drive one open notebook."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def open(self, address: str) -> None:
        """Open a notebook and wait for its kernel; running before asks which kernel to use, and blocks all clicks."""
        self.page.goto(address)
        self.wait_until_idle()

    def wait_until_idle(self) -> None:
        """Wait until the status bar, the only honest signal, says that the kernel is idle."""
        self.page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=KERNEL)

    def command(self, name: str, **arguments: object) -> None:
        """Give a command, as menus do."""
        self.page.evaluate("([name, given]) => void jupyterapp.commands.execute(name, given)", [name, arguments])

    def change_theme(self, theme: str) -> None:
        """Change the theme, and wait until it is."""
        self.command("apputils:change-theme", theme=theme)
        expect(self.page.locator("body")).to_have_attribute("data-jp-theme-name", theme)

    def run(self, *cells: int) -> None:
        """Run some cells."""
        for cell in cells:
            self.page.locator(".jp-Notebook .jp-CodeCell").nth(cell).locator(".jp-InputArea").click()
            self.page.keyboard.press("Control+Enter")

    def clear(self) -> None:
        """Clear all outputs, so that none of an earlier run is taken for a new one."""
        self.command("notebook:clear-all-cell-outputs")
        expect(self.page.locator(".jp-OutputArea-output")).to_have_count(0)

    def restart(self) -> None:
        """Restart the kernel."""
        self.command("notebook:restart-kernel")
        self.page.get_by_role("button", name="Confirm Kernel Restart").click()
        self.wait_until_idle()

    def save(self) -> None:
        """Save the notebook, and wait until it is."""
        with self.page.expect_response(lambda answer: answer.request.method == "PUT" and "/contents/" in answer.url):
            self.page.keyboard.press("Control+s")

    def output(self, cell: int) -> Locator:
        """Give what a cell put out."""
        return self.page.locator(".jp-Notebook .jp-CodeCell").nth(cell).locator(".jp-Cell-outputArea")
