"""A body of any size costs no more than the bound of its kind, however it is packed; what is too large is said."""

import gzip
import time
import tracemalloc
import zlib
from collections.abc import Callable

import pytest

from intercom_kit import AnswerTooLargeError, IntercomDownError, IntercomError, NotIntercomError, Workspace, connect
from intercom_kit.api import bodies

from .answering import ME, Answer
from .conftest import TOKEN, Connect, Serve

pytestmark = pytest.mark.usefixtures("quick")

GIGABYTE = 1_000_000_000
TEAM = b'{"type": "team.list", "teams": [{"type": "team", "id": "7", "name": "Support"}]}'
MOST = 150_000_000  # bytes of memory, for both ends and several answers


def bomb(size: int = GIGABYTE) -> bytes:
    """Pack so many spaces before a list of teams, quickly: one packed megabyte is repeated."""
    packing = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    head = packing.flush(zlib.Z_FULL_FLUSH)
    megabyte = packing.compress(b" " * 1_000_000) + packing.flush(zlib.Z_FULL_FLUSH)
    return head + megabyte * (size // 1_000_000) + packing.compress(TEAM) + packing.flush()


def raw(content: bytes) -> bytes:
    packing = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packing.compress(content) + packing.flush()


BOMBS = {
    "gzip": (bomb(), "gzip"),
    "x-gzip": (bomb(), "x-gzip"),
    "deflate": (raw(b" " * 100_000_000), "deflate"),
    "deflate with its head": (zlib.compress(b" " * 100_000_000), "deflate"),
    "gzip in gzip": (gzip.compress(bomb(), 1), "gzip, gzip"),
    "gzip in deflate in gzip": (gzip.compress(zlib.compress(bomb(), 1), 1), "gzip, deflate, gzip"),
    "as it is": (b" " * 40_000_000, "identity"),
}

CALLS: list[Callable[[Workspace], object]] = [
    lambda ws: ws.teams(),
    lambda ws: ws.conversations(5),
    lambda ws: ws.conversation("1"),
    lambda ws: ws.sql("select count(*) from conversations"),
]


class TestBombs:
    @pytest.mark.parametrize("name", BOMBS)
    def test_one_is_refused_at_its_bound_in_any_packing(self, name: str, serve: Serve, connected: Connect) -> None:
        body, encoding = BOMBS[name]
        server = serve(Answer(body, 200, {"content-encoding": encoding}))
        ws = connected(server)
        tracemalloc.start()
        try:
            with pytest.raises(AnswerTooLargeError, match=r"larger than the 16 MB .* `base_url`"):
                ws.teams()
            assert tracemalloc.get_traced_memory()[1] < MOST
        finally:
            tracemalloc.stop()
        assert len(server.asked) == 2  # it would be as large the next time

    @pytest.mark.parametrize("call", CALLS)
    def test_no_verb_reads_one_to_its_end(
        self, call: Callable[[Workspace], object], serve: Serve, connected: Connect
    ) -> None:
        ws = connected(serve(Answer(bomb(), 200, {"content-encoding": "gzip"})))
        with pytest.raises(AnswerTooLargeError):
            call(ws)

    @pytest.mark.parametrize("status", [302, 400, 404, 429, 503])
    def test_a_refusal_counts_by_its_beginning(self, status: int, serve: Serve, connected: Connect) -> None:
        ws = connected(serve(Answer(bomb(), status, {"content-encoding": "gzip"})), patience=1)
        tracemalloc.start()
        try:
            with pytest.raises(IntercomError) as caught:
                ws.teams()
            assert not isinstance(caught.value, AnswerTooLargeError)
            assert tracemalloc.get_traced_memory()[1] < MOST / 3
        finally:
            tracemalloc.stop()

    def test_one_for_who_one_is_has_a_bound_of_its_own(self, serve: Serve) -> None:
        server = serve(Answer(gzip.compress(b" " * 2_000_000), 200, {"content-encoding": "gzip"}), me=None)
        with pytest.raises(AnswerTooLargeError, match=r"larger than the 1 MB"):
            connect(TOKEN, base_url=server.base_url)

    def test_many_at_once_cost_as_much_as_one(self, serve: Serve, connected: Connect) -> None:
        ws = connected(serve(Answer(bomb(), 200, {"content-encoding": "gzip"})))
        tracemalloc.start()
        try:
            with pytest.raises(AnswerTooLargeError, match="32 MB"):
                ws.conversation_parts([str(each) for each in range(24)])
            assert tracemalloc.get_traced_memory()[1] < MOST
        finally:
            tracemalloc.stop()


class TestPackings:
    @pytest.mark.parametrize(
        ("encoding", "pack"),
        [
            ("gzip", gzip.compress),
            ("GZIP", gzip.compress),
            ("x-gzip", gzip.compress),
            ("deflate", zlib.compress),
            ("deflate", raw),
            ("identity", bytes),
            ("", bytes),
            ("deflate, gzip", lambda body: gzip.compress(zlib.compress(body))),
        ],
    )
    def test_what_was_asked_for_is_unpacked(
        self, encoding: str, pack: Callable[[bytes], bytes], serve: Serve, connected: Connect
    ) -> None:
        assert list(connected(serve(Answer(pack(TEAM), 200, {"content-encoding": encoding}))).teams()["id"]) == ["7"]

    @pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, br", ", ".join(["gzip"] * 4), "\udcff", "x y"])
    def test_any_other_is_no_answer_of_intercoms(self, encoding: str, serve: Serve, connected: Connect) -> None:
        ws = connected(serve(Answer(gzip.compress(TEAM), 200, {"content-encoding": encoding})), patience=1)
        with pytest.raises(NotIntercomError, match=r"packed as .* not asked for") as caught:
            ws.teams()
        assert str(caught.value).isprintable()

    @pytest.mark.parametrize(
        "body",
        [TEAM, gzip.compress(TEAM)[:-9], b"\x1f\x8b", b"\x1f\x8b" + b"\xff" * 50],
        ids=["not packed", "cut off", "begun", "damaged"],
    )
    @pytest.mark.parametrize("encoding", ["gzip", "deflate"])
    def test_what_cannot_be_unpacked_is_none_either(
        self, body: bytes, encoding: str, serve: Serve, connected: Connect
    ) -> None:
        ws = connected(serve(Answer(body, 200, {"content-encoding": encoding})), patience=1)
        with pytest.raises(NotIntercomError, match="cannot be unpacked"):
            ws.teams()

    def test_a_failure_that_cannot_be_unpacked_is_still_a_failure(self, serve: Serve, connected: Connect) -> None:
        ws = connected(serve(Answer(TEAM, 503, {"content-encoding": "br"})), patience=1)
        with pytest.raises(IntercomDownError):
            ws.teams()


class TestSizes:
    def test_an_answer_within_its_bound_is_read_whole(self, serve: Serve, connected: Connect) -> None:
        body = TEAM + b" " * (bodies.LARGEST_PAGE - len(TEAM))
        assert len(connected(serve(Answer(body))).teams()) == 1
        with pytest.raises(AnswerTooLargeError):
            connected(serve(Answer(body + b" "))).teams()

    @pytest.mark.parametrize("member", [b"1", b"{}", b"[]", b'""'])
    def test_one_of_millions_of_values_takes_neither_memory_nor_time(
        self, member: bytes, serve: Serve, connected: Connect
    ) -> None:
        teams = b'{"teams": [' + b",".join([member] * (bodies.LARGEST_PAGE // 4)) + b"]}"
        ws = connected(serve(Answer(teams)), patience=1)
        tracemalloc.start()
        began = time.monotonic()
        try:
            with pytest.raises(NotIntercomError):
                ws.teams()
            assert tracemalloc.get_traced_memory()[1] < MOST
        finally:
            tracemalloc.stop()
        assert time.monotonic() - began < 5

    @pytest.mark.parametrize("depth", [100, 400, 900, 3_000, 20_000, 200_000])
    @pytest.mark.parametrize("inner", ["[", '{"a":'])
    def test_a_value_nested_at_any_depth_is_whole_or_a_typed_error(
        self, depth: int, inner: str, serve: Serve, connected: Connect
    ) -> None:
        value = inner * depth + "1" + {"[": "]"}.get(inner, "}") * depth
        contact = '{"id": "1", "created_at": 1, "custom_attributes": {"deep": %s}, "location": %s}'.replace("%s", value)
        body = f'{{"type": "list", "data": [{contact}], "total_count": 1}}'
        ws = connected(serve(Answer(body.encode())), patience=1)
        for call in (lambda: ws.contacts(50), lambda: ws.sql("select id, custom_attributes from contacts")):
            try:
                assert list(call()["id"]) == ["1"]  # type: ignore[no-untyped-call]
            except IntercomError as error:
                assert depth >= 900, error  # noqa: PT017 - some depths are read

    def test_who_one_is_may_have_any_members(self, serve: Serve, connected: Connect) -> None:
        assert connected(serve(Answer(), me={**ME, "more": ["x"] * 10_000})).identity.admin == "Pat"


class TestMisfits:
    @pytest.mark.parametrize(
        ("contact", "times"),
        [
            ('{"id":"1","name":"Ann","name":"Ben"}', 1),
            ('{"id":"1","id":"2","id":"3"}', 2),
            ('{"id":"1","name":"Ann", "location":{"city":"Cork","city":"Bonn"}}', 1),
            ('{"id":"1","custom_attributes":{"seats":1},"custom_attributes":{"seats":2}}', 1),
            ('{"id":"1","name":"Ann"}', 0),
        ],
    )
    def test_keys_that_come_twice_are_counted_and_the_first_one_is_taken(
        self, contact: str, times: int, serve: Serve, connected: Connect
    ) -> None:
        frame = connected(serve(Answer(f'{{"data":[{contact}],"total_count":1}}'.encode()))).contacts(50)
        assert list(frame["id"]) == ["1"]
        assert frame.attrs["intercom"]["misfits"] == ({"duplicate keys": times} if times else {})

    @pytest.mark.parametrize("members", [1, 150])
    def test_also_in_the_one_object_of_a_page_where_they_do(
        self, members: int, serve: Serve, connected: Connect
    ) -> None:
        contacts = [f'{{"id":"{number + 1}","name":"Ann"}}' for number in range(members)]
        contacts[members // 3] = '{"id":"x","name":"Ann","name":"Ben"}'
        body = f'{{"data":[{",".join(contacts)}],"total_count":{members},"total_count":{members}}}'
        frame = connected(serve(Answer(body.encode()))).contacts(200)
        assert frame.attrs["intercom"]["misfits"] == {"duplicate keys": 2}

    def test_nulls_are_kept_and_counted(self, serve: Serve, connected: Connect) -> None:
        contacts = r'{"id":"1","name":"a\u0000b\u0000"},{"id":"2","name":"\\u0000"},{"id":"3","name":"\\\u0000"}'
        frame = connected(serve(Answer(f'{{"data":[{contacts}],"total_count":3}}'.encode()))).contacts(50)
        assert frame.set_index("id")["name"].to_dict() == {"1": "a\0b\0", "2": r"\u0000", "3": "\\\0"}
        assert frame.attrs["intercom"]["misfits"] == {"NULs in texts": 3}
        assert "NULs in texts (3)" in repr(frame)
