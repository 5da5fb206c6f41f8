"""Convert executed notebooks to web pages that need no network: styles, scripts and figures are embedded."""

from collections.abc import Iterable, Mapping
from copy import deepcopy
from html import escape

from jinja2 import DictLoader
from nbconvert import HTMLExporter
from nbformat import NotebookNode

from intercom_kit.charts.theme import html

FIGURE = "application/vnd.plotly.v1+json"
WIDGET = "application/vnd.jupyter.widget-view+json"

# Figures embed plotly.js, so the scripts that nbconvert's page would load from the network (require.js, MathJax,
# Mermaid, the widget manager) are left out.
OFFLINE = """\
{% extends "lab/index.html.j2" %}
{% block html_head_js %}{% endblock %}
{% block html_head_js_mathjax %}{% endblock %}
{% block html_head_js_mermaidjs %}{% endblock %}
{% block jupyter_widgets %}{% endblock %}
{% block html_head_css %}
<style>
  main { max-width: 70rem; margin: 0 auto; }
  .jp-RenderedHTMLCommon table { width: auto; }
  body { --jp-cell-prompt-not-active-opacity: 1; --jp-cell-prompt-not-active-font-color: #616161; }
  body { --jp-content-link-color: #0b57d0; --jp-content-link-visited-color: #0b57d0; }
  main .jp-RenderedMarkdown a:not(.anchor-link) { text-decoration: underline; }
  main .highlight .mi, main .highlight .mf { color: #006b00; }
</style>
{% endblock %}
"""

INDEX = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>intercom_kit: worked examples</title>
<style>
  body {{ font: 16px/1.6 system-ui, sans-serif; max-width: 45rem; margin: 3rem auto; padding: 0 1rem; }}
  li {{ margin: .4rem 0; }}
</style>
</head>
<body>
<main>
<h1>intercom_kit: worked examples</h1>
<ol>
{items}
</ol>
</main>
</body>
</html>
"""


def title(notebook: NotebookNode, otherwise: str) -> str:
    """Return the notebook's first heading."""
    lines = (line for cell in notebook.cells if cell.cell_type == "markdown" for line in cell.source.splitlines())
    return next((line.lstrip("# ").strip() for line in lines if line.startswith("#")), otherwise)


def page(notebook: NotebookNode, name: str) -> str:
    """Return an executed notebook as a page of HTML, with interactive figures."""
    shown = deepcopy(notebook)
    shown.metadata.title = title(notebook, otherwise=name)
    shown.metadata.setdefault("language_info", {"name": "python", "pygments_lexer": "ipython3"})
    _drop_widgets(shown)
    _draw_figures(shown)
    exporter = HTMLExporter(  # type: ignore[no-untyped-call]
        template_file="offline", extra_loaders=[DictLoader({"offline": OFFLINE})]
    )
    made, _ = exporter.from_notebook_node(shown)
    return str(made)


def index(pages: Mapping[str, str]) -> str:
    """Return a page of links to pages, by file name and title."""
    items = (f'<li><a href="{escape(file)}">{escape(title)}</a></li>' for file, title in pages.items())
    return INDEX.format(items="\n".join(items))


def _outputs(notebook: NotebookNode) -> Iterable[NotebookNode]:
    return (output for cell in notebook.cells for output in cell.get("outputs", []) if "data" in output)


def _drop_widgets(notebook: NotebookNode) -> None:
    """Remove widgets, which need a kernel, but keep their HTML."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if not _is_only_widget(output)]
    for output in _outputs(notebook):
        output.data.pop(WIDGET, None)


def _is_only_widget(output: NotebookNode) -> bool:
    return WIDGET in output.get("data", {}) and "text/html" not in output.data


def _draw_figures(notebook: NotebookNode) -> None:
    """Convert plotly's JSON to HTML; only the first figure embeds plotly.js."""
    drawn = 0
    for output in _outputs(notebook):
        if FIGURE in output.data:
            output.data = {"text/html": html(output.data[FIGURE], with_plotlyjs=not drawn)}
            drawn += 1
