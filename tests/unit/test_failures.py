"""Each answer of Intercom's that is no success becomes an error with the remedy in its sentence."""

import json

import pytest

from intercom_kit import errors
from intercom_kit.api.failures import failure


def envelope(code: str, message: str = "said") -> str:
    return json.dumps({"type": "error.list", "request_id": "req1", "errors": [{"code": code, "message": message}]})


@pytest.mark.parametrize(
    ("status", "body", "path", "kind", "remedy"),
    [
        (401, envelope("unauthorized"), "/contacts", errors.TokenInvalidError, "region"),
        (401, envelope("token_revoked"), "/contacts", errors.TokenInvalidError, "was revoked"),
        (401, envelope("token_expired"), "/contacts", errors.TokenInvalidError, "has expired"),
        (401, envelope("token_unauthorized"), "/tags", errors.ScopeMissingError, "Read tags"),
        (
            403,
            envelope("forbidden", "scope (read_conversations) to"),
            "/x",
            errors.ScopeMissingError,
            "read_conversations",
        ),
        (403, envelope("api_plan_restricted"), "/conversations", errors.PlanRestrictedError, "plan"),
        (402, envelope("payment_required"), "/conversations", errors.PlanRestrictedError, "plan"),
        (404, envelope("not_found"), "/contacts/abc", errors.NotFoundError, "no contact 'abc'"),
        (404, envelope("company_not_found"), "/companies/abc", errors.NotFoundError, "no company 'abc'"),
        (404, envelope("not_found"), "/conversations/12", errors.NotFoundError, "no conversation '12'"),
        (400, envelope("scroll_exists"), "/companies/scroll", errors.ScrollBusyError, "try again"),
        (400, envelope("parameter_invalid"), "/events", errors.BadRequestError, "parameter_invalid"),
        (422, envelope("data_invalid"), "/x", errors.BadRequestError, "data_invalid"),
        (500, envelope("server_error"), "/x", errors.IntercomDownError, "few minutes"),
        (503, "<html>busy</html>", "/x", errors.IntercomDownError, "503"),
        (408, envelope("request_timeout"), "/x", errors.IntercomDownError, "408"),
        (429, envelope("rate_limit_exceeded"), "/x", errors.RateLimitedError, "exceeded"),
        (403, "<html>login</html>", "/x", errors.NotIntercomError, "HTML page"),
        (404, "[]", "/x", errors.NotIntercomError, "base_url"),
    ],
)
def test_an_answer_becomes_the_error_that_names_the_remedy(
    status: int, body: str, path: str, kind: type[errors.IntercomError], remedy: str
) -> None:
    error = failure(status, {}, body, path)
    assert type(error) is kind
    assert remedy in str(error)


def test_a_merged_contact_names_the_one_to_use_instead() -> None:
    headers = {"link": '</contacts/63a0979a5eeebeaf28dd56ba>; rel="canonical"'}
    error = failure(410, headers, envelope("contact_merged"), "/contacts/old")
    assert isinstance(error, errors.MergedContactError)
    assert error.merged_into == "63a0979a5eeebeaf28dd56ba"
    assert "63a0979a5eeebeaf28dd56ba" in str(error)


def test_an_error_quotes_intercoms_own_name_of_the_request() -> None:
    error = failure(404, {}, envelope("not_found"), "/teams/1")
    assert error.request_id == "req1"
    assert "req1" in str(error)


@pytest.mark.parametrize("body", ['{"errors": []}', '{"errors": [5]}', '{"errors": "no"}', "{}", "null", ""])
def test_a_strange_envelope_is_still_an_error_of_ours(body: str) -> None:
    assert isinstance(failure(400, {}, body, "/contacts"), errors.IntercomError)
