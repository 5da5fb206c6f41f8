"""Where the texts of figures stand on a screen, as a browser draws them."""

import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import plotly
from playwright.sync_api import sync_playwright

from intercom_kit import charts

SCRIPT = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
CHROMIUM = shutil.which("chromium")

# Each text of a figure with its box; the lines of a title are one text.
_TEXTS = """
figure => [...figure.querySelectorAll("svg text")].filter(text => text.textContent.trim()).map(text => {
  const box = text.getBoundingClientRect(), frame = figure.getBoundingClientRect();
  return [text.textContent, box.left - frame.left, box.top - frame.top, box.right - frame.left, box.bottom - frame.top];
})
"""


class Box(NamedTuple):
    """A text and its edges, in pixels from the figure's left and top edge."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


class Drawn(NamedTuple):
    """A figure as drawn: its size, and its texts."""

    width: float
    height: float
    boxes: list[Box]

    def cut(self) -> list[str]:
        """Return the texts that reach beyond an edge."""
        return [
            box.text
            for box in self.boxes
            if box.left < -1 or box.top < -1 or box.right > self.width + 1 or box.bottom > self.height + 1
        ]

    def overlapping(self) -> list[tuple[str, str]]:
        """Return the pairs of texts of which one stands on the other; lines may touch."""
        pairs = [(one, other) for place, one in enumerate(self.boxes) for other in self.boxes[place + 1 :]]
        return [(one.text, other.text) for one, other in pairs if _meet(one, other)]


def _meet(one: Box, other: Box, slack: float = 2.5) -> bool:
    across = min(one.right, other.right) - max(one.left, other.left)
    return across > slack and min(one.bottom, other.bottom) - max(one.top, other.top) > slack


def drawn(figures: Mapping[str, charts.Chart], folder: Path, *widths: int) -> dict[int, dict[str, Drawn]]:
    """Draw figures on pages as wide as some screens, and return for each width where their texts stand."""
    parts = [figure.to_html(full_html=False, include_plotlyjs=False, div_id=name) for name, figure in figures.items()]
    page = folder / "figures.html"
    body = "\n".join(parts)
    page.write_text(f'<body style="margin:0"><script src="{SCRIPT.as_uri()}"></script>{body}</body>', encoding="utf-8")
    found = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        for width in widths:
            screen = browser.new_page(viewport={"width": width, "height": 800})
            screen.goto(page.as_uri())
            screen.wait_for_function(f"document.querySelectorAll('.main-svg').length >= {2 * len(figures)}")
            found[width] = {name: _measured(screen.locator(f"[id='{name}']")) for name in figures}
        browser.close()
    return found


def _measured(figure: Any) -> Drawn:
    size = figure.bounding_box()
    boxes = [Box(re.sub(r"\s+", " ", text), *edges) for text, *edges in figure.evaluate(_TEXTS)]
    return Drawn(size["width"], size["height"], boxes)
