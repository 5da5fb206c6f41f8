"""A workspace on a card, as notebooks show it: whose it is, what the session holds, what it asked for.

Everything here is known already: nothing is asked to show it. All text may be Intercom's or a customer's and is
escaped; colours are the theme's, or the surroundings' own where there is none.
"""

from collections.abc import Iterable, Iterator
from html import escape

from intercom_kit.live.session import Session

_BOX = "border: 1px solid var(--jp-border-color2, #9e9e9e); border-radius: 4px; padding: 0.5em 1em; line-height: 1.6"
_FAINT = "color: var(--jp-ui-font-color2, inherit)"
_SIDES = ("left", "right", "left", "left")


def card(session: Session) -> str:
    """Give the card as HTML."""
    asked = f'<div style="{_FAINT}">{_asked(session)}</div>'
    if session.transport.closed:
        return f'<div style="{_BOX}">{_title(session)}{asked}</div>'
    return f'<div style="{_BOX}">{_title(session)}{_held(session)}{asked}</div>'


def _title(session: Session) -> str:
    """Say whose workspace it is, as far as somebody has asked."""
    known = session.known_identity
    if known is None or not known.workspace:
        return f"<strong>A workspace</strong> at {escape(session.transport.base_url)}"
    region = f"region {known.region.upper()}" if known.region else ""
    admin = f"as {known.admin}" if known.admin else ""
    return " · ".join(
        [f"<strong>{escape(known.workspace)}</strong>", *(escape(each) for each in (region, admin) if each)]
    )


def _held(session: Session) -> str:
    """Tabulate what the session holds."""
    rows = [_row(each, "td") for each in _tables(session)]
    if not rows:
        return f'<div style="{_FAINT}">Nothing is held yet: what SQL brings stays for this session.</div>'
    return f'<table style="margin: 0.25em 0">{_row(("held", "rows", "created", "as of"), "th")}{"".join(rows)}</table>'


def _tables(session: Session) -> Iterator[tuple[str, str, str, str]]:
    """Give name, rows, span of creation and time of the last request for every table that holds rows."""
    asked = {receipt.table: f"{receipt.at:%H:%M:%S} UTC" for receipt in session.receipts}
    with session.database.cursor() as cursor:
        for (name,) in cursor.execute(
            "select table_name from duckdb_tables() where not temporary order by 1"
        ).fetchall():
            columns = {column for column, *_ in cursor.execute(f'describe "{name}"').fetchall()}
            span = "min(created_at)::date || ' to ' || max(created_at)::date" if "created_at" in columns else "''"
            rows, created = cursor.execute(f'select count(*), {span} from "{name}"').fetchall()[0]
            if rows:
                yield name, f"{rows:,}", created or "", asked.get(name, "")


def _row(texts: Iterable[str], tag: str) -> str:
    cells = (
        f'<{tag} style="text-align: {side}; padding: 0 1.25em 0 0; background: none">{escape(text)}</{tag}>'
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
        return f"{made} · rate budget unknown until the first"
    return f"{made} · rate budget at the last: {max(0, budget.remaining):,} of {budget.limit:,} left"
