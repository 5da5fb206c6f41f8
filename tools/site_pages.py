"""Pages of the site that are made when it is built, and a check that it loads nothing from the network.

mkdocs calls the functions `on_…`; see `hooks` in mkdocs.yml. README.md, CONTRIBUTING.md and CHANGELOG.md stand outside
`docs/`, the reference follows from the package's own declarations, and the gallery's figures from its own examples.
"""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import click
import pandas as pd
import plotly  # type: ignore[import-untyped]
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from pygments.formatters import HtmlFormatter

import intercom_kit as ik
from intercom_kit.cli import main as command_line

ROOT = Path(__file__).parents[1]

# Files of the project's root that are pages of the site, too.
OUTSIDE = {"README.md": "index.md", "CONTRIBUTING.md": "contributing.md", "CHANGELOG.md": "changelog.md"}

GALLERY = "gallery.md"
PLOTLY = "assets/plotly.min.js"

_CODE = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(?<=\]\()([\w./-]+)")
_FIGURE = '<div class="figure" id="figure-{}"></div>'
_IN_STYLES = re.compile(r"(?:url\(|@import)\s*['\"]?(?:https?:)?//")

figures: list[str] = []


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that are no files of `docs/`, and plotly's own script for the gallery."""
    with ik.demo(conversations=1, contacts=1, companies=1) as workspace:
        made = {
            **{page: from_root(name) for name, page in OUTSIDE.items()},
            "commands.md": commands(),
            "tables.md": tables(workspace),
            "definitions.md": definitions(workspace),
        }
    made["styles/code.css"] = HtmlFormatter(style="friendly").get_style_defs(".highlight")
    for name, text in made.items():
        files.append(File.generated(config, name, content=text))
    script = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
    files.append(File.generated(config, PLOTLY, abs_src_path=str(script)))
    return files


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    """Run the gallery's examples, and leave a place for the figure of each."""
    if page.file.src_uri != GALLERY:
        return markdown
    figures.clear()
    names: dict[str, Any] = {}

    def with_figure(block: re.Match[str]) -> str:
        figure = last_value(block[1], names)
        if figure is None:
            return block[0]
        figures.append(figure.to_html(full_html=False, include_plotlyjs=False))
        return f"{block[0]}\n\n{_FIGURE.format(len(figures))}\n"

    shown = _CODE.sub(with_figure, markdown)
    names["ws"].close()
    return shown


def on_post_page(output: str, page: Page, **_: Any) -> str:
    """Put the figures in their places, once the search index has been made of the rest."""
    if page.file.src_uri != GALLERY:
        return output
    for number, figure in enumerate(figures, start=1):
        output = output.replace(_FIGURE.format(number), f'<div class="figure">{figure}</div>')
    return output.replace("</head>", f'<script src="{PLOTLY}"></script>\n</head>', 1)


def on_post_build(config: MkDocsConfig) -> None:
    """Fail where a page or a style sheet loads something from the network."""
    site = Path(config.site_dir)
    found = [f"{page.relative_to(site)}: {address}" for page in site.rglob("*.html") for address in loaded(page)]
    found += [
        f"{sheet.relative_to(site)}: a style from the network"
        for sheet in site.rglob("*.css")
        if _IN_STYLES.search(sheet.read_text(encoding="utf-8"))
    ]
    if found:
        raise PluginError("The site must load nothing from the network:\n" + "\n".join(found))


def from_root(name: str) -> str:
    """Return a file of the project's root, with its links as they are from the site's pages."""
    text = (ROOT / name).read_text(encoding="utf-8")
    return _LINK.sub(lambda link: OUTSIDE.get(link[1], link[1].removeprefix("docs/")), text)


def examples(markdown: str) -> list[str]:
    """Return the Python of a page, block by block."""
    return _CODE.findall(markdown)


def last_value(code: str, names: dict[str, Any]) -> Any:
    """Run an example, and return the value of its last line where that is a chart."""
    *before, last = code.strip().splitlines()
    if not last.startswith("ik.charts."):
        exec(code, names)  # noqa: S102 - our own example
        return None
    exec("\n".join(before), names)  # noqa: S102
    return eval(last, names)  # noqa: S307


def commands() -> str:
    """Return the help of every command."""
    top = click.Context(command_line, info_name="intercom-kit")
    sections = [f"# Command line\n\n```text\n{command_line.get_help(top)}\n```\n"]
    for name, command in sorted(command_line.commands.items()):
        if name == "sandbox":  # which reads its own words
            from intercom_kit.sandbox.__main__ import main as command
        with click.Context(command, info_name=name, parent=top) as context:
            sections.append(f"## intercom-kit {name}\n\n```text\n{command.get_help(context)}\n```\n")
    return "\n".join(sections)


def tables(workspace: ik.Workspace) -> str:
    """Return a section per table, with its columns."""
    sections = ['# Tables and columns\n\n`ws.schema()` and `ws.schema("conversations")` return the same as frames.\n']
    for table in workspace.schema().to_dict("records"):
        name = table["table"]
        sections.append(
            f"## {name}\n\nA row is {table['row']}. Rows are sorted by {table['order']}. {table['notes']}\n"
        )
        sections.append(as_table(["column", "type", "unit", "meaning", "filter"], workspace.schema(name)))
    return "\n".join(sections)


def definitions(workspace: ik.Workspace) -> str:
    """Return a section per metric, with its definitions."""
    sections = ["# Metric definitions\n\n`ws.metrics()` returns the same as a frame.\n"]
    for metric in workspace.metrics().to_dict("records"):
        sections.append(f"## {metric['name']}\n\n{metric['question']}\n")
        for line in metric["definitions"].splitlines():
            name, _, text = line.partition(": ")
            sections.append(f"- **{name}**: {text}")
        sections.append(f"\nUnit: {metric['unit']}. Reads: {metric['needs']}.\n")
    return "\n".join(sections)


def as_table(columns: list[str], frame: pd.DataFrame) -> str:
    """Return a frame as a table of Markdown."""
    lines = [f"| {' | '.join(columns)} |", f"|{'---|' * len(columns)}"]
    for row in frame.itertuples():
        name, *others = (str(getattr(row, column)).replace("|", "\\|") for column in columns)
        lines.append(f"| `{name}` | {' | '.join(others)} |")
    return "\n".join([*lines, ""])


class Loads(HTMLParser):
    """The addresses that a page loads by itself; a link, which a person follows, is none."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what an element loads."""
        named = {name: value or "" for name, value in attrs}
        address = named.get("src", "") or (named.get("href", "") if tag == "link" else "")
        if named.get("rel") not in ("canonical", "next", "prev"):
            self.addresses.append(address)


def loaded(page: Path) -> Iterator[str]:
    """Yield what a page loads from the network."""
    parser = Loads()
    parser.feed(page.read_text(encoding="utf-8"))
    return (address for address in parser.addresses if re.match(r"(https?:)?//", address))
