"""The verb that reviews the numbers of a week, and says what explains those that are unusual."""

import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from intercom_kit.frames.frame import Frame
from intercom_kit.live.memory import Fresh
from intercom_kit.opened import OpenWorkspace
from intercom_kit.review.review import METRICS, SPLITS, Inquiry, Review
from intercom_kit.values.times import Time
from intercom_kit.verbs.behind import behind
from intercom_kit.verbs.measuring import MetricCall, measure


class Reviewing(OpenWorkspace):
    """A workspace whose numbers of a week can be reviewed."""

    def review(
        self,
        metrics: Iterable[str] | Mapping[str, str | None] = METRICS,
        *,
        since: Time = "56d",
        until: Time | None = None,
        period: str = "week",
        splits: Iterable[str] = SPLITS,
        max_requests: int = 2_000,
        fresh: Fresh = "live",
        **filters: Any,
    ) -> Review:
        """Hold the latest numbers beside the usual ones, and find what explains each unusual one.

        One row per metric: `number` (its title), `period` (when the latest whole one began), `value`, `usual` (the
        median of the other periods), `low` and `high` (95 % interval), `n`, `unusual`, `unit`. Unusual is a number
        beyond all others whose interval, widened since several numbers are looked at, does not hold the usual one; of
        fewer than four periods, none is. `metrics` are names, or their definitions by name, as {"csat": "intercom"}.
        Beware of what takes days to be known: of a week just over, only those conversations are closed that were quick.

        Each unusual number is split by each of `splits`, and `reasons` of the result names the group that explains most
        of the change beyond its own weight, if one surely does; `conversations` lists what is behind that group's
        number. The names of groups and filters are those of `metric`. Metrics of contacts or tickets are split by what
        they can be grouped by.

        Costs what the metrics do, and for unusual numbers what splits need besides, such as the contacts for countries;
        a split that needs more than `max_requests` is left out, as the receipt says. Raises BadMetricError,
        BadTimeError, BadFilterError, and BadQueryError if a metric itself needs more than `max_requests`.
        """
        freshness: Iterator[Fresh] = itertools.chain(
            [fresh], itertools.repeat("session")
        )  # all numbers are of the same rows

        def ask(name: str, definition: str | None, by: str | None) -> Frame:
            call = MetricCall(name, by, period, since, until, definition, None, filters)
            return measure(self._session, self._queries, call, max_requests, next(freshness))

        def list_behind(answer: Frame, row: int, count: str | None = None) -> Frame:
            return behind(self._session, self._queries, answer, row, count, max_requests)

        return Inquiry(ask, list_behind, tuple(splits)).review(metrics)
