"""Say what a session has fetched, and what its tables hold."""

import pandas as pd

from intercom_kit.live.session import Session
from intercom_kit.tables import TABLES


def fetched(session: Session) -> pd.DataFrame:
    """List the session's fetches."""
    columns = ["table", "filters", "rows", "total", "complete", "why", "requests", "seconds", "at"]
    frame = pd.DataFrame([receipt.as_dict() for receipt in session.receipts], columns=columns)
    types = {"rows": "int64", "total": "Int64", "complete": "bool", "requests": "int64", "seconds": "float64"}
    return frame.astype({**types, "at": "datetime64[us, UTC]"})


def held(session: Session) -> pd.DataFrame:
    """List the tables that hold rows, with how many, from when, and as of when."""
    asked = {receipt.table: receipt.at for receipt in session.receipts}
    rows = []
    with session.database.cursor() as cursor:
        made = {
            name for (name,) in cursor.execute("select table_name from duckdb_tables() where not temporary").fetchall()
        }
        for table in TABLES.values():
            if table.name not in made:
                continue
            span = "epoch_us(min(created_at)), epoch_us(max(created_at))" if "created_at" in table else "null, null"
            count, oldest, newest = cursor.execute(f'select count(*), {span} from "{table.name}"').fetchall()[0]
            if count:
                edges = [pd.to_datetime(edge, unit="us", utc=True) for edge in (oldest, newest)]
                rows.append((table.name, count, *edges, asked.get(table.name)))
    times = dict.fromkeys(["oldest", "newest", "as_of"], "datetime64[us, UTC]")
    return pd.DataFrame(rows, columns=["table", "rows", *times]).astype({"rows": "int64", **times})
