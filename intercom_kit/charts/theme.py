"""One theme in two templates: ink and ground differ, marks have the same colours, which stand out on both grounds.

No ink is readable on white and on black alike, so figures bring their ground along. The marks' colours are those of
Okabe and Ito, the light ones darkened until they have a contrast of 3 on both grounds; where a colour tells groups
apart, a dash, a symbol or a hatching does too.
"""

import json
from collections.abc import Mapping
from typing import Any, Literal

import plotly.graph_objects as go  # type: ignore[import-untyped]
import plotly.io  # type: ignore[import-untyped]

from intercom_kit.errors import BadChartError

BLUE, VERMILION, GREEN, PURPLE, GOLD, SKY, GREY = (
    "#1478B8",
    "#D55E00",
    "#009E73",
    "#C874A3",
    "#B07D00",
    "#3796CB",
    "#777C86",
)
COLOURS = (BLUE, VERMILION, GREEN, PURPLE, GOLD, SKY, GREY)
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot", "solid")
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "x", "cross", "star")
HATCHES = ("", "/", ".", "x", "-", "\\", "+")

# plotly.js by default offers to upload a figure's data to its maker's cloud. (Not `responsive`: JupyterLab fits figures
# by itself, and with both they vanish when its theme changes.)
CONFIG = {"showSendToCloud": False, "displaylogo": False}

# Shares stop at this place of the heatmap's scale, of one, so that ink can be read on every cell.
LIGHTEST = 2.6

Theme = Literal["light", "dark"]
_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', Arial, sans-serif"
_GROUNDS: dict[Theme, dict[str, Any]] = {
    "light": {"ground": "#ffffff", "ink": "#1f2430", "soft": "#525866", "grid": "#e4e6ea", "axis": "#868c98"},
    "dark": {"ground": "#16181d", "ink": "#e8eaed", "soft": "#b4b9c3", "grid": "#31353d", "axis": "#868c98"},
}
_SCALES: dict[Theme, list[str]] = {
    "light": ["#f2f6fb", "#9cc3e6", "#3f8cc5", "#0d4c84", "#062a4f"],
    "dark": ["#20252e", "#1f4f7d", "#2f82bf", "#86bfe8", "#e3f1fc"],
}


def _template(theme: Theme) -> Any:
    colour = _GROUNDS[theme]
    axis = {
        "gridcolor": colour["grid"],
        "linecolor": colour["axis"],
        "zeroline": False,
        "ticks": "outside",
        "ticklen": 5,
        "tickcolor": colour["grid"],
        "tickfont": {"size": 12, "color": colour["ink"]},
        "title": {"font": {"size": 12, "color": colour["soft"]}},
    }
    layout = {
        "paper_bgcolor": colour["ground"],
        "plot_bgcolor": colour["ground"],
        "font": {"family": _FONT, "size": 12, "color": colour["ink"]},
        "title": {
            "font": {"size": 17, "color": colour["ink"]},
            "subtitle": {"font": {"size": 12, "color": colour["soft"]}},
        },
        "colorway": list(COLOURS),
        "coloraxis": {
            "colorscale": [[place / 4, shade] for place, shade in enumerate(_SCALES[theme])],
            "colorbar": {"outlinewidth": 0, "thickness": 12},
        },
        "xaxis": axis,
        "yaxis": axis,
        "hoverlabel": {"font": {"family": _FONT, "size": 12}},
        "annotationdefaults": {"font": {"size": 12, "color": colour["soft"]}},
        "shapedefaults": {"line": {"color": colour["axis"], "width": 1}},
    }
    table = {
        "header": {"fill": {"color": colour["grid"]}, "font": {"color": colour["ink"]}, "line": {"width": 0}},
        "cells": {"fill": {"color": colour["ground"]}, "font": {"color": colour["ink"]}, "line": {"width": 0}},
    }
    interval = {"color": colour["soft"], "thickness": 1.5, "width": 4}
    written = {"textfont": {"color": colour["ink"]}}
    intervals = [{"error_x": interval, "error_y": interval}]
    return go.layout.Template(
        layout=layout, data={"table": [table], "heatmap": [written], "bar": intervals, "scatter": intervals}
    )


for _theme in _GROUNDS:
    plotly.io.templates[f"intercom_{_theme}"] = _template(_theme)

_chosen: Theme = "light"


def use(theme: Theme) -> None:
    """Draw the figures made from now on for light pages (as at first), or for dark ones.

    One figure changes by `figure.update_layout(template="intercom_dark")`, or "intercom_light".
    """
    if not isinstance(theme, str) or theme not in _GROUNDS:
        raise BadChartError(f"There is no theme {theme!r}: use 'light' or 'dark'.")
    global _chosen
    _chosen = theme


def template() -> str:
    """Name the template of the theme in use."""
    return f"intercom_{_chosen}"


class Chart(go.Figure):  # type: ignore[misc]  # plotly has no types
    """A plotly figure that offers no upload of its data, wherever it is shown."""

    def show(self, *arguments: Any, **options: Any) -> Any:
        """Show the figure, as plotly's own do."""
        options["config"] = CONFIG | (options.get("config") or {})
        return super().show(*arguments, **options)

    def _ipython_display_(self) -> None:
        if plotly.io.renderers.render_on_display and plotly.io.renderers.default:
            self.show()
        else:
            print(repr(self))

    def to_html(self, *arguments: Any, **options: Any) -> Any:
        """Write the figure as a page that needs no network, as plotly's own do."""
        options["config"] = CONFIG | (options.get("config") or {})
        return super().to_html(*arguments, **options)

    def write_html(self, file: Any, *arguments: Any, **options: Any) -> Any:
        """Write the figure to a file, as a page that needs no network."""
        options["config"] = CONFIG | (options.get("config") or {})
        return super().write_html(file, *arguments, **options)


def html(figure: Mapping[str, Any], *, with_plotlyjs: bool) -> str:
    """Turn a figure's JSON, as notebooks hold it, into HTML; the first of a page brings the one copy of plotly.js."""
    return str(
        plotly.io.to_html(
            json.loads(json.dumps(figure)),
            config={**figure.get("config", {}), **CONFIG},
            include_plotlyjs=with_plotlyjs,
            full_html=False,
            default_height=figure["layout"].get("height", 450),
            validate=False,  # plotly made it, and a notebook's JSON may hold arrays that its checks are slow on
        )
    )
