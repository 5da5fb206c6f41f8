"""Every metric over a lake is that over live rows, as of the same moment."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import intercom_kit as ik
from intercom_kit import BadQueryError, Workspace
from intercom_kit.lake.opened import Lake
from intercom_kit.live.query import Queries
from intercom_kit.metrics import METRICS
from intercom_kit.verbs import measuring
from intercom_kit.verbs.measuring import MetricCall

pytestmark = pytest.mark.sampled(5)

HOURS = {"hours": "Europe/Dublin Mon-Fri 09:00-17:00"}
QUESTIONS = [(name, definition) for name, metric in METRICS.items() for definition in metric.definitions]


class AsOf:
    """A workspace, asked as of the moment of a lake."""

    def __init__(self, ws: Workspace, lake: Lake) -> None:
        self.identity, self.privacy, self.now = ws.identity, ws._session.privacy, lake.now
        self.queries: Queries = ws._queries


@pytest.fixture(scope="module")
def everything(ws: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """A lake with what any metric needs."""
    folder = tmp_path_factory.mktemp("lake") / "lake"
    keyed = ["contact_companies", "contact_tags", "contact_segments", "article_statistics"]
    ws.export(folder, ["all", *keyed], parts=True, events=True, max_requests=100_000)
    ws.export(folder, "activity_logs", since="90d")
    return ik.open(folder)


@pytest.mark.parametrize(("name", "definition"), QUESTIONS)
def test_a_metric_is_the_same(ws: Workspace, everything: Lake, name: str, definition: str) -> None:
    metric = METRICS[name]
    filters: dict[str, Any] = HOURS if metric.definition(definition).own_hours else {}
    filters |= {"contacts": "all"} if "contacts" in metric.options else {}
    filters |= {"steps": ws.event_summaries(ws.contacts(20))["name"].unique()[:2]} if name == "funnel" else {}
    since = None if metric.lifetime else "60d"
    call = MetricCall(name, None, None, since, None, definition, None, filters)
    live = AsOf(ws, everything)
    expected = measuring.measure(live, live.queries, call, 100_000, "live")
    found = everything.metric(name, since=since, definition=definition, **filters)
    pd.testing.assert_frame_equal(pd.DataFrame(found), pd.DataFrame(expected))
    assert found.attrs["intercom"]["metric"]["left_out"] == expected.attrs["intercom"]["metric"]["left_out"]
    assert found.attrs["intercom"]["requests"] == 0


def test_a_metric_that_begins_before_the_lake_is_not_complete(ws: Workspace, tmp_path: Path) -> None:
    ws.export(tmp_path / "lake", ["conversations", "teams"], since="30d")
    with ik.open(tmp_path / "lake") as lake:
        assert lake.metric("conversations", since="20d").attrs["intercom"]["complete"]
        assert "the lake has no conversations from before" in lake.metric("conversations", since="60d").receipt


def test_a_metric_names_the_tables_that_the_lake_lacks(ws: Workspace, tmp_path: Path) -> None:
    ws.export(tmp_path / "lake", "teams")
    with ik.open(tmp_path / "lake") as lake, pytest.raises(BadQueryError, match="This lake has no conversations"):
        lake.metric("conversations")


def test_its_sql_can_be_run(everything: Lake) -> None:
    text = everything.explain_metric("first_response_time", since="60d")
    assert everything.sql(text)["value"][0] == everything.metric("first_response_time", since="60d")["value"][0]
