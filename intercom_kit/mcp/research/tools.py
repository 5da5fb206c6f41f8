"""The tools `search` and `fetch`, which programs for deep research call by these names."""

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from intercom_kit.mcp.arguments import PageRequest
from intercom_kit.mcp.declaring import LiveCall, ToolCall, tool
from intercom_kit.mcp.live_desk import LiveDesk
from intercom_kit.mcp.research.documents import Document, FetchAnswered, Found, SearchAnswered

if TYPE_CHECKING:
    from intercom_kit.workspace import Workspace


class Research:
    """The tools of OpenAI's contract for deep research."""

    def __init__(self, desk: LiveDesk) -> None:
        self.desk = desk

    @tool("Search everything", answers=SearchAnswered)
    def search(
        self,
        query: Annotated[str, Field(description="a few words: names, email addresses, what customers would write")],
    ) -> LiveCall:
        """Search conversations, tickets, contacts, companies and articles by words; fetch reads what is found.

        Where nothing has all words, those come first that have most of them.
        """

        def work(ws: "Workspace") -> Found:
            from intercom_kit.mcp.research.finding import found

            return found(ws, query)

        return ToolCall(PageRequest(), document=work)

    @tool("Fetch one object", answers=FetchAnswered)
    def fetch(
        self, id: Annotated[str, Field(description="an id that search returned, such as conversation:215470000")]
    ) -> LiveCall:
        """Read one conversation, ticket, contact, company or article as text, with what is known of it in metadata."""

        def work(ws: "Workspace") -> Document:
            from intercom_kit.mcp.research.reading import read

            return read(self.desk, ws, id)

        return ToolCall(PageRequest(), document=work)
