"""The connect panel in a real JupyterLab and Chromium, before the sandbox's consent page."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, expect

from intercom_kit.sandbox import Sandbox

from .accessibility import stumbles
from .lab import Lab
from .page import NotebookPage
from .panel import Panel

THEMES = ("JupyterLab Light", "JupyterLab Dark")

RESET, SHOW, USE, ELSEWHERE, TWO, ONE_CELL, AGAIN = range(7)
CELLS = [
    """\
import os
import intercom_kit as ik
from intercom_kit.auth.profiles import forget, profiles

os.environ.pop("INTERCOM_KIT_AUTH", None)
for profile in profiles():
    forget(profile.name)""",
    "panel = ik.ConnectPanel()\npanel",
    "print(len(panel.workspace.teams()), 'teams in', panel.workspace.identity.workspace)\npanel.workspace",
    "os.environ['INTERCOM_KIT_AUTH'] = 'paste'\nik.ConnectPanel()",
    "one, other = ik.ConnectPanel(), ik.ConnectPanel()\ndisplay(one, other)",
    "workspace = await ik.ConnectPanel().ready()\nprint('at last:', workspace.identity.workspace)",
    "import intercom_kit as ik\n\nagain = ik.ConnectPanel()\nagain",
]


@pytest.fixture(scope="module")
def opened(lab: Lab, notebook: NotebookPage) -> Iterator[NotebookPage]:
    """The notebook of these tests."""
    notebook.open(lab.write("connect.ipynb", *CELLS))
    return notebook


@pytest.fixture
def panel(opened: NotebookPage) -> Panel:
    """A panel that is not connected, in a kernel that knows no profile."""
    opened.clear()
    opened.run(RESET, SHOW)
    panel = Panel(opened.output(SHOW))
    panel.says("Not connected yet")
    return panel


def test_consent_on_intercoms_page_connects(opened: NotebookPage, panel: Panel) -> None:
    opened.run(USE)
    expect(opened.output(USE)).to_contain_text("Connect there first, then run this cell again")
    panel.press("Connect with Intercom")
    panel.decide("Allow")
    panel.connected()
    opened.run(USE)
    expect(opened.output(USE)).to_contain_text("teams in Northwind Cloud (sandbox)")
    expect(opened.output(USE)).to_contain_text("region US")


def test_a_refusal_is_said(panel: Panel) -> None:
    panel.press("Connect with Intercom")
    panel.decide("Deny")
    panel.says("choose Allow")
    panel.press("Connect with Intercom")
    panel.says("Open Intercom in a new tab")


def test_a_wrong_state_is_refused_and_the_right_one_connects(panel: Panel) -> None:
    panel.press("Connect with Intercom")
    with panel.intercom() as tab:
        tab.locator("[name=state]").evaluate("field => field.value += 'x'")
        tab.get_by_role("button", name="Allow").click()
        expect(tab.get_by_role("status")).to_contain_text("another attempt")
    panel.says("Open Intercom")
    panel.decide("Allow")
    panel.connected()


def test_the_address_is_pasted_where_the_kernel_runs_elsewhere(lab: Lab, opened: NotebookPage, panel: Panel) -> None:
    opened.run(ELSEWHERE)
    panel = Panel(opened.output(ELSEWHERE))
    panel.press("Connect with Intercom")
    panel.says("need not load")
    with panel.intercom() as tab, tab.expect_request(lambda request: "code=" in request.url) as returning:
        tab.get_by_role("button", name="Allow").click()
    panel.fill("Address you landed on", returning.value.url)
    panel.press("Finish")
    panel.connected()
    opened.save()
    saved = lab.read("connect.ipynb")
    assert "application/vnd.jupyter.widget-state+json" in saved
    fields = parse_qs(urlsplit(returning.value.url).query)
    assert not [name for name in ("code", "state") if fields[name][0] in saved]


def test_a_token_connects_and_is_not_saved_with_the_notebook(
    lab: Lab, opened: NotebookPage, panel: Panel, intercom: Sandbox
) -> None:
    panel.fill("Access token", intercom.token)
    panel.output.get_by_label("Access token").press("Tab")
    expect(panel.output.get_by_label("Access token")).to_have_value("")
    opened.save()
    assert intercom.token not in lab.read("connect.ipynb")
    panel.press("Use token")
    panel.connected()
    opened.save()
    saved = lab.read("connect.ipynb")
    assert "application/vnd.jupyter.widget-state+json" in saved
    assert not [secret for secret in (intercom.token, intercom.client_secret) if secret in saved]


def test_the_keyboard_alone_is_enough(panel: Panel, intercom: Sandbox) -> None:
    panel.output.get_by_role("button", name="Connect with Intercom", exact=True).focus()
    keyboard = panel.output.page.keyboard
    for key in ("Tab", "Tab"):
        keyboard.press(key)
    keyboard.insert_text(intercom.token)
    keyboard.press("Enter")
    panel.connected()


def test_after_a_restart_the_profile_connects_by_itself(opened: NotebookPage, panel: Panel, intercom: Sandbox) -> None:
    panel.fill("Access token", intercom.token, enter=True)
    panel.connected()
    opened.restart()
    opened.run(AGAIN)
    Panel(opened.output(AGAIN)).connected()


def test_one_cell_can_wait_for_its_panel(opened: NotebookPage, panel: Panel, intercom: Sandbox) -> None:
    opened.run(ONE_CELL)
    waiting = Panel(opened.output(ONE_CELL))
    waiting.fill("Access token", intercom.token, enter=True)
    expect(opened.output(ONE_CELL)).to_contain_text("at last: Northwind Cloud (sandbox)")


def test_two_panels_on_a_page_do_not_disturb_each_other(
    opened: NotebookPage, panel: Panel, intercom: Sandbox, pictures: Path
) -> None:
    opened.run(TWO)
    one, other = (Panel(opened.output(TWO).locator(".jp-OutputArea-child").nth(place)) for place in (0, 1))
    one.fill("Access token", intercom.token, enter=True)
    one.connected()
    other.says("Not connected yet")
    other.press("Connect with Intercom")
    other.says("Open Intercom")
    opened.output(TWO).screenshot(path=pictures / "two_panels.png")  # docs/connect_panel.png
    other.decide("Allow")
    other.connected()
    other.press("Disconnect")
    other.says("Disconnected")
    one.connected()


def test_disconnects_and_connects_again(panel: Panel, intercom: Sandbox) -> None:
    panel.press("Connect with Intercom")
    panel.decide("Allow")
    panel.connected()
    panel.output.get_by_label("Also revoke at Intercom").check()
    panel.press("Disconnect")
    panel.says("Revoke the token of")
    panel.press("Revoke and disconnect")
    panel.says("the token is revoked")
    assert intercom.requests["POST /auth/uninstall"] == 1
    panel.press("Connect with Intercom")
    panel.decide("Allow")
    panel.connected()


def contrast(text: Locator) -> float:
    """Give the contrast of a text against what is behind it, as WCAG counts."""
    return float(text.evaluate(CONTRAST))


CONTRAST = """text => {
    const parts = colour => colour.match(/[\\d.]+/g).map(Number)
    const behind = element => {
        const found = parts(getComputedStyle(element).backgroundColor)
        return found[3] === 0 ? behind(element.parentElement) : found
    }
    const luminance = colour => colour.slice(0, 3)
        .map(value => value / 255)
        .map(value => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
        .reduce((sum, value, place) => sum + value * [0.2126, 0.7152, 0.0722][place], 0)
    const both = [luminance(parts(getComputedStyle(text).color)), luminance(behind(text))].sort((a, b) => b - a)
    return (both[0] + 0.05) / (both[1] + 0.05)
}"""


@pytest.mark.parametrize("theme", THEMES)
def test_it_is_readable_in_the_theme_and_by_a_screen_reader(
    opened: NotebookPage, panel: Panel, pictures: Path, theme: str
) -> None:
    opened.change_theme(theme)

    def look(state: str) -> None:
        panel.output.screenshot(path=pictures / f"{theme.split()[-1].lower()}_{state}.png")
        assert stumbles(opened.page, ".intercom-kit") == [], state

    look("begin")
    panel.fill("Access token", "wrong", enter=True)
    panel.says("does not accept the access token")
    panel.output.get_by_text("Details").click()
    look("failed")
    panel.press("Connect with Intercom")
    panel.says("Open Intercom")
    assert contrast(panel.output.get_by_role("link")) > 4.5
    look("waiting")
    panel.decide("Allow")
    panel.connected()
    assert contrast(panel.output.get_by_role("status")) > 4.5
    assert contrast(panel.output.get_by_text("1 request made")) > 4.5
    look("connected")
    panel.output.get_by_label("Also revoke at Intercom").check()
    panel.press("Disconnect")
    panel.says("Revoke the token of")
    look("confirming")
    panel.press("Stay connected")
    panel.press("Other workspace")
    panel.says("Choose")
    look("profiles")


def test_it_fits_a_telephone(opened: NotebookPage, panel: Panel, pictures: Path) -> None:
    opened.page.set_viewport_size({"width": 390, "height": 900})
    opened.command("application:toggle-left-area")

    def look(state: str) -> None:
        assert panel.output.evaluate("output => output.scrollWidth <= output.clientWidth"), state
        for theme in THEMES:
            opened.change_theme(theme)
            panel.output.screenshot(path=pictures / f"narrow_{state}_{theme.split()[-1].lower()}.png")

    look("begin")
    panel.output.get_by_text("Where do I find it?").click()
    look("where")
    panel.fill("Access token", "wrong", enter=True)
    panel.says("does not accept the access token")
    look("failed")
    panel.press("Connect with Intercom")
    panel.says("Open Intercom")
    look("waiting")
    panel.decide("Allow")
    panel.connected()
    look("connected")
    panel.output.get_by_label("Also revoke at Intercom").check()
    panel.press("Disconnect")
    panel.says("Revoke the token of")
    look("confirming")
    panel.press("Stay connected")
    panel.press("Other workspace")
    panel.says("Choose")
    look("profiles")
