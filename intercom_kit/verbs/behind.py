"""The conversations or contacts behind one number of a metric."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

import pandas as pd

from intercom_kit.errors import BadMetricError
from intercom_kit.frames.frame import Frame
from intercom_kit.frames.receipt import LAKE
from intercom_kit.live.query_call import QueryCall
from intercom_kit.metrics import MetricQuery, ask, find
from intercom_kit.metrics.conditions import with_instants
from intercom_kit.tables import Table
from intercom_kit.values.plain import plain, whole_number
from intercom_kit.verbs.schedules import Answering
from intercom_kit.zones import zone


class Linking(Protocol):
    """What adds links into Intercom's app to a frame: a session or a lake."""

    def linked(self, frame: Frame, table: Table | None = None) -> Frame: ...


def behind(
    source: Linking, queries: Answering, answer: Any, row: Any, count: str | None, max_requests: int, name: str = "ws"
) -> Frame:
    """Return the rows of the metric's subject that one number of its answer counts, as `name.behind()`."""
    takes = f"{name}.behind() takes a frame of {name}.metric() and the number of a row, or such a row: frame.iloc[3]."
    chosen = _row(answer, row, takes)
    receipt = answer.attrs.get("intercom") or {}
    described = receipt.get("metric")
    if not described:
        raise BadMetricError(f"This is no answer of a metric, or was computed from one: {takes}")
    if (whose := LAKE if receipt["table"] == LAKE else "ws") != name:
        raise BadMetricError(f"{name}.behind() has other rows than this answer: ask {whose}.behind(), whose it is.")
    question = _question(described)
    columns = [str(name) for name in chosen.index]
    keys = [*described["by"], *(["period"] if described["period"] else [])]
    if missing := [key for key in keys if key not in columns]:
        raise BadMetricError(f"The row lacks {', '.join(missing)}: give it as {name}.metric() returned it.")
    values = {key: None if _is_missing(value) else _native(value) for key, value in zip(columns, chosen, strict=True)}
    query = question.behind_sql(values, count)
    found = queries.sql(QueryCall(query, max_requests=max_requests, fresh="session"))
    return source.linked(found, question.metric.subject.table)


def sample_sql(described: Mapping[str, Any]) -> str:
    """Return the SQL for the ids behind a metric's answer, by period and groups; empty where there is none."""
    return _question(described).sample_sql()


def _row(answer: Any, row: Any, takes: str) -> "pd.Series[Any]":
    """Return the row that is meant; raise BadMetricError for anything that is none."""
    if isinstance(answer, pd.Series) and row is None:
        return answer
    place = whole_number(plain(row))
    if not isinstance(answer, pd.DataFrame) or place is None or not -len(answer) <= place < len(answer):
        raise BadMetricError(takes)
    return answer.iloc[place]


def _question(described: Mapping[str, Any]) -> MetricQuery:
    """Return the question that a metric answered, as of the time when it did."""
    if "frames" in described:
        names = " and ".join(described["frames"])
        raise BadMetricError(f"behind() does not have your {names}: ask the metric by Intercom's own columns.")
    metric, where = find(described["name"]), zone(described["timezone"])
    described = {**described, "since": described["since"] or described["until"]}  # a lifetime has no beginning
    since, until, now = (datetime.fromisoformat(described[edge]) for edge in ("since", "until", "now"))
    filters = with_instants(metric.subject, described["filters"], where, now)
    return ask(
        metric,
        since=since,
        until=until,
        now=now,
        zone=where,
        by=described["groups"],
        period=described["period"],
        definition=described["definition"],
        filters=filters,
    )


def _is_missing(value: Any) -> bool:
    return bool(pd.api.types.is_scalar(value) and pd.isna(value))


def _native(value: Any) -> Any:
    return value.to_pydatetime() if isinstance(value, pd.Timestamp) else plain(value)
