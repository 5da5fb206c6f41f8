"""Figures in JupyterLab, on its light and its dark theme."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from .lab import Lab
from .page import KERNEL, NotebookPage

CELLS = (
    "import intercom_kit as ik\nfrom tests.charts import made\nik.charts.shares(made.RATINGS)",
    "ik.charts.use('dark')\nik.charts.waiting_times(made.WAITS)",
)
GROUNDS = ("rgb(255, 255, 255)", "rgb(22, 24, 29)")


@pytest.mark.timeout(180)
def test_figures_bring_their_ground_on_every_theme_and_offer_no_upload(
    lab: Lab, notebook: NotebookPage, pictures: Path
) -> None:
    notebook.open(lab.write("charts.ipynb", *CELLS))
    notebook.run(0, 1)
    for theme in ("JupyterLab Light", "JupyterLab Dark"):
        notebook.command("apputils:change-theme", theme=theme)
        expect(notebook.page.locator(f"body[data-jp-theme-name='{theme}']")).to_have_count(1)
        for cell, ground in enumerate(GROUNDS):
            figure = notebook.output(cell).locator(".js-plotly-plot")
            drawn = figure.locator(".main-svg").first
            drawn.wait_for(timeout=KERNEL)
            drawn.hover(force=True)
            expect(drawn).to_have_css("background-color", ground)
            expect(drawn).to_have_attribute("width", re.compile(r"^[1-9]\d\d"))  # responsive=True would shrink it to 0
            figure.get_by_text("How counted").hover(force=True)
            expect(figure.get_by_text("What it means.")).to_be_visible()
            expect(figure.locator("[data-title='Zoom']")).to_have_count(1)
            expect(figure.locator("[data-title^='Share'], .modebar-btn--logo")).to_have_count(0)
        notebook.page.screenshot(path=pictures / f"charts_{theme.split()[1].lower()}.png")
