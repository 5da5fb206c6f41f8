"""Reports that Intercom's own pages export, read from a file."""

from pathlib import Path

from intercom_kit.errors import BadRequestError
from intercom_kit.frames.frame import Frame
from intercom_kit.frames.receipt import Receipt
from intercom_kit.reports.sheet import read_file
from intercom_kit.reports.typed import typed_frame
from intercom_kit.tables.privacy import Privacy
from intercom_kit.zone_names import standard
from intercom_kit.zones import zone


def read_report(file: str | Path, *, timezone: str | None = None, privacy: Privacy = "full") -> Frame:
    """Read a report that Intercom exported as CSV: conversations, tickets, or another dataset.

    One row per row of the file, in its order. Columns have the names of the header as ids: `Conversation ID` is
    `conversation_id`, and `First response time (seconds)` is `first_response_time`, in seconds. Ids are text, instants
    are UTC, true and false are booleans, lists stay text with commas. The timezone of instants is that of the header,
    as in "Ticket created (America/New_York)", or `timezone`; without either they stay local times without a zone, and a
    note in `attrs` says so. Files with a byte order mark, quoted line breaks or gzip are read, too.

    `privacy` treats names, addresses, texts and your own attributes as `connect` does. Costs no request. Raises
    UnreadableReportError for a file that is cut or no report, and BadRequestError.
    """
    known = None if timezone is None else standard(timezone)
    if timezone is not None and known is None:
        raise BadRequestError(f"timezone={timezone!r} is no timezone: give a name such as 'Europe/Dublin'.")
    return typed_frame(
        read_file(file), Receipt("report", filters={"file": Path(file).name}), zone(known) if known else None, privacy
    )
