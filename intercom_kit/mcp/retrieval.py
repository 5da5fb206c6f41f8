"""The tools that list, get and search Intercom's objects; each is one verb of the workspace."""

from typing import Any

from mcp.server.mcpserver import Context

from intercom_kit.mcp.answers import Answered
from intercom_kit.mcp.arguments import Cursor, Fields, Filters, Limit, Shape
from intercom_kit.mcp.desk import Desk
from intercom_kit.mcp.shaping import Page
from intercom_kit.tables import CONTACTS

MOST_ROWS = 10_000  # of a list, paged; more is for intercom_query


class Retrieval:
    """Answer with the objects that the workspace's verbs give."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    async def intercom_list_all_contacts(
        self,
        context: Context[Any, Any],
        filters: Filters = None,
        limit: Limit = 50,
        cursor: Cursor = None,
        fields: Fields = None,
        response_format: Shape = "concise",
    ) -> Answered:
        """List contacts (users and leads), the oldest first. To count or group them, use intercom_query."""
        return await self.desk.rows(
            context,
            "intercom_list_all_contacts",
            {"filters": filters},
            Page(limit, cursor, fields, response_format),
            lambda ws, most: ws.contacts(most, **(filters or {})),
            CONTACTS,
            most=MOST_ROWS,
        )
