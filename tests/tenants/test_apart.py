"""Tenants of one server: each sees its own workspace, and another's cursor or result is as good as none."""

from .conftest import Shop
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
