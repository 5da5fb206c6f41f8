"""Figures as HTML that needs no network, where the first one of a page brings plotly.js along for all of them.

plotly.js is compressed to less than half, which every browser of today can undo.
"""

import base64
import gzip
import json
import re
from collections.abc import Mapping
from functools import cache
from html import escape, unescape
from secrets import token_hex
from typing import Any

import plotly.io  # type: ignore[import-untyped]
from plotly.offline import get_plotlyjs  # type: ignore[import-untyped]

HEIGHT = 450  # pixels, where a figure names none

# A promise of plotly.js, which figures wait for. The script element runs it as if it stood in the page.
_PLOTLYJS = """\
<script>
window.intercomKitPlotly ??= (async (packed) => {
  const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
  const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const script = document.createElement("script");
  script.textContent = "window.PlotlyConfig = {MathJaxConfig: 'local'};" + await new Response(unpacked).text();
  document.head.append(script);
  return window.Plotly;
})("%s");
</script>
"""

# A figure without a template has that of the page, which may follow its scheme. Without plotly.js it says so.
_FIGURE = """\
<div id="{id}" class="intercom-kit-figure" role="figure" aria-label="{label}" style="min-height: {height}px"></div>
<script>
(async (place, figure) => {{
  const Plotly = await window.intercomKitPlotly ?? window.Plotly;
  if (!Plotly) {{
    place.textContent = "This figure needs the first one of its notebook, which is not here: run all cells again.";
    return;
  }}
  place.intercomKitThemed = !figure.layout.template;
  figure.layout.template ??= window.intercomKitTemplate?.();
  await Plotly.newPlot(place, figure.data, figure.layout, {{...figure.config, responsive: true}});
}})(document.getElementById("{id}"), {figure});
</script>
"""


@cache
def plotlyjs() -> str:
    """Return plotly.js as HTML, for all figures of a page."""
    return _PLOTLYJS % base64.b64encode(gzip.compress(get_plotlyjs().encode(), mtime=0)).decode()


def plotlyjs_file() -> str:
    """Return plotly.js as it is, for a file beside several pages."""
    return str(get_plotlyjs())


def embedded(figure: Mapping[str, Any]) -> str:
    """Return a figure as HTML; `plotlyjs` has to stand before it on the page."""
    text = json.dumps(json.loads(plotly.io.to_json(dict(figure), validate=False)), ensure_ascii=False)
    return _FIGURE.format(
        id=f"intercom-kit-{token_hex(6)}",
        label=escape(label(figure)),
        height=figure["layout"].get("height", HEIGHT),
        figure=text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029"),
    )


def label(figure: Mapping[str, Any]) -> str:
    """Return what a figure shows, in words: its title, and what stands below it."""
    title = figure["layout"].get("title") or {}
    texts = [title.get("text"), (title.get("subtitle") or {}).get("text")] if isinstance(title, Mapping) else [title]
    words = ". ".join(unescape(re.sub(r"<[^>]*>", " ", text)) for text in texts if text)
    return re.sub(r"\s+", " ", words).strip() or "A figure"
