"""The icon of the server: a speech bubble with bars in it, as a data URI, so that nothing is loaded to show it."""

from base64 import b64encode

from mcp.types import Icon

_DRAWING = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48"><path fill="#1478B8" d="M10 4h28a6 6 0 0 1 6 6v20a6 6 0 0 \
1-6 6H24L12 45v-9h-2a6 6 0 0 1-6-6V10a6 6 0 0 1 6-6z"/><path fill="#fff" d="M13 21h5v9h-5zm8.5-6h5v15h-5zm8.5-5h5v\
20h-5z"/></svg>"""

ICON = Icon(
    src=f"data:image/svg+xml;base64,{b64encode(_DRAWING.encode()).decode()}", mime_type="image/svg+xml", sizes=["any"]
)
