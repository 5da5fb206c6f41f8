"""The arguments that many tools share, described once."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field, WithJsonSchema

from intercom_kit.mcp.forgiving.known import DEFINITIONS, METRICS

PageSize = Annotated[int, Field(ge=1, le=200, description="rows per page")]
Cursor = Annotated[str | None, Field(description="next_cursor of the page before")]
Fields = Annotated[list[str] | None, Field(description="only these columns")]
ResponseFormat = Annotated[Literal["concise", "detailed"], Field(description="detailed: every column")]


def conditions(description: str) -> WithJsonSchema:
    """Return the schema of conditions as a list, since strict modes take no object with members of any name.

    Tools take an object, too.
    """
    members = {"column": {"type": "string"}, "value": {"type": "string"}}
    each = {"type": "object", "properties": members}
    return WithJsonSchema({"type": "array", "items": each, "description": description})


Filters = Annotated[
    dict[str, Any] | None,
    conditions(
        "what columns equal, named as `filter` in intercom_describe(table); one given twice equals any of these"
    ),
]
MetricName = Annotated[str, Field(description="as in intercom_describe", json_schema_extra={"enum": [*METRICS]})]
Groups = Annotated[
    list[str] | None,
    Field(description="groups: team, teammate, channel, direction, tag, company, plan, segment, country, …"),
]
Period = Annotated[
    str | None,
    Field(description="one row per period", json_schema_extra={"enum": ["hour", "day", "week", "month", "quarter"]}),
]
DefinitionName = Annotated[
    str | None, Field(description="which of the metric's definitions", json_schema_extra={"enum": [*DEFINITIONS]})
]
Comparison = Annotated[
    str | None, Field(description="compute the span before, too", json_schema_extra={"enum": ["previous"]})
]
MetricFilters = Annotated[dict[str, Any] | None, conditions("groups and what they must equal")]
Steps = Annotated[list[str] | None, Field(description="of funnel: names of events, in order")]
Window = Annotated[str | None, Field(description="of funnel: longest time from the first step, as 7d")]
_POPULATION = "whose events: seen, users, all, or JSON, as {'company': 'Acme'} or {'segment': 'Active'}"
Population = Annotated[
    dict[str, Any] | str | None,
    # Not all clients take a choice of types.
    WithJsonSchema({"type": "string", "description": _POPULATION}),
]
MetricRequests = Annotated[int, Field(ge=1, le=2_000, description="request limit")]
TimeText = Annotated[str | None, Field(description="'30d' ago, 'monday', 'last month', '2026-Q3', a date, ISO time")]
UntilText = Annotated[str | None, Field(description="like since; the named day or month is included")]
OneNumber = Annotated[
    dict[str, Any] | None,
    conditions("list the rows behind one number, named by its groups and period"),
]
WithPicture = Annotated[bool, Field(description="add a picture of the numbers")]


@dataclass(frozen=True)
class PageRequest:
    """The requested page of a result, and how its rows are written."""

    limit: int = 50
    cursor: str | None = None
    fields: list[str] | None = None
    response_format: str = "concise"
    longest: int | None = None
    addresses: bool = False
