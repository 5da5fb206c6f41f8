"""The tools that compute: SQL and metrics over live rows, their descriptions, and the state of the connection."""

import contextlib
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

from mcp.server.mcpserver.exceptions import ToolError
from pydantic import Field

from intercom_kit.errors import BadMetricError, IntercomError
from intercom_kit.frames.receipt import Receipt
from intercom_kit.mcp.arguments import (
    Comparison,
    Cursor,
    DefinitionName,
    Fields,
    Groups,
    MetricFilters,
    MetricName,
    MetricRequests,
    OneNumber,
    PageRequest,
    PageSize,
    Period,
    Population,
    ResponseFormat,
    Steps,
    TimeText,
    UntilText,
    Window,
    WithPicture,
)
from intercom_kit.mcp.declaring import LiveCall, ToolCall, tool
from intercom_kit.mcp.foreign.texts import readable
from intercom_kit.mcp.forgiving.names import table_meant
from intercom_kit.mcp.forgiving.sql.statements import answered
from intercom_kit.mcp.forgiving.values import members_or_text
from intercom_kit.mcp.live_desk import LiveDesk
from intercom_kit.mcp.telling.clocks import clock_of
from intercom_kit.mcp.telling.wording import in_tools
from intercom_kit.tables import TABLES, Table

if TYPE_CHECKING:
    import pandas as pd

    from intercom_kit.workspace import Workspace

LONGEST_QUERY = 30.0  # seconds that DuckDB may take
MAX_ROWS = 100_000  # of a result; nobody pages through more
_EXAMPLES = 3  # rows
_UNKNOWN = "unknown"

# Describes the tables, or one.
Schema = Callable[[str | None], "pd.DataFrame"]


class Analysis:
    """The tools for SQL, metrics, descriptions and the status."""

    def __init__(self, desk: LiveDesk) -> None:
        self.desk = desk

    @tool("Query with SQL", "sql", tables=("event_summaries", "admins", "attributes", "tags", "tickets"))
    def intercom_query(
        self,
        sql: Annotated[str, Field(description="one DuckDB SELECT")],
        max_requests: Annotated[int, Field(ge=1, le=2_000, description="request limit of the query")] = 200,
        limit: PageSize = 50,
        cursor: Cursor = None,
        fields: Fields = None,
        response_format: ResponseFormat = "concise",
    ) -> LiveCall:
        """Answer one SELECT (DuckDB's SQL) over Intercom as it is now; only the rows that it needs are fetched.

        Tables and columns: intercom_describe. Joins: contacts.id = conversations.contact_id = events.intercom_user_id
        = contact_companies.contact_id; events.user_id = contacts.external_id; companies.id =
        contact_companies.company_id; conversation_parts.conversation_id = conversations.id. Events, event_summaries,
        conversation_parts and contact_companies, _tags, _segments cost a request per key: join them to few rows.
        Durations are seconds.
        """
        limits: dict[str, Any] = {"timeout": LONGEST_QUERY, "max_rows": MAX_ROWS, "apart": self.desk.memory}

        def fetch(ws: "Workspace", _: int) -> "pd.DataFrame":
            return answered(lambda query: ws.sql(query, max_requests=max_requests, **limits), sql)

        return ToolCall(
            PageRequest(limit, cursor, fields, response_format),
            fetch,
            question={"sql": sql},
            about=lambda ws: clock_of(sql, lambda: ws.identity),
        )

    @tool("Describe tables and metrics", "schema", "metrics")
    def intercom_describe(
        self,
        table: Annotated[str | None, Field(description="give its columns: types, units, meanings, filters")] = None,
        metric: Annotated[str | None, Field(description="give its definitions and groupings")] = None,
        examples: Annotated[bool, Field(description="add values of a few live rows; one request")] = False,
    ) -> LiveCall:
        """Describe tables, columns and metrics; without arguments, list them."""

        def with_examples(ws: "Workspace") -> "pd.DataFrame":
            from intercom_kit.frames.frame import receipt_of, with_receipt

            found = described(self.desk.schema, table, metric)
            listed = _listed()
            if table not in listed:
                raise ToolError(f"Give examples with table, as one of {', '.join(listed)}.")
            sample = _sample(ws, listed[table], _EXAMPLES)
            some = {name: sample[name].dropna() for name in sample.columns}
            found["example"] = [
                some[name].iloc[0] if name in some and len(some[name]) else None for name in found["column"]
            ]
            return with_receipt(found, replace(receipt_of(sample), notes=[], complete=True, why=""))

        from intercom_kit import metrics

        table, metric = _one_subject(table, metric)
        about = None if table or metric else {"metrics": list(metrics.METRICS)}
        page = PageRequest(200, response_format="detailed", longest=500)
        if examples:
            return ToolCall(page, lambda ws, _: with_examples(ws))
        try:
            return ToolCall(page, known=described(self.desk.schema, table, metric), known_about=about, declared=True)
        except IntercomError as error:
            raise ToolError(in_tools(str(error))) from error

    @tool("Compute a metric", "metric")
    def intercom_metric(
        self,
        name: MetricName,
        by: Groups = None,
        period: Period = None,
        since: TimeText = None,
        until: UntilText = None,
        definition: DefinitionName = None,
        compare: Comparison = None,
        filters: MetricFilters = None,
        steps: Steps = None,
        window: Window = None,
        contacts: Population = None,
        max_requests: MetricRequests = 2_000,
        chart: WithPicture = False,
        behind: OneNumber = None,
        limit: PageSize = 100,
        cursor: Cursor = None,
    ) -> LiveCall:
        """Compute a support or engagement metric from live rows, by group and period, with its definition in `about`.

        `n` is how many the value rests on; low and high are a 95 % interval.
        """
        page = PageRequest(limit, cursor, response_format="detailed")
        asked = {"by": by, "period": period, "since": since, "until": until, "definition": definition}
        options = {"steps": steps, "window": window, "contacts": members_or_text(contacts)}
        asked |= {"compare": compare}
        return measured(page, name, asked, options, filters, chart, behind, max_requests=max_requests)

    @tool("Show the connection")
    def intercom_status(
        self,
        check_permissions: Annotated[bool, Field(description="try each table; about 30 requests")] = False,
    ) -> LiveCall:
        """Show what is connected, the rate limit, what the session holds and, if asked, what the token may read."""

        def about(ws: "Workspace") -> dict[str, Any]:
            identity, budget = ws.identity, ws.budget
            state: dict[str, Any] = {
                "connected": True,
                "workspace": identity.workspace or _UNKNOWN,
                "region": identity.region or _UNKNOWN,
                "timezone": identity.timezone if identity.zone_is_known else f"{_UNKNOWN}; times are read as UTC",
                **({"why_unknown": in_tools(identity.note)} if identity.note else {}),
                "requests_so_far": budget["requests"],
                "requests_left_now": budget["remaining"],
                "limit_per_10_seconds": budget["limit"],
                "results_held": len(self.desk.results),
            }
            return state | ({"permissions": _permissions(ws)} if check_permissions else {})

        page = PageRequest(200, response_format="detailed")
        return ToolCall(page, lambda ws, _: plain(ws.held), about=about, declared=True, answers_unconnected=True)


def measured(
    page: PageRequest,
    name: str,
    asked: dict[str, Any],
    options: dict[str, Any],
    filters: dict[str, Any] | None,
    chart: bool,
    behind: dict[str, Any] | None,
    **limits: int,
) -> ToolCall[Any]:
    """Return the call that computes a metric, or lists what is behind one of its numbers.

    `options` are those of some metrics, without which they have their own. Raises ToolError for an option that the
    metric does not have.
    """
    given = {option: value for option, value in options.items() if value not in (None, [], {})}
    _check_options(name, given)
    named = {**(filters or {}), **given}
    question = {"name": name, **asked, **options, "filters": filters, "behind": behind}

    def numbers(source: Any) -> "pd.DataFrame":
        frame: pd.DataFrame = source.metric(name, **asked, **named, **limits)
        return frame

    if behind is None:
        return ToolCall(page, lambda source, _: with_sample(numbers(source)), question=question, picture=chart)

    def counted(source: Any, _: int) -> "pd.DataFrame":
        from intercom_kit.mcp.figures.number import row_of
        from intercom_kit.metrics import find

        frame = numbers(source)
        place = row_of(frame, behind) if find(name).calculation.counted else 0  # of those, an error says that none can
        found: pd.DataFrame = source.behind(frame, place)
        return found

    return ToolCall(replace(page, response_format="concise"), counted, _counted_by(name), question=question)


def _counted_by(name: str) -> Table | None:
    """Return the table whose rows a metric counts; None for an unknown metric, which computing it refuses."""
    from intercom_kit.metrics import find

    with contextlib.suppress(BadMetricError):
        return find(name).subject.table
    return None


def _check_options(name: str, options: dict[str, Any]) -> None:
    """Raise ToolError for an option of other metrics, with their names."""
    from intercom_kit.metrics import METRICS, find

    for option in options:
        having = [metric.name for metric in METRICS.values() if option in metric.options]
        if options and find(name).name not in having:
            raise ToolError(f"{name} takes no {option}: only {', '.join(having)} {'do' if having[1:] else 'does'}.")


def described(schema: Schema, table: str | None, metric: str | None) -> "pd.DataFrame":
    """Return the description of all tables, one table, or one metric, without any request."""
    from intercom_kit import metrics

    if metric:
        every = metrics.list_metrics()
        return plain(every[every["name"] == metrics.find(metric).name])
    return plain(schema(table))


def with_sample(frame: "pd.DataFrame") -> "pd.DataFrame":
    """Add to a metric's description how to find what is behind its numbers, where that can be said; return it."""
    from intercom_kit.frames.frame import receipt_of, with_receipt
    from intercom_kit.verbs.behind import sample_sql

    receipt = receipt_of(frame)
    if query := sample_sql(receipt.metric):
        how = "ids that the numbers count: intercom_query with this sql, and conditions on period and groups around it"
        receipt.metric["behind"] = {"how": how, "sql": query}
    return with_receipt(frame, receipt)


def _one_subject(table: str | None, metric: str | None) -> tuple[str | None, str | None]:
    """Return the table or metric to describe, by its own name; raise ToolError for both at once."""
    from intercom_kit.metrics import METRICS

    if table and metric:
        raise ToolError(f"Describe one at a time: the table {table}, or the metric {metric}.")
    named = (table or "").rpartition(".")[2].strip().lower()
    if table and not table_meant(table) and named in METRICS:
        return None, named
    if metric and metric not in METRICS and metric.lower() in TABLES:
        return metric.lower(), None
    return (table_meant(table) or table) if table else None, metric


def plain(frame: "pd.DataFrame") -> "pd.DataFrame":
    """Add a receipt to a frame that was not fetched, and return it."""
    from intercom_kit.frames.frame import with_receipt

    return with_receipt(frame, Receipt(""))


def _permissions(ws: "Workspace") -> dict[str, str]:
    """Return, for every list and for events, whether the token may read it."""
    results = {name: _permission(partial(_sample, ws, table, 1)) for name, table in _listed().items()}
    results["events"] = _permission(lambda: ws.events(ws.contacts(1)))
    return {name: readable(result) for name, result in results.items()}


def _permission(probe: Callable[[], object]) -> str:
    try:
        probe()
    except IntercomError as error:
        return in_tools(str(error))
    return "may be read"


def _listed() -> dict[str, Table]:
    """Return the tables that are listed without a key, by name, those that come page by page first."""
    tables = sorted(TABLES.values(), key=lambda table: not table.is_paged)
    return {table.name: table for table in tables if not table.keys}


def _sample(ws: "Workspace", table: Table, few: int) -> "pd.DataFrame":
    """Return some rows for one request, by the verb that has the table's name; a list of one page is not limited."""
    verb: Callable[..., pd.DataFrame] = getattr(ws, table.name)
    return verb(limit=few) if table.is_paged else verb()
