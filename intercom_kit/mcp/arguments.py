"""The arguments that many tools share, described once."""

from typing import Annotated, Any, Literal

from pydantic import Field

Limit = Annotated[int, Field(ge=1, le=200, description="rows per page")]
Cursor = Annotated[str | None, Field(description="next_cursor of the page before")]
Fields = Annotated[list[str] | None, Field(description="only these columns")]
Shape = Annotated[
    Literal["concise", "detailed"], Field(description="concise: the columns that matter; detailed: all, longer texts")
]
Filters = Annotated[
    dict[str, Any] | None,
    Field(description="as in the column `filter` of intercom_describe, such as {'role': 'user'}; lists mean any of"),
]
Time = Annotated[
    str | None, Field(description="age ('30d', '12h', '2w'), 'today', date or ISO time; the workspace's timezone")
]
