"""Whatever headers and bodies an answer has, they are read or left, and never an error that is not ours."""

import json
import math
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from intercom_kit.api.budget import RateBudget
from intercom_kit.api.clock import Clock
from intercom_kit.api.failures import failure, status_meant
from intercom_kit.api.retry import FARTHEST, asked_pause, reset_of
from intercom_kit.errors import IntercomError, MergedContactError, RateLimitedError

NOW = 1_800_000_000.0

# The first text takes seconds, since the table of all letters is made for it.
widely = settings(max_examples=100, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])

NUMBERS = st.one_of(st.integers(), st.floats(), st.integers(0, 10**20)).map(str)
DATES = st.datetimes().map(lambda moment: moment.strftime("%a, %d %b %Y %H:%M:%S GMT"))
SPECIAL = st.sampled_from(
    ["", " ", "-1", "1e400", "inf", "-inf", "nan", "²", "٣", "0x10", "1_000", "soon", "Thu, 01 Jan 1970", "9" * 5_000]
)
VALUES = st.one_of(st.text(max_size=40), NUMBERS, DATES, SPECIAL)
NAMES = ["date", "retry-after", "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"]
HEADERS = st.dictionaries(st.sampled_from([*NAMES, "link", "location", "content-type", "x-request-id"]), VALUES)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
ERRORS = st.fixed_dictionaries(
    {"errors": JSON | st.lists(st.fixed_dictionaries({}, optional={"code": JSON, "message": JSON}), max_size=2)},
    optional={"type": st.just("error.list"), "request_id": JSON},
)
PATHS = st.sampled_from(
    ["/contacts", "/contacts/1", "/conversations/search", "/companies/scroll", "/events", "/me", "/"]
)


@widely
@given(HEADERS, st.integers(100, 999))
@example({"retry-after": "Mon, 01 Jan 0001 00:00:00 +9999"}, 429)
@example({"x-ratelimit-reset": "1" * 400}, 429)
def test_a_pause_that_is_asked_for_is_none_or_at_most_a_day(headers: dict[str, str], status: int) -> None:
    pause = asked_pause(status, headers, NOW)
    assert pause is None or 0 <= pause <= FARTHEST


@widely
@given(HEADERS)
@example({"date": "Fri, 31 Dec 9999 23:59:59 -2359"})
@example({"date": "Mon, 99999999999999999999 Jan 2027 00:00:00 GMT"})
def test_the_clock_tells_a_time_that_can_be_written(headers: dict[str, str]) -> None:
    clock = Clock()
    clock.observe(headers)
    assert datetime.fromtimestamp(clock.now(), UTC).year < 2101


@widely
@given(st.lists(HEADERS, max_size=5), st.floats(0, 1_000))
def test_a_budget_waits_for_a_moment_or_refuses(answers: list[dict[str, str]], patience: float) -> None:
    budget = RateBudget(longest_wait=patience)
    for headers in answers:
        budget.observe(headers)
    assert budget.limit is None or 0 < budget.limit < math.inf
    pause = budget.resets_at - budget.clock.now()
    if budget.remaining is not None and 0 < pause <= FARTHEST:
        refusal = budget.refusal(pause)
        assert refusal.until is not None
        if pause > patience:
            with pytest.raises(RateLimitedError):
                budget.refuse_if_too_long(pause)


@widely
@given(HEADERS, st.one_of(ERRORS.map(json.dumps), JSON.map(json.dumps), st.text()), st.integers(300, 999), PATHS)
@example({}, "[" * 100_000, 400, "/contacts")
@example({}, '{"errors": [' + "[" * 100_000, 404, "/contacts/search")
@example({}, '{"errors": [{"code": ' + "9" * 5_000 + "}]}", 422, "/contacts")
@example({"link": '</contacts/../../admins>; rel="canonical"'}, '{"errors": []}', 410, "/contacts/1")
@example({"location": "http://[::1"}, "", 302, "/contacts")
def test_every_answer_becomes_an_error_of_ours_in_a_sentence_of_bounded_length(
    headers: dict[str, str], body: str, status: int, path: str
) -> None:
    error = failure(status, headers, body, path)
    assert isinstance(error, IntercomError)
    said = str(error)
    assert len(said) < 1_500
    assert said.isprintable(), "else it could speak to the terminal"
    assert error.request_id is None or 0 < len(error.request_id) <= 80
    if isinstance(error, MergedContactError):
        assert "/" not in error.merged_into


@widely
@given(ERRORS.map(json.dumps))
def test_errors_under_a_good_status_mean_a_status_that_is_none(body: str) -> None:
    status = status_meant(body)
    assert status is None or 400 <= status < 600


def test_a_message_of_ten_megabytes_is_cut_quickly() -> None:
    body = json.dumps({"type": "error.list", "errors": [{"code": "x" * 1_000, "message": "word " * 2_000_000}]})
    began = time.perf_counter()
    assert len(str(failure(400, {}, body, "/contacts"))) < 1_000
    assert time.perf_counter() - began < 5


@pytest.mark.parametrize("unit", [1, 1e3, 1e6, 1e9])
def test_a_reset_is_read_in_whichever_unit_it_comes(unit: float) -> None:
    assert reset_of({"x-ratelimit-reset": f"{(NOW + 7) * unit:.0f}"}, NOW) == pytest.approx(NOW + 7)


@pytest.mark.parametrize("reset", ["0", "7", "-1", "9999999999999999999", "nan", "inf", "²", "", "4102444800"])
def test_a_reset_that_is_no_moment_near_now_is_left(reset: str) -> None:
    assert reset_of({"x-ratelimit-reset": reset}, NOW) is None


def test_one_answer_with_a_wrong_reset_does_not_silence_those_that_follow() -> None:
    budget = RateBudget(longest_wait=5)
    now = time.time()
    told = {"x-ratelimit-limit": "100", "x-ratelimit-remaining": "100"}
    budget.observe({**told, "x-ratelimit-reset": f"{now + 72_000:.0f}"})
    budget.observe({**told, "x-ratelimit-remaining": "40", "x-ratelimit-reset": f"{now + 8:.0f}"})
    assert budget.remaining == 40
    assert budget.resets_at < now + 60
