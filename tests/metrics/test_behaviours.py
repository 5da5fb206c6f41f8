"""Metrics asked over HTTP equal their SQL over everything the workspace holds, however Intercom behaves."""

import math
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

import pytest

from intercom_kit import Workspace, connect
from intercom_kit.fetch import session
from intercom_kit.metrics import METRICS
from intercom_kit.sandbox import serve_in_child
from tests.conftest import NOW
from tests.metrics.world import with_hours
from tests.mixes import WORLDS, odd_workspace
from tests.sql.whole import Whole, difference, rows_of

pytestmark = pytest.mark.sampled(6)

SIZE = {"conversations": 250, "contacts": 40, "companies": 20, "tickets": 60}
# When teammates were away depends on whose entry it is if somebody else set that (UNCONFIRMED [away-by]); their metrics
# are restated in test_teammates.
QUESTIONS = [
    (name, definition)
    for name, metric in METRICS.items()
    for definition in metric.definitions
    if metric.subject.alias != "admin"
]


class _Still(datetime):
    """A clock that stands, since two statements of one question are compared."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> "datetime":
        return datetime.fromtimestamp(NOW + 3_600, tz)


@pytest.fixture(scope="module")
def whole() -> Iterator[Whole]:
    """All that the workspace holds, read under the documented behaviours."""
    with (
        serve_in_child(**SIZE, seed=7, now=NOW, rate_limit=100_000_000) as address,
        connect(address.token, base_url=address.base_url) as workspace,
    ):
        loaded = Whole(workspace, articles=True)
    yield loaded
    loaded.close()


@pytest.fixture(scope="module", params=WORLDS[::2])
def odd(request: pytest.FixtureRequest) -> Iterator[Workspace]:
    """The same workspace where Intercom behaves otherwise."""
    with odd_workspace(request.param, request.config.getoption("--mix-seed"), **SIZE) as workspace:
        yield workspace


class Asker:
    """A source of questions to metrics that the workspace can answer."""

    def __init__(self, workspace: Workspace, whole: Whole, seed: int) -> None:
        self.workspace, self.whole = workspace, whole
        self.dice = random.Random(seed)  # noqa: S311 - tests are to be repeatable

    def question(self, name: str, definition: str) -> dict[str, Any]:
        """Ask a metric of a random span, by random periods and groups, about all rows or those of one group."""
        metric, dice = METRICS[name], self.dice
        since = datetime.fromtimestamp(NOW, UTC) - timedelta(minutes=dice.randrange(1, 60 * 24 * 60))
        asked: dict[str, Any] = {"name": name, "definition": definition}
        if not metric.lifetime:
            asked["since"] = since
        if not metric.lifetime and not metric.definition(definition).now and dice.random() < 0.6:
            asked["until"] = since + timedelta(minutes=dice.randrange(1, 40 * 24 * 60))
        if metric.periods and dice.random() < 0.6:
            asked["period"] = dice.choice(["day", "week"] if name == "stickiness" else ["day", "week", "month"])
        if dice.random() < 0.6:
            asked["by"] = dice.choice(list(metric.subject.dimensions))
        if name == "funnel":
            asked["steps"] = ["logged-in", "created-project"]
        return asked | with_hours(name, definition) | self._filter(asked)

    def _filter(self, asked: dict[str, Any]) -> dict[str, Any]:
        if self.dice.random() < 0.5:
            return {}
        dimension = self.dice.choice(list(METRICS[asked["name"]].subject.dimensions.values()))
        if not dimension.names:
            return {}
        return {
            dimension.name: self.dice.choice(self.whole.rows(f"select label from ({dimension.names}) order by 1"))[0]
        }


@pytest.mark.parametrize(("name", "definition"), QUESTIONS)
def test_a_metric_is_that_of_all_rows(
    odd: Workspace,
    whole: Whole,
    name: str,
    definition: str,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(session, "datetime", _Still)
    asker = Asker(odd, whole, request.config.getoption("--mix-seed") + request.config.getoption("--fuzz-seed"))
    for _ in range(math.ceil(request.config.getoption("--fuzz") / 500)):
        asked = asker.question(name, definition)
        expected = whole.rows(odd.explain_metric(**asked))
        found = rows_of(odd.metric(**asked, fresh=asker.dice.choice(["live", "refetch"])))
        assert not difference(expected, found), asked
        assert expected == found, asked
