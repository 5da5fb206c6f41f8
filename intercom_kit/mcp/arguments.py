"""The arguments that many tools share, described once."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field

Limit = Annotated[int, Field(ge=1, le=200, description="rows per page")]
Cursor = Annotated[str | None, Field(description="next_cursor of the page before")]
Fields = Annotated[list[str] | None, Field(description="only these columns")]
Shape = Annotated[Literal["concise", "detailed"], Field(description="detailed: all columns, longer texts")]
Filters = Annotated[
    dict[str, Any] | None,
    Field(description="by the column `filter` of intercom_describe(table), as {'state': 'open'}; a list is any of"),
]
Time = Annotated[str | None, Field(description="'30d' ago, 'today', a date, ISO time")]


@dataclass(frozen=True)
class Page:
    """The requested part of a result, and its shape."""

    limit: int = 50
    cursor: str | None = None
    fields: list[str] | None = None
    shape: str = "concise"
    longest: int | None = None
    addresses: bool = False
