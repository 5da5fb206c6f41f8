"""How often articles are read, and what readers did then: totals of their lifetime, since Intercom has no others."""

from dataclasses import dataclass

from intercom_kit.metrics.aggregates import Tally
from intercom_kit.metrics.definition import Definition
from intercom_kit.metrics.metric import Metric
from intercom_kit.metrics.request import MetricRequest
from intercom_kit.metrics.sql import SQL, join
from intercom_kit.metrics.subjects import OF_ARTICLES

_NUMBERS = """
    numbers as (
        select statistic.*
        from selected
        join article_statistics as statistic on statistic.article_id = selected.id
    )
"""
_TOTALS = ("reactions", "conversations", "fin_involvements", "fin_resolutions")
_SUMMED = join(",\n", (f"sum({name})::bigint as {name}" for name in ("views", *_TOTALS)))


@dataclass(frozen=True)
class Totals(Tally):
    """The sums of what is counted over the lifetime of each article, the most viewed first."""

    order: str = "value desc nulls last"

    def bounds(self, request: MetricRequest) -> SQL:  # noqa: ARG002
        """Return no condition: totals have no time."""
        return SQL()


ARTICLE_VIEWS = Metric(
    name="article_views",
    title="Views of articles",
    question="How often is each article read, and what do readers do then?",
    unit="views",
    denominator="articles with statistics",
    calculation=Totals(
        columns=("value", "n", *_TOTALS, "happy"),
        sums=f"count(views) as n,\n{_SUMMED},\nsum(reactions * happy_percentage) as happy_reactions",
        answer=f"views::double as value,\ncoalesce(n, 0) as n,\n{join(', ', _TOTALS)},\n"
        "happy_reactions / nullif(100 * reactions, 0) as happy",
    ),
    definitions={
        "lifetime": Definition(
            "Views since each article was created, with the reactions of readers and the share of these that were "
            "happy, the conversations that readers began from it, those in which Fin used it, and those that Fin "
            "resolved with it.",
            "the API's statistics of single articles, one request for each",
            measures={name: f"numbers.{name}" for name in ("views", *_TOTALS)}
            | {"happy_percentage": "numbers.happy_reaction_percentage"},
            steps=_NUMBERS,
            join="left join numbers on numbers.article_id = article.id",
            needs=("article_statistics",),
            left_out={"without statistics": "numbers.views is null"},
        )
    },
    subject=OF_ARTICLES,
    by=("id", "title"),
    periods=False,
    compares=False,
    lifetime=True,
    notes=("Intercom gives totals of an article's lifetime, without dates: keep a frame to see what changes.",),
)

HELP_CENTER = (ARTICLE_VIEWS,)
