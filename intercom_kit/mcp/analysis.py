"""The tools that compute: SQL and metrics over live rows, what they mean, and the state of the connection."""

from typing import Annotated, Any

from mcp.server.mcpserver import Context
from pydantic import Field

from intercom_kit.mcp.answers import Answered
from intercom_kit.mcp.arguments import Cursor, Fields, Limit, Shape
from intercom_kit.mcp.desk import Desk
from intercom_kit.mcp.shaping import Page


class Analysis:
    """Answer with what is computed from Intercom's objects."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    async def intercom_query(
        self,
        context: Context[Any, Any],
        sql: Annotated[str, Field(description="one DuckDB SELECT")],
        max_requests: Annotated[int, Field(ge=1, le=2_000, description="most requests to Intercom for a table")] = 200,
        limit: Limit = 50,
        cursor: Cursor = None,
        fields: Fields = None,
        response_format: Shape = "concise",
    ) -> Answered:
        """Answer one SELECT (DuckDB's SQL) over Intercom as it is now; only the rows that it needs are fetched.

        Tables and columns: intercom_describe. Joins: contacts.id = conversations.contact_id = events.intercom_user_id
        = contact_companies.contact_id; events.user_id = contacts.external_id; conversation_parts.conversation_id.
        Events, conversation_parts, contact_companies, contact_tags and contact_segments cost a request per key: join
        them to few rows. Durations are seconds.
        """
        return await self.desk.rows(
            context,
            "intercom_query",
            {"sql": sql},
            Page(limit, cursor, fields, response_format),
            lambda ws, _: ws.sql(sql, max_requests=max_requests),
        )
