"""Convert executed notebooks to web pages that need no network: styles, scripts and figures are in them."""

import json
import re
from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup, Tag
from jinja2 import Environment, PackageLoader
from markupsafe import Markup
from nbconvert import HTMLExporter
from nbformat import NotebookNode
from pygments.formatters import HtmlFormatter
from traitlets.config import Config

from intercom_kit.charts.shown.embedded import embedded, plotlyjs
from intercom_kit.charts.theme import templates
from intercom_kit.notebook.pages.tables import readable

FIGURE = "application/vnd.plotly.v1+json"
WIDGET = "application/vnd.jupyter.widget-view+json"

# Tags of cells that are for whoever writes the notebook, and not for its readers.
CHECK = "remove-cell"
PARAMETERS = ("parameters", "injected-parameters")

_CODE_STYLES = {"light": "default", "dark": "github-dark"}
_LEAST_HEADINGS = 3  # from which on a page has contents


@dataclass
class Page:
    """What a page says beside the notebook.

    `failure` is why it ends early, `note` is the small print under the title, and `changes` is a table of what is new
    since the last page. With `code`, cells are shown. `scripts` is the file of plotly.js beside the
    page, which else is in it.
    """

    name: str
    failure: str = ""
    note: str = ""
    changes: str = ""
    code: bool = False
    scripts: str = ""


def title(notebook: NotebookNode, otherwise: str) -> str:
    """Return the notebook's first heading."""
    lines = (line for cell in notebook.cells if cell.cell_type == "markdown" for line in cell.source.splitlines())
    return next((line.lstrip("# ").strip() for line in lines if line.startswith("#")), otherwise)


def page(notebook: NotebookNode, about: Page) -> str:
    """Return an executed notebook as a page of HTML, with interactive figures."""
    shown = deepcopy(notebook)
    drawn = _prepare(shown)
    soup = BeautifulSoup(_body(shown, code=about.code), "html.parser")
    _insert_changes(soup, about.changes)
    for pre in soup.find_all("pre"):
        pre["tabindex"] = "0"  # long lines are scrolled to by keyboard, too
    readable(soup)
    if heading := soup.find("h1"):
        heading.extract()
    return _render(
        about,
        title=title(notebook, otherwise=about.name),
        heading=Markup(heading.decode_contents()) if isinstance(heading, Tag) else None,  # noqa: S704
        contents=_contents(soup),
        body=Markup(str(soup)),  # noqa: S704 - a notebook's own HTML
        plotlyjs=Markup(plotlyjs()) if drawn and not about.scripts else "",  # noqa: S704
        scripts=about.scripts if drawn else "",
        templates=Markup(json.dumps(templates()).replace("<", "\\u003c")) if drawn else "",  # noqa: S704
    )


def _insert_changes(soup: BeautifulSoup, changes: str) -> None:
    """Put what is new since the last page before the first section of the notebook."""
    if changes:
        section = BeautifulSoup(f"<section><h2>Since the last page</h2>{changes}</section>", "html.parser")
        cells = soup.find_all("div", class_="cell", recursive=False)
        first = next((cell for cell in cells if cell.find("h2")), None)
        if first:
            first.insert_before(section)
        else:
            soup.append(section)


def index(pages: Mapping[str, str], name: str) -> str:
    """Return a page of links to pages, by file name and title."""
    return _render(Page(name), title=name, links=pages)


@cache
def _page_template() -> Any:
    return Environment(loader=PackageLoader(__name__, ""), autoescape=True).get_template("page.html.j2")


def _render(about: Page, **parts: Any) -> str:
    folder = Path(__file__).parent
    styles = (folder / "page.css").read_text(encoding="utf-8")
    if about.code:
        light, dark = (HtmlFormatter(style=each).get_style_defs(".highlight") for each in _CODE_STYLES.values())
        styles += f"{light}\n@media screen and (prefers-color-scheme: dark) {{\n{dark}\n}}\n"
    script = Markup((folder / "page.js").read_text(encoding="utf-8"))  # noqa: S704 - ours
    return str(_page_template().render(about=about, styles=Markup(styles), script=script, **parts))  # noqa: S704


def _prepare(notebook: NotebookNode) -> int:
    """Leave out widgets, which need a kernel, and convert figures to HTML; return how many figures there are."""
    notebook.metadata.setdefault("language_info", {"name": "python", "pygments_lexer": "ipython3"})
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if not _is_only_widget(output)]
    drawn = 0
    for output in (each for cell in notebook.cells for each in cell.get("outputs", []) if "data" in each):
        output.data.pop(WIDGET, None)
        if FIGURE in output.data:
            output.data = {"text/html": embedded(themed(output.data[FIGURE]))}
            drawn += 1
    return drawn


def themed(figure: Mapping[str, Any]) -> dict[str, Any]:
    """Return a figure without the template if it is one of ours, so that the page's own scheme decides."""
    layout = dict(figure["layout"])
    if layout.get("template") in templates().values():
        del layout["template"]
    return {**figure, "layout": layout}


def seen(notebook: NotebookNode) -> Iterable[NotebookNode]:
    """Return the cells that readers of a page without code see."""
    return (cell for cell in notebook.cells if not {CHECK, *PARAMETERS} & set(cell.metadata.get("tags", [])))


def _is_only_widget(output: NotebookNode) -> bool:
    return WIDGET in output.get("data", {}) and "text/html" not in output.data


def _body(notebook: NotebookNode, *, code: bool) -> str:
    """Return the cells as HTML, by nbconvert's template for other pages to be put around."""
    settings = Config(
        HTMLExporter={"exclude_input": not code, "exclude_anchor_links": True, "embed_images": True},
        TagRemovePreprocessor={"enabled": True, "remove_cell_tags": {CHECK} if code else {CHECK, *PARAMETERS}},
    )
    prompts = {"exclude_input_prompt": True, "exclude_output_prompt": True}
    exporter = HTMLExporter(config=settings, template_name="basic", **prompts)  # type: ignore[no-untyped-call]
    body, _ = exporter.from_notebook_node(notebook)
    return str(body)


def _contents(soup: BeautifulSoup) -> dict[str, str]:
    """Give the headings ids, and return their texts by these; empty for a page of few."""
    found: dict[str, str] = {}
    for each in soup.find_all("h2"):
        text = re.sub(r"\s+", " ", each.get_text()).strip()
        words = slug(text)
        each["id"] = words if words not in found else f"{words}-{len(found)}"
        found[str(each["id"])] = text
    return found if len(found) >= _LEAST_HEADINGS else {}


def slug(heading: str) -> str:
    """Return a heading as it stands in addresses and in names of files."""
    return re.sub(r"\W+", "-", heading.lower()).strip("-")[:40].strip("-") or "section"
