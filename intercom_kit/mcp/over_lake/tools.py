"""The tools over a lake: SQL and metrics over its files, their descriptions, and what it holds."""

from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

from pydantic import Field

from intercom_kit.mcp.analysis import LONGEST_QUERY, MAX_ROWS, described, measured, plain
from intercom_kit.mcp.arguments import (
    Comparison,
    Cursor,
    DefinitionName,
    Fields,
    Groups,
    MetricFilters,
    MetricName,
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
from intercom_kit.mcp.declaring import ToolCall, tool
from intercom_kit.mcp.forgiving.sql.statements import answered
from intercom_kit.mcp.forgiving.values import members_or_text
from intercom_kit.mcp.over_lake.desk import LakeDesk
from intercom_kit.mcp.telling.clocks import clock_of

if TYPE_CHECKING:
    import pandas as pd

    from intercom_kit.lake.opened import Lake

LakeCall: TypeAlias = "ToolCall[Lake]"


class OverLake:
    """The tools that a lake answers."""

    def __init__(self, desk: LakeDesk) -> None:
        self.desk = desk

    @tool("Query with SQL", "sql")
    def intercom_query(
        self,
        sql: Annotated[str, Field(description="one DuckDB SELECT")],
        limit: PageSize = 50,
        cursor: Cursor = None,
        fields: Fields = None,
        response_format: ResponseFormat = "concise",
    ) -> LakeCall:
        """Answer one SELECT (DuckDB's SQL) over the tables of the lake, as of its export; Intercom is not asked.

        Tables and columns: intercom_describe. Joins: contacts.id = conversations.contact_id = events.intercom_user_id
        = contact_companies.contact_id; events.user_id = contacts.external_id; companies.id =
        contact_companies.company_id; conversation_parts.conversation_id = conversations.id. Durations are seconds.
        """
        limits: dict[str, Any] = {"timeout": LONGEST_QUERY, "max_rows": MAX_ROWS, "apart": self.desk.memory}

        def fetch(lake: "Lake", _: int) -> "pd.DataFrame":
            return answered(lambda query: lake.sql(query, **limits), sql)

        return ToolCall(
            PageRequest(limit, cursor, fields, response_format),
            fetch,
            question={"sql": sql},
            about=lambda lake: clock_of(sql, lambda: lake.identity),
        )

    @tool("Describe tables and metrics", "schema", "metrics")
    def intercom_describe(
        self,
        table: Annotated[str | None, Field(description="give its columns: types, units, meanings")] = None,
        metric: Annotated[str | None, Field(description="give its definitions and groupings")] = None,
    ) -> LakeCall:
        """Describe tables, columns and metrics; without arguments, list the tables of the lake, and the metrics."""

        def about(_: "Lake") -> dict[str, Any]:
            from intercom_kit.metrics import METRICS

            return {} if table or metric else {"metrics": list(METRICS)}

        page = PageRequest(200, response_format="detailed", longest=500)
        return ToolCall(page, lambda lake, _: described(lake.schema, table, metric), about=about, declared=True)

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
        chart: WithPicture = False,
        behind: OneNumber = None,
        limit: PageSize = 100,
        cursor: Cursor = None,
    ) -> LakeCall:
        """Compute a support or engagement metric from the lake, by group and period, with its definition in `about`.

        '30d' counts back from the time of the export. `n` is how many the value rests on; low and high are a 95 %
        interval.
        """
        page = PageRequest(limit, cursor, response_format="detailed")
        asked = {"by": by, "period": period, "since": since, "until": until, "definition": definition}
        options = {"steps": steps, "window": window, "contacts": members_or_text(contacts)}
        return measured(page, name, asked | {"compare": compare}, options, filters, chart, behind)

    @tool("Show the lake")
    def intercom_status(self) -> LakeCall:
        """Show which workspace the lake is of, and for each table as of when its rows are, and what is missing."""

        def about(lake: "Lake") -> dict[str, Any]:
            from intercom_kit.mcp.cells import cell

            identity = lake.identity
            return {
                "workspace": identity.workspace,
                "region": identity.region,
                "timezone": identity.timezone,
                "as_of": cell(lake.as_of),
                "results_held": len(self.desk.results),
            }

        page = PageRequest(200, response_format="detailed")
        return ToolCall(page, lambda lake, _: plain(lake.held), about=about, declared=True)
