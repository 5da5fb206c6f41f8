"""The tools that compute: SQL and metrics over live rows, what they mean, and the state of the connection."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

from mcp.server.mcpserver.exceptions import ToolError
from pydantic import Field

from intercom_kit.errors import IntercomError
from intercom_kit.frames.receipt import Receipt
from intercom_kit.mcp.arguments import Cursor, Fields, Limit, Page, Shape, Time
from intercom_kit.mcp.declaring import ToolCall, tool
from intercom_kit.mcp.desk import Desk
from intercom_kit.mcp.failures import in_tools
from intercom_kit.mcp.texts import readable

if TYPE_CHECKING:
    import pandas as pd

    from intercom_kit.tables.privacy import Privacy
    from intercom_kit.workspace import Workspace

# What is listed without a key, and so can be sampled and probed with a request each.
LISTS: dict[str, Callable[["Workspace", int], "pd.DataFrame"]] = {
    "contacts": lambda ws, few: ws.contacts(few),
    "companies": lambda ws, few: ws.companies(few),
    "conversations": lambda ws, few: ws.conversations(few),
    "segments": lambda ws, _: ws.segments(),
    "teams": lambda ws, _: ws.teams(),
    "admins": lambda ws, _: ws.admins(),
    "tags": lambda ws, _: ws.tags(),
}

LONGEST_QUERY = 60.0  # seconds that DuckDB may take
MOST_ROWS = 100_000  # of an answer; beyond that nobody pages
_EXAMPLES = 3  # rows


class Analysis:
    """The tools that answer with what is computed from Intercom's objects, and what it means."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    @tool("Query with SQL", "sql", tables=("event_summaries",))
    def intercom_query(
        self,
        sql: Annotated[str, Field(description="one DuckDB SELECT")],
        max_requests: Annotated[int, Field(ge=1, le=2_000, description="most requests to Intercom for a table")] = 200,
        limit: Limit = 50,
        cursor: Cursor = None,
        fields: Fields = None,
        response_format: Shape = "concise",
    ) -> ToolCall:
        """Answer one SELECT (DuckDB's SQL) over Intercom as it is now; only the rows that it needs are fetched.

        Tables and columns: intercom_describe. Joins: contacts.id = conversations.contact_id = events.intercom_user_id
        = contact_companies.contact_id; events.user_id = contacts.external_id; companies.id =
        contact_companies.company_id; conversation_parts.conversation_id = conversations.id. Events, event_summaries,
        conversation_parts and contact_companies, _tags, _segments cost a request per key: join them to few rows.
        Durations are seconds.
        """
        return ToolCall(
            Page(limit, cursor, fields, response_format),
            lambda ws, _: ws.sql(
                sql,
                max_requests=max_requests,
                timeout=LONGEST_QUERY,
                max_rows=MOST_ROWS,
                apart=self.desk.memory,
            ),
            question={"sql": sql},
        )

    @tool("Describe tables and metrics", "schema", "metrics")
    def intercom_describe(
        self,
        table: Annotated[str | None, Field(description="give its columns: types, units, meanings, filters")] = None,
        metric: Annotated[str | None, Field(description="give its definitions and groupings")] = None,
        examples: Annotated[bool, Field(description="with values of a few live rows; a request")] = False,
    ) -> ToolCall:
        """Say what tables, columns and metrics mean; without arguments, list the tables and metrics."""

        def with_examples(ws: "Workspace") -> "pd.DataFrame":
            described = _described(table, metric, self.desk.privacy)
            if table not in LISTS:
                raise ToolError(f"There are examples of {', '.join(LISTS)}; {table or 'all'} has none.")
            sample = LISTS[table](ws, _EXAMPLES)
            some = {name: sample[name].dropna() for name in sample.columns}
            described["example"] = [
                some[name].iloc[0] if name in some and len(some[name]) else None for name in described["column"]
            ]
            described.attrs["intercom"] = sample.attrs["intercom"] | {"notes": [], "complete": True}
            return described

        from intercom_kit import metrics

        about = None if table or metric else {"metrics": list(metrics.METRICS)}
        page = Page(200, shape="detailed", longest=500)
        if examples:
            return ToolCall(page, lambda ws, _: with_examples(ws))
        try:
            return ToolCall(page, known=_described(table, metric, self.desk.privacy), known_about=about, declared=True)
        except IntercomError as error:
            raise ToolError(in_tools(str(error))) from error

    @tool("Work out a metric", "metric")
    def intercom_metric(
        self,
        name: Annotated[str, Field(description="a metric: see intercom_describe")],
        by: Annotated[
            list[str] | None,
            Field(description="groups: team, teammate, channel, direction, tag, company, plan, segment, country, …"),
        ] = None,
        period: Annotated[str | None, Field(description="hour, day, week, month or quarter")] = None,
        since: Time = None,
        until: Time = None,
        definition: Annotated[str | None, Field(description="intercom, calendar or dbt")] = None,
        compare: Annotated[str | None, Field(description="previous: add the span before")] = None,
        filters: Annotated[
            dict[str, Any] | None, Field(description="groups and what they must equal, such as {'team': 'Billing'}")
        ] = None,
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> ToolCall:
        """Work out a support or engagement metric from live rows, by group and period, with its definition in `about`.

        `n` is how many the value rests on; low and high are a 95 % interval.
        """
        asked = {
            "name": name,
            "by": by,
            "period": period,
            "since": since,
            "until": until,
            "definition": definition,
            "compare": compare,
            "filters": filters,
        }
        return ToolCall(
            Page(limit, cursor, shape="detailed"),
            lambda ws, _: ws.metric(name, by, period, since, until, definition, compare=compare, **(filters or {})),
            question=asked,
        )

    @tool("Show the connection")
    def intercom_status(
        self,
        check_permissions: Annotated[bool, Field(description="try what the token may read; 8 requests")] = False,
    ) -> ToolCall:
        """Say what is connected, which permissions fail, what the rate limit leaves, and what the session holds."""

        def about(ws: "Workspace") -> dict[str, Any]:
            identity, budget = ws.identity, ws.budget
            told: dict[str, Any] = {
                "workspace": identity.workspace,
                "region": identity.region,
                "timezone": identity.timezone,
                "requests_so_far": budget["requests"],
                "requests_left_now": budget["remaining"],
                "limit_per_10_seconds": budget["limit"],
                "results_held": len(self.desk.results),
            }
            return told | ({"permissions": _permissions(ws)} if check_permissions else {})

        page = Page(200, shape="detailed")
        return ToolCall(page, lambda ws, _: _plain(ws.held), about=about, declared=True)


def _described(table: str | None, metric: str | None, privacy: "Privacy") -> "pd.DataFrame":
    """Describe the tables, one table, or one metric: what is declared, for which nobody has to be asked."""
    from intercom_kit import metrics
    from intercom_kit.tables.catalogue import describe

    if metric:
        every = metrics.list_metrics()
        return _plain(every[every["name"] == metrics.find(metric).name])
    return _plain(describe(table, privacy))


def _plain(frame: "pd.DataFrame") -> "pd.DataFrame":
    """Give a frame that was not fetched an account as if."""
    frame.attrs["intercom"] = Receipt("", rows=len(frame)).as_dict()
    return frame


def _permissions(ws: "Workspace") -> dict[str, str]:
    """Try every list, and the events of one contact."""
    tried: dict[str, str] = {}
    probes = LISTS | {"events": lambda ws, few: ws.events(ws.contacts(few))}
    for name, probe in probes.items():
        try:
            probe(ws, 1)
            tried[name] = "may be read"
        except IntercomError as error:
            tried[name] = in_tools(str(error))
    return {name: readable(said) for name, said in tried.items()}
