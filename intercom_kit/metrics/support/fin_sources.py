"""What Fin's answers used: articles, snippets, files and pages, by how its part of the conversation ended."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from intercom_kit.metrics.calculation import Calculation
from intercom_kit.metrics.definition import Definition
from intercom_kit.metrics.metric import Metric
from intercom_kit.metrics.request import MetricRequest
from intercom_kit.metrics.sql import SQL, same, sql, step
from intercom_kit.metrics.support.sources import WROTE

# Titles and types are lists of the same length. An answer may use a source twice.
_USED = """
    used as (
        select distinct talk, source, source_type
        from (
            select id as talk, unnest(ai_agent_source_titles) as source, unnest(ai_agent_source_types) as source_type
            from selected
        )
        where source is not null or source_type is not null
    )
"""
_BY_SOURCE = """
    sums as (
        select {keys:,} source, source_type, count(*) as n
        from measured
        where found
        group by {keys:,} source, source_type
    ),
    named as (
        select distinct {groups:,} source, source_type from measured where found
    ),
    {spread},
    answer as (
        select spread.*, named.source, named.source_type, coalesce(n, 0)::double as value, coalesce(n, 0) as n
        from spread
        join named on {of_group}
        left join sums on {of_key} and {of_source}
    )
"""


@dataclass(frozen=True)
class Sources(Calculation):
    """The number of rows in which each source was used; a row with several sources counts for each."""

    columns: tuple[str, ...] = ("source", "source_type", "value", "n")
    order: str = "value desc"
    ties: str = "source, source_type"
    counted: ClassVar[Mapping[str, str]] = {"n": "found"}

    def of_row(self, row: Mapping[str, Any]) -> list[SQL]:
        """Return the conditions of a row's source."""
        return [
            sql(
                "{name} is not distinct from {value}",
                name=SQL(name),
                value=SQL("null") if row[name] is None else row[name],
            )
            for name in ("source", "source_type")
        ]

    def steps(self, request: MetricRequest) -> list[SQL]:
        columns = "conversation.id as id,\nused.talk is not null as found,\nused.source,\nused.source_type"
        source = ("source", "source_type")
        return [
            *self.selection(request),
            *request.calendar(),
            SQL(request.definition.steps),
            step("measured", request.rows(columns)),
            sql(
                _BY_SOURCE,
                keys=request.keys,
                groups=request.groups,
                spread=request.spread(),
                of_group=same("spread", "named", request.groups),
                of_key=same("spread", "sums", request.keys),
                of_source=same("named", "sums", source),
            ),
        ]


FIN_SOURCES = Metric(
    name="fin_sources",
    title="Sources of Fin's answers",
    question="Which articles and other sources do Fin's answers use, and how do these conversations end?",
    unit="conversations",
    denominator="conversations in which an answer of Fin used the source",
    calculation=Sources(),
    definitions={
        "intercom": Definition(
            "Conversations in which Fin took part, by title and type of each source that its answers used, and by how "
            "its part ended; no state is one in progress. A conversation counts once for each of its sources. Sources "
            "have no ids: two of the same title and type are one.",
            "Intercom OpenAPI 2.16, ai_agent.content_sources and ai_agent.resolution_state",
            at="first_contact_reply_at",
            instead=WROTE,
            where="coalesce(conversation.ai_agent_participated, false)",
            steps=_USED,
            join="left join used on used.talk = conversation.id",
            left_out={"without a source": "used.talk is null"},
        )
    },
    by=("ai_agent_resolution_state",),
    compares=False,
)
