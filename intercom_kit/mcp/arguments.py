"""The arguments that many tools share, described once."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field

PageSize = Annotated[int, Field(ge=1, le=200, description="rows per page")]
Cursor = Annotated[str | None, Field(description="next_cursor of the page before")]
Fields = Annotated[list[str] | None, Field(description="only these columns")]
ResponseFormat = Annotated[Literal["concise", "detailed"], Field(description="detailed: all columns, longer texts")]
Filters = Annotated[
    dict[str, Any] | None,
    Field(description="by the column `filter` of intercom_describe(table), as {'state': 'open'}; a list is any of"),
]
Groups = Annotated[
    list[str] | None,
    Field(description="groups: team, teammate, channel, direction, tag, company, plan, segment, country, …"),
]
Period = Annotated[str | None, Field(description="hour, day, week, month or quarter")]
DefinitionName = Annotated[str | None, Field(description="intercom, office, calendar or dbt")]
Comparison = Annotated[str | None, Field(description="previous: add the span before")]
MetricFilters = Annotated[
    dict[str, Any] | None, Field(description="groups and what they must equal, such as {'team': 'Billing'}")
]
TimeText = Annotated[
    str | None, Field(description="'30d' ago, 'monday', 'last month', '2026-Q3', a date, ISO time; until includes it")
]
OneNumber = Annotated[
    dict[str, Any] | None,
    Field(description="list what one number counts instead: its groups and period, as {'team': 'Billing'}"),
]
WithPicture = Annotated[bool, Field(description="add a picture of it")]


@dataclass(frozen=True)
class PageRequest:
    """The requested page of a result, and how its rows are written."""

    limit: int = 50
    cursor: str | None = None
    fields: list[str] | None = None
    response_format: str = "concise"
    longest: int | None = None
    addresses: bool = False
