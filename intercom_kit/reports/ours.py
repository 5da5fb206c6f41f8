"""Our side of a comparison: the metric's number, and what each conversation counts for in it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import pandas as pd

from intercom_kit.frames.frame import Frame, receipt_of
from intercom_kit.frames.receipt import Receipt
from intercom_kit.live.query import Queries
from intercom_kit.live.query_call import QueryCall
from intercom_kit.metrics import MetricQuery
from intercom_kit.reports.comparisons import Comparison
from intercom_kit.reports.report import ID
from intercom_kit.reports.values import keys_of

_CONTEXT = """
    select id, created_at, updated_at, first_contact_reply_at, first_admin_reply_at, first_close_at, last_close_at,
        rating_requested_at{meaning}
    from conversations
    where created_at >= $since and created_at < $until
"""
_TICKETS = "select id, created_at, updated_at from tickets where created_at >= $since and created_at < $until"


@dataclass
class Ours:
    """What we count between two instants: by a metric's question, or by the comparison's own SQL without one.

    `ask` returns the question by another definition. All requests are counted in the receipt.
    """

    queries: Queries
    comparison: Comparison
    since: datetime
    until: datetime
    receipt: Receipt
    max_requests: int
    question: MetricQuery | None = None
    ask: Callable[[str], MetricQuery] | None = None

    def sql(self, query: str, *, fresh: Any = "live", **given: Any) -> Frame:
        """Run a query, whose cost and gaps the receipt then has."""
        frame = self.queries.sql(QueryCall(query, fresh=fresh, max_requests=self.max_requests, **given))
        self.receipt.add(receipt_of(frame))
        return frame

    @cached_property
    def values(self) -> pd.DataFrame:
        """What each conversation counts for: the keys, and `value`, NULL where it does not count."""
        if self.question is None:
            return pd.DataFrame(self.sql(self.comparison.ours, parameters=self._span))
        return pd.DataFrame(self.sql(self.question.values_sql(), fresh="session"))

    @cached_property
    def around_the_clock(self) -> "pd.Series[Any] | None":
        """What each conversation counts for in calendar time; None where that is the definition already, or none."""
        if self.question is None or self.ask is None or self.question.request.definition.name != "intercom":
            return None
        if "calendar" not in self.question.metric.definitions or self.comparison.value != "median":
            return None
        frame = self.sql(self.ask("calendar").values_sql(), fresh="session")
        return pd.Series(frame["value"].to_numpy(), index=frame[ID].to_numpy())

    @cached_property
    def context(self) -> pd.DataFrame:
        """The conversations, or tickets, that began in the span, with the moments that the API knows of them."""
        if self.question is not None and self.question.metric.subject.table.name == "tickets":
            return pd.DataFrame(self.sql(_TICKETS, fresh="session", parameters=self._span))
        words = self.comparison.words
        meaning = f", {words.learnt} as meaning" if words and words.learnt else ""
        return pd.DataFrame(self.sql(_CONTEXT.format(meaning=meaning), fresh="session", parameters=self._span))

    @property
    def counted_by(self) -> str:
        """Return by which moment a conversation counts here."""
        at = self.question.request.definition.at if self.question else "created_at"
        return {"first_contact_reply_at": "written_at"}.get(at, "created_at")

    @property
    def keys(self) -> list[str]:
        """Return the columns that tell what one value is of."""
        return keys_of(self.comparison)

    @property
    def _span(self) -> dict[str, datetime]:
        return {"since": self.since, "until": self.until}
