"""What `search` and `fetch` answer: the two documents of OpenAI's contract for deep research."""

from typing import Annotated, Any

from mcp.types import CallToolResult
from pydantic import BaseModel, Field


class Hit(BaseModel):
    """An object that a search found."""

    id: str = Field(description="for fetch")
    title: str
    url: str = Field(description="opens it, to be cited; empty where there is none")


class Found(BaseModel):
    """The objects that a search found, the best of each kind first."""

    results: list[Hit]
    note: str | None = Field(default=None, description="how it was searched, and what was not")


class Document(BaseModel):
    """One object as text."""

    id: str
    title: str
    text: str
    url: str
    metadata: dict[str, Any] | None = None


SearchAnswered = Annotated[CallToolResult, Found]
FetchAnswered = Annotated[CallToolResult, Document]
