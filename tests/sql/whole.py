"""Load all that a workspace holds into plain DuckDB, by the verbs, so that any query can be answered there too."""

from collections import Counter
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from intercom_kit import Workspace
from intercom_kit.fetch.by_key import by_key
from intercom_kit.frames.frame import Frame, result_frame
from intercom_kit.frames.receipt import Receipt
from intercom_kit.tables import ARTICLE_STATISTICS, TABLES, TICKET_PARTS

Row = tuple[Any, ...]

# The links, as the verbs give them: lists in the rows of contacts, and of conversations.
LINKS = {
    "contact_companies": "select id, unnest(company_ids) from people",
    "contact_tags": "select id, unnest(tag_ids), unnest(tag_names) from people",
    "contact_segments": "select id, unnest(segment_ids), unnest(segment_names) from people",
}
CARRIED = {
    "conversation_tags": "select id as conversation_id, unnest(tag_ids) as tag_id, unnest(tag_names) as tag_name "
    "from conversations",
    "conversation_contacts": "select id as conversation_id, unnest(contact_ids) as contact_id from conversations",
    "conversation_team_responses": """
        select id as conversation_id, whole->>'team_id' as team_id, (whole->>'response_time')::double as response_time,
            (office->>'response_time')::double as response_time_in_office_hours
        from (
            select id, unnest(team_first_responses->'$[*]') as whole,
                unnest(team_first_responses_in_office_hours->'$[*]') as office
            from conversations
        )
    """,
}


class Whole:
    """Hold every row that Intercom lists, and answer SQL from them; `keyed`: of tables asked for by key, too.

    Parts of tickets are asked for ticket by ticket, not taken from the search, which is what queries read.
    """

    def __init__(
        self,
        workspace: Workspace,
        *,
        keyed: bool = True,
        tickets: bool = False,
        calls: bool = False,
        articles: bool = False,
    ) -> None:
        self.database = duckdb.connect()
        self.database.execute("set global TimeZone = 'UTC'")
        contacts, conversations = self.renew(workspace)
        frames = {
            "companies": workspace.companies(),
            "segments": workspace.segments(include_count=True),
            "teams": workspace.teams(),
            "admins": workspace.admins(),
            "tags": workspace.tags(),
        }
        if keyed:
            frames["conversation_parts"] = workspace.conversation_parts(conversations)
            frames["events"] = workspace.events(contacts)
            frames["event_summaries"] = workspace.event_summaries(contacts)
        if keyed or tickets:
            frames["tickets"] = found = workspace.tickets(limit=None)
            frames["ticket_types"], frames["ticket_states"] = workspace.ticket_types(), workspace.ticket_states()
            one_by_one = by_key(TICKET_PARTS, TICKET_PARTS.every_key, list(found["id"]))
            frames["ticket_parts"] = workspace._session.fetch(TICKET_PARTS, one_by_one)
        if articles:
            frames["articles"], frames["collections"] = workspace.articles(), workspace.collections()
            each_one = by_key(ARTICLE_STATISTICS, ARTICLE_STATISTICS.every_key, list(frames["articles"]["id"]))
            frames["article_statistics"] = workspace._session.fetch(ARTICLE_STATISTICS, each_one)
        if calls:
            frames["calls"] = workspace.calls(conversations)
        for name, frame in frames.items():
            self._load(name, frame)
        # Events of leads are not found by external ids.
        self.database.execute("create view users as select * from contacts where role = 'user'")
        if keyed:
            self.database.register("people", workspace.contacts(include=("companies", "tags", "segments")))
            self._link(LINKS)
            self.database.unregister("people")

    def renew(self, workspace: Workspace) -> tuple[Frame, Frame]:
        """Load the contacts and conversations anew, which alone change, and return them."""
        contacts, conversations = workspace.contacts(), workspace.conversations(limit=None)
        self._load("contacts", contacts)
        self._load("conversations", conversations)
        self._link(CARRIED)
        return contacts, conversations

    def _load(self, name: str, frame: pd.DataFrame) -> None:
        columns = TABLES[name].columns
        types = ", ".join(f'"{column.name}" {column.kind.sql}' for column in columns)
        values = ", ".join(f'"{column.name}"::{column.kind.sql}' for column in columns)
        self.database.execute(f'create or replace table "{name}" ({types})')
        self.database.register("given", pd.DataFrame(frame))
        self.database.execute(f'insert into "{name}" select {values} from given')
        self.database.unregister("given")

    def _link(self, links: dict[str, str]) -> None:
        for name, query in links.items():
            columns = f" ({', '.join(each.name for each in TABLES[name].columns)})" if name in TABLES else ""
            link = f"with link{columns} as ({query}) select * from link"
            self.database.execute(f"create or replace table {name} as {link}")

    def rows(self, query: str) -> list[Row]:
        """Answer a query."""
        return rows_of(result_frame(self.database.execute(query), Receipt("whole")))

    def values(self, table: str, column: str) -> list[Any]:
        """List the different values of a column, or of a member of one: `custom_attributes->>'plan'`."""
        query = f"select distinct {column} as value from {table} where value is not null order by 1"
        return [value for (value,) in self.rows(query)]

    def close(self) -> None:
        """Forget everything."""
        self.database.close()


def rows_of(frame: pd.DataFrame) -> list[Row]:
    """Give a frame's rows as plain values."""
    columns = [frame.iloc[:, place].tolist() for place in range(frame.shape[1])]
    return [tuple(map(plain, row)) for row in zip(*columns, strict=True)] if columns else []


def plain(value: Any) -> Any:
    """Give one value such that equal ones from a frame and from DuckDB are equal."""
    if isinstance(value, list | tuple | np.ndarray):
        return tuple(map(plain, value))
    if isinstance(value, dict):
        return tuple((key, plain(each)) for key, each in value.items())
    if pd.isna(value):
        return None
    if isinstance(value, datetime):
        return pd.Timestamp(value).tz_localize(None) if value.tzinfo is None else pd.Timestamp(value).tz_convert("UTC")
    if isinstance(value, date):
        return pd.Timestamp(value)
    if isinstance(value, bool | np.bool_):
        return bool(value)
    return float(f"{value:.10g}") if isinstance(value, float | int | Decimal) else value


def difference(expected: list[Row], found: list[Row]) -> str:
    """Say how two results differ, whatever the order of their rows; empty where they are equal."""
    lacking, surplus = Counter(expected) - Counter(found), Counter(found) - Counter(expected)
    if not lacking and not surplus:
        return ""
    some = [f"- {row}" for row in list(lacking)[:2]] + [f"+ {row}" for row in list(surplus)[:2]]
    count = f"{lacking.total()} rows of {len(expected)} lacking, {surplus.total()} of {len(found)} too many"
    return "\n".join([count, *(line[:300] for line in some)])
