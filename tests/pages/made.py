"""Executed notebooks, written by hand."""

import json
from typing import Any

import pandas as pd
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from intercom_kit import charts
from tests.charts import made as frames

FIGURE = "application/vnd.plotly.v1+json"


def cell(source: str = "code()", *outputs: NotebookNode, tags: tuple[str, ...] = ()) -> NotebookNode:
    """Return a cell with what it put out."""
    made = new_code_cell(source, outputs=list(outputs))
    made.metadata["tags"] = list(tags)
    return made


def shown(**data: Any) -> NotebookNode:
    """Return an output by its kinds, such as html= and csv=."""
    kinds = {"html": "text/html", "csv": "text/csv", "figure": FIGURE, "text": "text/plain"}
    return new_output("display_data", {kinds[kind]: value for kind, value in data.items()})


def table(frame: pd.DataFrame) -> NotebookNode:
    """Return a frame as a notebook puts it out."""
    return shown(html=frame._repr_html_(), csv=frame.to_csv(index=False), text=repr(frame))


def figure(drawn: Any = None) -> NotebookNode:
    """Return a figure as a notebook puts it out: as JSON, and as HTML with plotly.js, which a page leaves aside."""
    drawn = drawn or charts.shares(frames.RATINGS)
    return shown(figure=json.loads(drawn.to_json()), html="<b>plotly.js and the figure again</b>")


def notebook(*cells: NotebookNode | str) -> NotebookNode:
    """Return a notebook of cells, of which texts are prose."""
    return new_notebook(cells=[new_markdown_cell(each) if isinstance(each, str) else each for each in cells])
