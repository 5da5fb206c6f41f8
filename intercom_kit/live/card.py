"""A workspace on a card, as notebooks show it: whose it is, what the session holds, what it asked for.

Everything here is known already: nothing is asked to show it. All text may be Intercom's or a customer's and is
escaped; colours are the theme's, or the surroundings' own where there is none.
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
    """Give the card as HTML; `held` is what `Workspace.held` gives, None where it is closed."""
    rows = "" if held is None else _held(held)
    return f'<div style="{_BOX}">{_title(session)}{rows}<div style="{_FAINT}">{_asked(session)}</div></div>'


def _title(session: Session) -> str:
    """Say whose workspace it is, as far as somebody has asked."""
    known = session.known_identity
    if known is None or not known.workspace:
        return f"<strong>A workspace</strong> at {escape(session.transport.base_url)}"
    region = f" · region {escape(known.region.upper())}" if known.region else ""
    admin = f" · as {escape(known.admin)}" if known.admin else ""
    return f"<strong>{escape(known.workspace)}</strong>{region}{admin}"


def _held(held: pd.DataFrame) -> str:
    """Tabulate what the session holds."""
    if held.empty:
        return f'<div style="{_FAINT}">Nothing is held: what SQL brings stays for this session.</div>'
    rows = (
        (each["table"], f"{each['rows']:,}", _span(each["oldest"], each["newest"]), f"{each['as_of']:%H:%M:%S} UTC")
        for each in held.to_dict("records")
    )
    body = "".join(_row(row, "td") for row in rows)
    return f'<table style="margin: 0.25em 0">{_row(("held", "rows", "created", "as of"), "th")}{body}</table>'


def _span(oldest: datetime, newest: datetime) -> str:
    """Say from which day to which; nothing for tables without a time of creation."""
    return "" if pd.isna(oldest) else f"{oldest:%Y-%m-%d} to {newest:%Y-%m-%d}"


def _row(texts: Iterable[str], tag: str) -> str:
    cells = (
        f'<{tag} style="text-align: {side}; {_CELL}">{escape(text)}</{tag}>'
        for text, side in zip(texts, _SIDES, strict=True)
    )
    return f"<tr>{''.join(cells)}</tr>"


def _asked(session: Session) -> str:
    """Say what was asked for so far, and what may be asked for still."""
    budget = session.transport.budget
    made = f"{budget.requests:,} request{'' if budget.requests == 1 else 's'} made"
    if session.transport.closed:
        return f"{made} · closed: connect again to ask for more"
    if budget.limit is None or budget.remaining is None:
        return f"{made} · rate budget unknown until the first request"
    return f"{made} · {max(0, budget.remaining):,} of {budget.limit:,} left in the rate window when last asked"
