"""One theme in two templates, light and dark: text and background differ, marks have the same colours in both.

No text colour is readable on white and on black alike, so figures have their own background. The marks' colours are
those of Okabe and Ito and six more, darkened until they have a contrast of 3 on both backgrounds. Where colours
distinguish groups, names beside the marks do too.
"""

import json
from typing import Any, Literal

import plotly.graph_objects as go  # type: ignore[import-untyped]
import plotly.io  # type: ignore[import-untyped]

from intercom_kit.charts.shown import renderer as surviving
from intercom_kit.charts.shown.embedded import embedded, plotlyjs
from intercom_kit.errors import BadChartError

BLUE, VERMILION, GREEN, PURPLE, GOLD, SKY, VIOLET, OLIVE, BROWN, MAGENTA, TEAL, BRICK, GREY = (
    "#1478B8",
    "#D55E00",
    "#009E73",
    "#C874A3",
    "#B07D00",
    "#3796CB",
    "#8A6FD1",
    "#7A8B1F",
    "#A8643A",
    "#C2428A",
    "#2E8B8B",
    "#B5473C",
    "#777C86",
)
COLOURS = (BLUE, VERMILION, GREEN, PURPLE, GOLD, SKY, VIOLET, OLIVE, BROWN, MAGENTA, TEAL, BRICK, GREY)

TITLE, SMALL_PRINT = 16, 12  # pixels

# By default plotly.js offers to upload a figure's data to Plotly's cloud. `responsive` is not set: JupyterLab resizes
# figures itself, and with both they vanish when its theme changes.
CONFIG = {"showSendToCloud": False, "displaylogo": False}

# The end of the heatmap's scale, of which shares use only the part up to 1, so that text is readable on every cell.
LIGHTEST = 2.6

Theme = Literal["light", "dark"]
_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', Arial, sans-serif"
_COLOURS_OF: dict[Theme, dict[str, Any]] = {
    "light": {"background": "#ffffff", "text": "#1f2430", "soft": "#525866", "grid": "#e4e6ea", "axis": "#868c98"},
    "dark": {"background": "#16181d", "text": "#e8eaed", "soft": "#b4b9c3", "grid": "#31353d", "axis": "#868c98"},
}
_SCALES: dict[Theme, list[str]] = {
    "light": ["#f2f6fb", "#9cc3e6", "#3f8cc5", "#0d4c84", "#062a4f"],
    "dark": ["#20252e", "#1f4f7d", "#2f82bf", "#86bfe8", "#e3f1fc"],
}


def _template(theme: Theme) -> Any:
    colour = _COLOURS_OF[theme]
    axis = {
        "gridcolor": colour["grid"],
        "linecolor": colour["axis"],
        "zeroline": False,
        "ticks": "outside",
        "ticklen": 5,
        "tickcolor": colour["grid"],
        "tickfont": {"size": 12, "color": colour["text"]},
        "title": {"font": {"size": 12, "color": colour["soft"]}},
    }
    layout = {
        "paper_bgcolor": colour["background"],
        "plot_bgcolor": colour["background"],
        "font": {"family": _FONT, "size": 12, "color": colour["text"]},
        "title": {
            "font": {"size": TITLE, "color": colour["text"], "weight": 600},
            "subtitle": {"font": {"size": SMALL_PRINT, "color": colour["soft"]}},
        },
        "colorway": list(COLOURS),
        "coloraxis": {
            "colorscale": [[place / 4, shade] for place, shade in enumerate(_SCALES[theme])],
            "colorbar": {"outlinewidth": 0, "thickness": 12},
        },
        "xaxis": axis,
        "yaxis": axis,
        "modebar": {"orientation": "v", "bgcolor": "rgba(0,0,0,0)"},  # beside the title, which else it stands on
        "hoverlabel": {"font": {"family": _FONT, "size": 12}, "align": "left"},
        "annotationdefaults": {"font": {"size": 12, "color": colour["text"]}},
        "shapedefaults": {"line": {"color": colour["axis"], "width": 1}},
    }
    table = {
        "header": {"fill": {"color": colour["grid"]}, "font": {"color": colour["text"]}, "line": {"width": 0}},
        "cells": {"fill": {"color": colour["background"]}, "font": {"color": colour["text"]}, "line": {"width": 0}},
    }
    interval = {"color": colour["soft"], "thickness": 1.5, "width": 4}
    written = {"textfont": {"color": colour["text"]}}
    intervals = [{"error_x": interval, "error_y": interval}]
    return go.layout.Template(
        layout=layout, data={"table": [table], "heatmap": [written], "bar": intervals, "scatter": intervals}
    )


for _theme in _COLOURS_OF:
    plotly.io.templates[f"intercom_{_theme}"] = _template(_theme)

_chosen: Theme = "light"


def use(theme: Theme) -> None:
    """Set the theme of figures made from now on: "light", the default, or "dark".

    `figure.update_layout(template="intercom_dark")`, or "intercom_light", changes a single figure.
    """
    if not isinstance(theme, str) or theme not in _COLOURS_OF:
        raise BadChartError(f"There is no theme {theme!r}: use 'light' or 'dark'.")
    global _chosen
    _chosen = theme


def template() -> str:
    """Return the name of the current theme's template."""
    return f"intercom_{_chosen}"


def templates() -> dict[Theme, dict[str, Any]]:
    """Return the templates as plotly.js reads them, for pages whose scheme decides."""
    made = {theme: plotly.io.templates[f"intercom_{theme}"].to_plotly_json() for theme in _COLOURS_OF}
    return {theme: json.loads(plotly.io.json.to_json_plotly(each)) for theme, each in made.items()}


class Chart(go.Figure):  # type: ignore[misc]  # plotly has no types
    """A plotly figure that offers no upload of its data, wherever it is shown, and survives every export."""

    def show(self, *arguments: Any, **options: Any) -> Any:
        """Show the figure; arguments are those of plotly."""
        options["config"] = CONFIG | (options.get("config") or {})
        if not arguments:
            options.setdefault("renderer", surviving.renderer())
        return super().show(*arguments, **options)

    def _ipython_display_(self) -> None:
        if plotly.io.renderers.render_on_display and plotly.io.renderers.default:
            self.show()
        else:
            print(repr(self))

    def _repr_html_(self) -> str:
        return plotlyjs() + embedded({**self.to_dict(), "config": CONFIG})

    def to_html(self, *arguments: Any, **options: Any) -> Any:
        """Return the figure as an HTML page that needs no network; arguments are those of plotly."""
        options["config"] = CONFIG | (options.get("config") or {})
        return super().to_html(*arguments, **options)

    def write_html(self, file: Any, *arguments: Any, **options: Any) -> Any:
        """Write the figure to a file, as an HTML page that needs no network."""
        options["config"] = CONFIG | (options.get("config") or {})
        return super().write_html(file, *arguments, **options)
