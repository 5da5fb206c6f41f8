"""What is answered in place of data is told with its reason, over HTTP, in whichever way it is put."""

import json
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from intercom_kit import (
    BadRequestError,
    IntercomDownError,
    IntercomError,
    MergedContactError,
    NotFoundError,
    NotIntercomError,
    PlanRestrictedError,
    RateLimitedError,
    ScopeMissingError,
    SearchFailedError,
    TokenInvalidError,
    Workspace,
    connect,
)

from .answering import ME, TEAMS, Answer, Asked, errors
from .conftest import TOKEN, Connect, Serve

pytestmark = pytest.mark.usefixtures("quick")

MISSING = Answer(errors("not_found", "Conversation not found. Message deleted."), 404)
SECRET = "very-secret-code"


class TestRedirects:
    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    def test_one_of_each_kind_is_told(self, status: int, serve: Serve, connected: Connect) -> None:
        with pytest.raises(NotIntercomError, match=rf"redirect \(HTTP {status}\) to /there,"):
            connected(serve(Answer(b"", status, {"location": "/there"}))).teams()

    @pytest.mark.parametrize(
        ("location", "told"),
        [
            (
                f"https://api.eu.intercom.io/teams?code={SECRET}#{SECRET}",
                'api.eu.intercom.io/teams, which.*region="eu"',
            ),
            (f"https://ann:{SECRET}@login.example:8443/sso?to=x", r"https://login\.example:8443/sso,.*Log in"),
            (f"/login?code={SECRET}", "to /login,.*base_url"),
            ("http://[::1", "does not say where"),
            ("\udcff\udcfe" * 50, "to"),
            ("", "does not say where"),
        ],
    )
    def test_one_names_where_it_points_and_nothing_secret(
        self, location: str, told: str, serve: Serve, connected: Connect
    ) -> None:
        ws = connected(serve(Answer(b"", 307, {"location": location} if location else {})))
        with pytest.raises(NotIntercomError, match=f"redirect.*{told}") as caught:
            ws.teams()
        assert SECRET not in str(caught.value)
        assert str(caught.value).isprintable()

    def test_one_is_never_followed(self, serve: Serve, connected: Connect) -> None:
        other = serve(Answer())
        ws = connected(serve(Answer(b"", 302, {"location": f"{other.base_url}/teams"})))
        with pytest.raises(NotIntercomError):
            ws.teams()
        assert other.asked == []


class TestErrorsUnderAGoodStatus:
    @pytest.mark.parametrize(
        ("code", "kind"),
        [
            ("server_error", IntercomDownError),
            ("service_unavailable", IntercomDownError),
            ("request_timeout", IntercomDownError),
            ("unauthorized", TokenInvalidError),
            ("token_revoked", TokenInvalidError),
            ("token_unauthorized", ScopeMissingError),
            ("forbidden", ScopeMissingError),
            ("api_plan_restricted", PlanRestrictedError),
            ("rate_limit_exceeded", RateLimitedError),
            ("not_found", SearchFailedError),
            ("parameter_invalid", BadRequestError),
            ("something_new", BadRequestError),
        ],
    )
    def test_they_mean_what_their_code_says(
        self, code: str, kind: type[IntercomError], serve: Serve, connected: Connect
    ) -> None:
        ws = connected(serve(Answer(errors(code, "In Intercom's own words"))), patience=1)
        with pytest.raises(kind) as caught:
            ws.teams()
        assert type(caught.value) is kind
        if kind is not RateLimitedError:
            assert "In Intercom's own words" in str(caught.value)
            assert caught.value.request_id == "req1"

    def test_one_object_that_is_none_is_no_row_of_nothing(self, serve: Serve, connected: Connect) -> None:
        ws = connected(serve(Answer(errors("not_found", "User Not Found"))))
        with pytest.raises(NotFoundError, match=r"no contact 'abc'.*User Not Found"):
            ws.contact("abc")

    def test_what_passes_is_tried_again(self, serve: Serve, connected: Connect) -> None:
        server = serve(passing(Answer(errors("service_unavailable")), 2, Answer()))
        assert len(connected(server).teams()) == 1

    def test_a_name_that_reads_like_an_error_is_a_name(self, serve: Serve, connected: Connect) -> None:
        named = {"type": "team.list", "teams": [{"type": "team", "id": "7", "name": "error.list"}]}
        assert list(connected(serve(Answer(named))).teams()["name"]) == ["error.list"]


class TestListsAndSearchesThatAnswer404:
    @pytest.mark.parametrize(
        "call",
        [
            lambda ws: ws.teams(),
            lambda ws: ws.contacts(5),
            lambda ws: ws.conversations(5),
            lambda ws: ws.companies(5),
            lambda ws: ws.search_conversations("refund"),
            lambda ws: ws.sql("select count(*) from conversations"),
        ],
    )
    def test_the_search_failed_and_no_id_is_to_be_checked(
        self, call: Callable[[Workspace], object], serve: Serve, connected: Connect
    ) -> None:
        server = serve(MISSING)
        ws = connected(server)
        with pytest.raises(SearchFailedError, match=r"HTTP 404: Conversation not found\. Message deleted") as caught:
            call(ws)
        assert "Check the id" not in str(caught.value)
        assert "try again" in str(caught.value)
        assert caught.value.status == 404
        assert 3 <= len(server.asked) - 1 <= 4

    def test_rows_of_other_pages_are_kept_as_not_complete_and_the_page_is_named(
        self, serve: Serve, connected: Connect
    ) -> None:
        first = {"type": "list", "data": [{"id": "1"}], "pages": {"next": {"starting_after": "cursor2"}}}
        server = serve(lambda asked: MISSING if "cursor2" in asked.target else Answer(first))
        frame = connected(server).contacts(50)
        assert list(frame["id"]) == ["1"]
        assert not frame.attrs["intercom"]["complete"]
        assert "page after cursor2" in frame.attrs["intercom"]["why"]

    def test_a_page_that_fails_in_passing_is_asked_for_again(self, serve: Serve, connected: Connect) -> None:
        assert len(connected(serve(passing(MISSING, 2, Answer()))).teams()) == 1

    @pytest.mark.parametrize(
        "call",
        [
            lambda ws: ws.contact("abc"),
            lambda ws: ws.conversation("12"),
            lambda ws: ws.company("abc"),
            lambda ws: ws.company(name="Acme"),
            lambda ws: ws.company_contacts("abc"),
            lambda ws: ws.events(["abc"]),
        ],
    )
    def test_an_object_that_is_not_there_is_still_that_and_asked_for_once(
        self, call: Callable[[Workspace], object], serve: Serve, connected: Connect
    ) -> None:
        server = serve(MISSING)
        ws = connected(server)
        with pytest.raises(NotFoundError):
            call(ws)
        assert len(server.asked) == 2

    def test_a_login_at_the_wrong_address_does_not_speak_of_ids(self, serve: Serve) -> None:
        server = serve(MISSING, me=None)
        with pytest.raises(NotFoundError, match=r"/me.*base_url"):
            connect(TOKEN, base_url=server.base_url)


BODIES = [
    b"[" * 100_000,
    b'{"teams": ' + b"[" * 100_000,
    b'{"teams": [], "x": ' + b'{"a":' * 100_000,
    b'{"errors": [' + b"[" * 100_000 + b"]" * 100_000 + b"]}",
    b'{"errors": [{"code": ' + b"9" * 5_000 + b"}]}",
    b'{"errors": [null]}',
    b'{"errors": {"code": "x"}}',
    b'{"errors": [["code"]], "request_id": {"a": [1]}}',
    b'{"errors": ["in words alone"], "request_id": 17}',
    b'{"errors": [{"code": ["x"], "message": {"a": "\\ud800"}}], "request_id": [[]]}',
    b'{"errors": [{"message": "\\u001b[2J\\u202e"}]}',
    b'{"teams": [], "total_count": "\xc2\xb2", "pages": {"total_pages": "' + b"9" * 5_000 + b'"}}',
    b"\xff\xfe\x00",
    b"null",
]


CALLS_THAT_READ_OBJECTS = [
    lambda ws: ws.contacts(50),
    lambda ws: ws.sql("select * from contact_segments where segment_id = '1'"),
    lambda ws: ws.conversation_parts("1"),
]


class TestBodies:
    @pytest.mark.parametrize("status", [200, 400, 404, 410, 429, 503])
    def test_whatever_they_are_the_error_is_ours(self, status: int, serve: Serve, connected: Connect) -> None:
        bodies: list[bytes] = []
        kind = {"content-type": "text/plain; charset=hex"}
        patience = 2 if status == 200 else 0.2
        ws = connected(serve(lambda _: Answer(bodies[-1], status, kind)), patience=patience)
        for body in BODIES:
            bodies.append(body)
            said = refused_with(ws)
            if said is None:
                assert status == 200, body[:60]
                assert ws.teams().empty, body[:60]
            else:
                assert said.isprintable(), body[:60]
                assert len(said) < 1_500, body[:60]

    @pytest.mark.parametrize("me", [b'{"id": ' + b"9" * 5_000 + b"}", b'{"app": ' + b"[" * 100_000, b"[]", b'"x"'])
    def test_who_one_is_cannot_be_read(self, me: bytes, serve: Serve) -> None:
        with pytest.raises(NotIntercomError, match="base_url"):
            connect(TOKEN, base_url=serve(Answer(me), me=None).base_url)

    @pytest.mark.parametrize("value", [b"9" * 5_000, b"[" * 100_000 + b"]" * 100_000], ids=["long", "deep"])
    @pytest.mark.parametrize("call", CALLS_THAT_READ_OBJECTS)
    def test_what_python_cannot_read_is_right_or_a_typed_error(
        self, call: Callable[[Workspace], Any], value: bytes, serve: Serve, connected: Connect
    ) -> None:
        body = b"""{"type": "conversation", "id": "1", "data": [{"id": "1", "created_at": 1, "x": %s}], "segments":
            [{"id": "1", "x": %s}], "conversation_parts": {"conversation_parts": [{"id": "1", "x": %s}]}}"""
        ws = connected(serve(Answer(body.replace(b"%s", value))))
        with suppress(IntercomError):
            assert len(call(ws)) <= 1

    @pytest.mark.parametrize("timezone", ["", "Europe", "../../etc/passwd", "x" * 5_000, 7, None, ["UTC"]])
    def test_a_timezone_that_is_none_is_utc(self, timezone: Any, serve: Serve, connected: Connect) -> None:
        app = {**dict(ME["app"]), "timezone": timezone}  # type: ignore[call-overload]
        assert str(connected(serve(Answer(), me={**ME, "app": app})).identity.zone) == "UTC"


HEADERS = [
    *({"retry-after": value} for value in ("-5", "1e400", "inf", "nan", "²", "soon", "1000000000000", "")),
    {"retry-after": "Fri, 31 Dec 9999 23:59:59 GMT"},
    {"retry-after": "Mon, 01 Jan 0001 00:00:00 GMT"},
    *({"x-ratelimit-reset": value} for value in ("-1", "nan", "1e300", "²", "", "99999999999999999999", "7")),
    {"x-ratelimit-limit": "-3", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1"},
    {"x-ratelimit-limit": "9" * 5_000, "x-ratelimit-remaining": "0", "x-ratelimit-reset": "nan"},
    *({"date": value} for value in ("", "never", "Fri, 31 Dec 9999 23:59:59 -2359", "Mon, 32 Foo 2026 99:99:99 GMT")),
    {"link": "<>; rel", "location": "::", "content-type": "\udcff", "x-request-id": "\udcff" * 300},
]


class TestHeaders:
    @pytest.mark.parametrize("headers", HEADERS, ids=range(len(HEADERS)))
    def test_whatever_they_are_no_wait_is_longer_than_patience(
        self, headers: dict[str, str], serve: Serve, connected: Connect
    ) -> None:
        answers = [Answer(TEAMS, 200, headers)]
        ws = connected(serve(lambda _: answers[-1]), patience=0.6)
        began = time.monotonic()
        assert len(ws.teams()) == 1
        for status, kind in ((503, IntercomDownError), (429, RateLimitedError)):
            answers.append(Answer(errors("rate_limit_exceeded"), status, headers))
            with pytest.raises(kind):
                ws.teams()
        assert time.monotonic() - began < 5

    @pytest.mark.parametrize("value", ["-5", "inf", "nan", "²", "Mon, 01 Jan 0001 00:00:00 GMT"])
    def test_a_pause_that_makes_no_sense_is_over_soon(self, value: str, serve: Serve, connected: Connect) -> None:
        trouble = Answer(errors("rate_limit_exceeded"), 429, {"retry-after": value})
        assert len(connected(serve(passing(trouble, 2, Answer()))).teams()) == 1

    @pytest.mark.parametrize("unit", [1, 1_000, 1_000_000])
    def test_a_reset_is_waited_for_in_whichever_unit_it_is_given(
        self, unit: int, serve: Serve, connected: Connect
    ) -> None:
        reset = {"x-ratelimit-reset": str(int((time.time() + 3) * unit))}
        ws = connected(serve(passing(Answer(errors("rate_limit_exceeded"), 429, reset), 1, Answer())), patience=10)
        began = time.monotonic()
        assert len(ws.teams()) == 1
        assert 1 < time.monotonic() - began < 6

    def test_a_merge_says_into_which_contact_or_that_it_does_not(self, serve: Serve, connected: Connect) -> None:
        answer = Answer(errors("contact_merged"), 410, {"link": "</contacts/" + "a" * 500 + ">; rel=canonical"})
        with pytest.raises(MergedContactError, match="did not say into which"):
            connected(serve(answer)).contact("abc")


def refused_with(ws: Workspace) -> str | None:
    """Return what a call is refused with; None where it is answered."""
    try:
        ws.teams()
    except IntercomError as error:
        return str(error)
    return None


def passing(trouble: Answer, times: int, then: Answer) -> Callable[[Asked], Answer]:
    """Answer with trouble a few times, then well."""
    left = [trouble] * times
    return lambda _: left.pop() if left else then


def test_the_errors_are_written_as_intercom_does() -> None:
    assert json.dumps(errors("x")).startswith('{"type": "error.list", "request_id": "req1", "errors": [{"code": "x"')
