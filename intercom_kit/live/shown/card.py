"""The card of a workspace in a notebook: its name, what the session has cached, and the requests sent.

It shows only what is known already and sends no request. All text may be Intercom's or a customer's and is escaped;
colours are the theme's, or inherited without one.
"""

from collections.abc import Iterable
from datetime import datetime
from html import escape

import pandas as pd

from intercom_kit.fetch.session import Session

_BOX = "border: 1px solid var(--jp-border-color2, #9e9e9e); border-radius: 4px; padding: 0.5em 1em; line-height: 1.6"
_FAINT = "color: var(--jp-ui-font-color2, inherit)"
_CELL = "padding: 0 1.25em 0 0; line-height: 1.6; background: none"
_SIDES = ("left", "right", "left", "left")


def card(session: Session, held: pd.DataFrame | None) -> str:
    """Return the card as HTML; `held` is the frame of `Workspace.held`, None if the workspace is closed."""
    rows = "" if held is None else _held(held)
    return f'<div style="{_BOX}">{_title(session)}{rows}<div style="{_FAINT}">{_requests(session)}</div></div>'


def _title(session: Session) -> str:
    """Return the name of the workspace, region and admin, if they are known."""
    known = session.known_identity
    if known is None or not known.workspace:
        return f"<strong>A workspace</strong> at {escape(session.transport.base_url)}"
    region = f" · region {escape(known.region.upper())}" if known.region else ""
    admin = f" · as {escape(known.admin)}" if known.admin else ""
    return f"<strong>{escape(known.workspace)}</strong>{region}{admin}"


def _held(held: pd.DataFrame) -> str:
    """Return the table of what the session has cached."""
    if held.empty:
        return f'<div style="{_FAINT}">Nothing is cached yet: rows that SQL fetches are kept for this session.</div>'
    rows = (
        (each["table"], f"{each['rows']:,}", _span(each["oldest"], each["newest"]), f"{each['as_of']:%H:%M:%S} UTC")
        for each in held.to_dict("records")
    )
    body = "".join(_row(row, "td") for row in rows)
    return f'<table style="margin: 0.25em 0">{_row(("cached", "rows", "created", "as of"), "th")}{body}</table>'


def _span(oldest: datetime, newest: datetime) -> str:
    """Return the first and last day; empty for tables without a time of creation."""
    return "" if pd.isna(oldest) else f"{oldest:%Y-%m-%d} to {newest:%Y-%m-%d}"


def _row(texts: Iterable[str], tag: str) -> str:
    cells = (
        f'<{tag} style="text-align: {side}; {_CELL}">{escape(text)}</{tag}>'
        for text, side in zip(texts, _SIDES, strict=True)
    )
    return f"<tr>{''.join(cells)}</tr>"


def _requests(session: Session) -> str:
    """Return the number of requests sent, and what is left of the rate limit."""
    budget = session.transport.budget
    made = f"{budget.requests:,} request{'' if budget.requests == 1 else 's'} made"
    if session.transport.closed:
        return f"{made} · closed: connect again to fetch more"
    if budget.limit is None or budget.remaining is None:
        return f"{made} · rate budget unknown until the first request"
    return f"{made} · {max(0, budget.remaining):,} of {budget.limit:,} left in the rate window at the last request"
