"""Links into Intercom's app: the column `url` of a frame, and the HTML of a frame whose ids are links."""

import re
import secrets
from collections.abc import Callable, Mapping
from html import escape
from typing import Any, cast
from urllib.parse import quote

import pandas as pd

URL = "url"

# Cells that pandas cuts to fewer letters cannot be links, since stand-ins of up to this length are put there first.
_STAND_IN = 20


def with_urls(frame: pd.DataFrame, prefix: str) -> None:
    """Add the column `url` to a frame, by the ids in its column `id`; it is missing where the prefix is unknown."""
    urls = [prefix + _quoted(id) if prefix and isinstance(id, str) else None for id in frame["id"]]
    frame[URL] = pd.array(urls, dtype="str")


def table_html(frame: pd.DataFrame, prefixes: Mapping[str, str]) -> str:
    """Return a frame as a notebook shows it, with the ids in some columns as links; everything is escaped."""
    width = pd.get_option("display.max_colwidth")
    if not prefixes or not pd.get_option("display.notebook_repr_html") or (width is not None and width < _STAND_IN):
        return cast(str, pd.DataFrame(frame)._repr_html_())  # type: ignore[operator]  # pandas' stubs lack it
    mark, links = secrets.token_hex(4), list[str]()

    def stand_in(prefix: str) -> Callable[[Any], str]:
        def formatted(id: Any) -> str:
            links.append(_anchor(prefix, str(id)))
            return f"{mark}x{len(links) - 1}x"

        return formatted

    formatters = {name: stand_in(prefix) for name, prefix in prefixes.items() if name in frame.columns}
    shown = pd.get_option("display.max_rows")
    if shown and len(frame) > shown:
        shown = pd.get_option("display.min_rows") or shown
    text = pd.DataFrame(frame).to_html(
        max_rows=shown,
        max_cols=pd.get_option("display.max_columns"),
        show_dimensions=pd.get_option("display.show_dimensions"),
        formatters=cast(Any, formatters),
        notebook=True,
    )
    return re.sub(rf"{mark}x(\d+)x", lambda found: links[int(found[1])], text)


def _quoted(id: str) -> str:
    return id if id.isascii() and id.isalnum() else quote(id, safe="")


def _anchor(prefix: str, id: str) -> str:
    address = escape(prefix + _quoted(id))
    return f'<a href="{address}" target="_blank" rel="noopener noreferrer">{escape(id)}</a>'
