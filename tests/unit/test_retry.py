"""When a request is asked again, and after how long."""

import pytest

from intercom_kit.api.retry import ATTEMPTS, ATTEMPTS_AT_ANOTHER_SERVER, asked_pause, backoff, worthwhile
from intercom_kit.errors import (
    BadRequestError,
    CertificateError,
    ConnectionFailedError,
    IntercomDownError,
    IntercomError,
    NotFoundError,
    NotIntercomError,
    ProxySettingsError,
    RateLimitedError,
    SearchFailedError,
    TokenInvalidError,
)

NOW = 1_800_000_000.0


def test_pauses_double_up_to_a_limit() -> None:
    assert [backoff(attempt, chance=0) for attempt in range(7)] == [0.5, 1, 2, 4, 8, 15, 15]


def test_chance_spreads_pauses_by_a_quarter() -> None:
    assert backoff(0, chance=1) == 0.625


@pytest.mark.parametrize(
    ("status", "headers", "seconds"),
    [
        (429, {"x-ratelimit-reset": "1800000004"}, 4),
        (429, {"x-ratelimit-reset": "1799999990"}, 0),
        (500, {"x-ratelimit-reset": "1800000004"}, None),
        (503, {"retry-after": "7"}, 7),
        (429, {"retry-after": "3", "x-ratelimit-reset": "1800000009"}, 3),
        (503, {"retry-after": "Fri, 15 Jan 2027 08:00:05 GMT"}, 5),
        (503, {"retry-after": "soon"}, None),
        (429, {}, None),
    ],
)
def test_the_servers_wish_is_read(status: int, headers: dict[str, str], seconds: float | None) -> None:
    assert asked_pause(status, headers, NOW) == seconds


@pytest.mark.parametrize("problem", [ConnectionFailedError("x"), IntercomDownError("x"), RateLimitedError("x")])
def test_what_may_pass_is_tried_again_until_attempts_run_out(problem: IntercomError) -> None:
    assert worthwhile(problem, 0)
    assert not worthwhile(problem, ATTEMPTS - 1)


@pytest.mark.parametrize(
    "problem",
    [
        TokenInvalidError("x"),
        NotFoundError("x"),
        BadRequestError("x"),
        ProxySettingsError("x"),
        CertificateError("x"),
    ],
)
def test_what_cannot_succeed_is_never_tried_again(problem: IntercomError) -> None:
    assert not worthwhile(problem, 0)


@pytest.mark.parametrize("problem", [NotIntercomError("x"), SearchFailedError("x")])
def test_another_server_and_a_search_that_failed_are_given_up_on_sooner(problem: IntercomError) -> None:
    assert worthwhile(problem, ATTEMPTS_AT_ANOTHER_SERVER - 2)
    assert not worthwhile(problem, ATTEMPTS_AT_ANOTHER_SERVER - 1)
