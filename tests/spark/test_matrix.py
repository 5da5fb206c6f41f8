"""Every metric over Spark is that over DuckDB, on a cluster of two workers, from an environment without a JVM."""

import importlib.util

import pytest

from intercom_kit.lake.opened import Lake
from tests.spark.questions import Case, compared, hard, main
from tests.spark.servers import Server

MAIN, HARD = list(main()), list(hard())


def test_there_is_no_spark_but_its_client() -> None:
    assert importlib.util.find_spec("py4j") is None


@pytest.mark.sampled(24)
@pytest.mark.parametrize("case", MAIN, ids=str)
def test_a_metric_is_the_same(here: Lake, there: Lake, case: Case) -> None:
    assert compared(here, there, case) > 0


@pytest.mark.sampled(24)
@pytest.mark.parametrize("case", HARD, ids=str)
def test_a_hard_question_is_answered_alike(here: Lake, there: Lake, case: Case) -> None:
    assert compared(here, there, case) > 0


def test_two_workers_took_part(there: Lake, server: Server) -> None:
    for _ in range(3):
        there.sql("select count(*) from conversations c join conversation_parts p on p.conversation_id = c.id")
    workers = [each for each in server.ask("executors") if each["id"] != "driver"]
    assert len([each for each in workers if each["completedTasks"] > 0]) == 2
