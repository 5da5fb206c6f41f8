"""A contact sheet of every chart, as the gallery draws it: on light and dark pages, as wide as phones and screens are.

`make charts` writes `build/charts/sheet.html`, to look at before a change of the charts is done, and the picture of it
in the documentation, which needs playwright and Chromium.
"""

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import plotly  # type: ignore[import-untyped]
from playwright.sync_api import sync_playwright

import intercom_kit as ik
from tools.site_pages import GALLERY, ROOT, examples, last_value

PHONE, TABLET, SCREEN = 390, 800, 1200  # pixels
GROUNDS = {"light": "#ffffff", "dark": "#16181d"}
SHEET = ROOT / "build" / "charts" / "sheet.html"
PICTURE = ROOT / "docs" / "contact_sheet.png"
SCRIPT = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"

_COLUMNS, _GAP = 6, 8
_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title>Contact sheet of the charts</title>
<style>
  body {{ margin: 0; }}
  section {{ display: flex; align-items: flex-start; gap: {gap}px; padding: {gap}px; }}
  section > div {{ flex: none; }}
</style>
<script src="{script}"></script>
<body>
{sections}
</body>
</html>
"""


def gallery(theme: Any) -> list[Any]:
    """Return the charts of the gallery's examples, in a theme."""
    names: dict[str, Any] = {}
    ik.charts.use(theme)
    values = [last_value(each, names) for each in examples((ROOT / "docs" / GALLERY).read_text(encoding="utf-8"))]
    names["ws"].close()
    ik.charts.use("light")
    return [figure for figure in values if figure is not None]


def section(theme: str, figures: Iterable[Any], widths: Iterable[int]) -> str:
    """Return a column of figures for each width, on a page of a theme."""
    drawn = list(figures)
    columns = []
    for place, width in enumerate(widths):
        parts = [
            figure.to_html(full_html=False, include_plotlyjs=False, div_id=f"{theme}-{place}-{number}-{id(figure)}")
            for number, figure in enumerate(drawn)
        ]
        columns.append(f'<div style="width: {width}px">{"".join(parts)}</div>')
    return f'<section style="background: {GROUNDS[theme]}">{"".join(columns)}</section>'


def page(sections: Iterable[str]) -> str:
    """Return a page of sections, which needs no network."""
    return _PAGE.format(gap=_GAP, script=SCRIPT.as_uri(), sections="\n".join(sections))


def picture(figures: list[Any], to: Path) -> None:
    """Write a picture of figures as a phone shows them, half as large, in columns of about one height."""
    columns: list[list[Any]] = [[] for _ in range(_COLUMNS)]
    for figure in sorted(figures, key=lambda figure: -figure.layout.height):
        min(columns, key=lambda column: sum(each.layout.height for each in column)).append(figure)
    parts = "".join(section("light", column, [PHONE]) for column in columns)
    source = SHEET.with_name("picture.html")
    source.write_text(page([f'<div style="display: flex">{parts}</div>']), encoding="utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        size = {"width": _COLUMNS * (PHONE + 2 * _GAP), "height": 800}
        screen = browser.new_page(viewport=size, device_scale_factor=0.5)  # type: ignore[arg-type]
        screen.goto(source.as_uri())
        screen.wait_for_function(f"document.querySelectorAll('.main-svg').length >= {2 * len(figures)}")
        screen.screenshot(path=to, full_page=True)
        browser.close()


def main() -> None:
    """Write the sheet and its picture."""
    light, dark = gallery("light"), gallery("dark")
    SHEET.parent.mkdir(parents=True, exist_ok=True)
    widths = (PHONE, TABLET, SCREEN)
    SHEET.write_text(page([section("light", light, widths), section("dark", dark, widths)]), encoding="utf-8")
    picture(light, PICTURE)
    print(f"Open {SHEET.relative_to(ROOT)}; {PICTURE.relative_to(ROOT)} shows the charts on a phone.")


if __name__ == "__main__":
    main()
