"""Tenants of one server: each sees its own workspace, and another's cursor or result is as good as none."""

import time
from pathlib import Path

from intercom_kit.mcp.tenants.limits import Limits
from intercom_kit.sandbox import Sandbox

from .asking import Issuer
from .conftest import Shop, opened
from .people import owners


def test_each_caller_reads_their_own_workspace(shop: Shop) -> None:
    for number in (0, 1):
        said = shop.person(number).call("intercom_list_all_contacts", limit=200)
        assert said.answer["row_count"] == 30 + number
        assert owners(said.text) == {number}
        counted = shop.person(number).call("intercom_query", sql="select count(*) from contacts")
        assert counted.answer["rows"] == [[30 + number]]


def test_a_cursor_of_another_is_not_found(shop: Shop) -> None:
    first = shop.person(0).call("intercom_list_all_contacts", limit=2).answer
    stolen = shop.person(1).call("intercom_list_all_contacts", limit=2, cursor=first["next_cursor"])
    invented = shop.person(1).call("intercom_list_all_contacts", limit=2, cursor="abcdefabcdef.2")
    assert "cursor is unknown or has expired" in stolen.refused
    assert stolen.refused == invented.refused
    assert owners(stolen.text) == set()
    assert shop.person(0).call("intercom_list_all_contacts", limit=2, cursor=first["next_cursor"]).answer["rows"]


def test_a_result_of_another_is_not_found(shop: Shop) -> None:
    uri = shop.person(0).call("intercom_list_all_contacts", limit=2).answer["result_uri"]
    stolen = shop.person(1).read(uri)
    assert "There is no result" in stolen.refused
    assert owners(stolen.text) == set()
    assert owners(shop.person(0).read(uri).text) == {0}


def test_a_session_that_was_idle_has_forgotten_everything_but_the_connection(
    issuer: Issuer, sandboxes: list[Sandbox], tmp_path: Path
) -> None:
    with opened(tmp_path, issuer, sandboxes, limits=Limits(idle=0.3)) as shop:
        shop.stored(0)
        answer = shop.person(0).call("intercom_list_all_contacts", limit=2).answer
        time.sleep(1)
        assert "no result" in shop.person(0).read(answer["result_uri"]).refused
        assert shop.person(0).call("intercom_list_all_contacts", limit=2).answer["rows"] == answer["rows"]
