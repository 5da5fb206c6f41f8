"""What the answer of a lake says of itself: as of when its rows are, and which are missing."""

from collections.abc import Iterable
from datetime import UTC, datetime

from intercom_kit.errors import BadQueryError
from intercom_kit.frames import app_links
from intercom_kit.frames.receipt import LAKE, Receipt
from intercom_kit.lake.manifest import Manifest
from intercom_kit.live import masking
from intercom_kit.tables import TABLES


def receipt_for(held: Manifest, names: Iterable[str], attributes: Receipt) -> Receipt:
    """Return the receipt of a query over some tables; raise BadQueryError for those that the lake does not have.

    `attributes` says what is to be known of the attributes that it reads.
    """
    names, there = sorted(set(names) & TABLES.keys()), held.exported
    if lacking := [name for name in names if name not in there]:
        begin = ", since='365d'" if any(TABLES[name].is_bounded for name in lacking) else ""
        raise BadQueryError(
            f"This lake has no {', '.join(lacking)}: export them, as in ws.export({held.store.name!r}, "
            f"tables={[*there, *lacking]!r}{begin}). It has {', '.join(there) or 'no tables yet'}."
        )
    receipt = Receipt(LAKE, links=app_links.prefixes(held.identity))
    for name in names:
        table = there[name]
        receipt.at = min(receipt.at, datetime.fromtimestamp(table.as_of or 0, UTC))
        if why := table.why_incomplete():
            receipt.cut(f"{name}: {why}")
        if table.since is not None:
            since = datetime.fromtimestamp(table.since, UTC)
            receipt.notes.append(f"only {name} created since {since:%Y-%m-%d %H:%M} UTC are in the lake")
    if silent := [name for name in names if TABLES[name].search and not TABLES[name].deletions]:
        receipt.notes.append(f"an update does not reveal which {' and '.join(silent)} were deleted since the export")
    receipt.notes += [*attributes.notes, *masking.notes(held.privacy)]
    return receipt
