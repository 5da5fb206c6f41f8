"""The receipts of a session as a frame."""

from dataclasses import asdict

import pandas as pd

from intercom_kit.fetch.session import Session


def fetches_frame(session: Session) -> pd.DataFrame:
    """Return one row per fetch of the session, in order."""
    columns = ["table", "filters", "rows", "total", "complete", "why", "requests", "seconds", "at"]
    frame = pd.DataFrame([asdict(receipt) for receipt in session.receipts], columns=columns)
    types = {"rows": "int64", "total": "Int64", "complete": "bool", "requests": "int64", "seconds": "float64"}
    return frame.astype({**types, "at": "datetime64[us, UTC]"})
