"""The MCP App that shows a figure: an HTML page that loads nothing, and draws what comes with a tool's result."""

import importlib.util
import json
from importlib import resources

from mcp.server.apps import APP_MIME_TYPE
from mcp.server.mcpserver.resources import FunctionResource

URI = "ui://intercom_kit/figure.html"
FIGURE = "intercom/figure"  # of a result's metadata, which an assistant does not read

FIGURED = {"intercom_metric"}

# The metadata of a tool whose results the app shows.
SHOWN = {"ui": {"resourceUri": URI}}


def has_figures() -> bool:
    """Return whether figures can be drawn here."""
    return importlib.util.find_spec("plotly") is not None


def figure_page() -> FunctionResource:
    """Return the resource of the app, whose page is written when it is first read."""
    return FunctionResource(
        uri=URI,
        name="figure",
        title="The figure of a metric",
        description="A page that draws the numbers of an answer of intercom_metric, and loads nothing.",
        mime_type=APP_MIME_TYPE,
        meta={"ui": {}},
        fn=page,
    )


def page() -> str:
    """Return the page, with plotly.js and the templates of figures in it."""
    from intercom_kit.charts.drawing.parts import plotlyjs, templates

    written = resources.files(__package__).joinpath("figure.html").read_text(encoding="utf-8")
    inlined = json.dumps(templates()).replace("</", "<\\/")
    return written.replace("/*templates*/", inlined).replace("/*plotly.js*/", plotlyjs())
