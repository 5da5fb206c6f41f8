"""Sail answers the same SQL as Spark, or refuses it, but never answers anything else than DuckDB."""

import pytest

from intercom_kit import BadQueryError
from intercom_kit.lake.opened import Lake
from tests.spark.questions import Case, compared, main

PART = 40


@pytest.mark.sampled(PART)
@pytest.mark.parametrize("case", list(main()), ids=str)
def test_a_metric_is_the_same(here: Lake, witness: Lake, case: Case) -> None:
    try:
        compared(here, witness, case)
    except BadQueryError as error:
        pytest.skip(f"Sail refuses it: {str(error)[:120]}")
