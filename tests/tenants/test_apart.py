"""Tenants of one server: each sees its own workspace, and another's cursor or result is as good as none."""

import time
from pathlib import Path

import pandas as pd

from intercom_kit import connect
from intercom_kit.frames.frame import Frame, with_receipt
from intercom_kit.frames.receipt import Receipt
from intercom_kit.mcp.arguments import PageRequest
from intercom_kit.mcp.declaring import ToolCall
from intercom_kit.mcp.results import Result
from intercom_kit.mcp.tenants.desk import TenantDesk
from intercom_kit.mcp.tenants.limits import Limits
from intercom_kit.mcp.tenants.tenant import Tenant
from intercom_kit.sandbox import Sandbox

from .asking import ISSUER, Issuer
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


def test_what_a_call_brings_after_disconnecting_is_not_kept(shop: Shop, sandboxes: list[Sandbox]) -> None:
    desk = TenantDesk(Tenant(ISSUER, "sub", "person0"), None, "full", "500MB", Limits())
    try:
        before = desk.source()
        names = desk.names(before)
        desk.close()  # as intercom_disconnect does, while a call is running
        late = desk.results_of(before).hold(Result("tool", "ann", ToolCall(PageRequest()), before_frame(names)))
        desk.names(desk.source())
        assert desk.results_of(desk.source()).find(late.id, "ann") is None
        assert desk.results.find(late.id, "ann") is None
    finally:
        desk.end()


def before_frame(names: object) -> Frame:
    return with_receipt(pd.DataFrame({"id": [str(names)]}), Receipt("x"))


def test_names_of_a_workspace_are_not_those_of_the_next_one(shop: Shop, sandboxes: list[Sandbox]) -> None:
    desk = TenantDesk(Tenant(ISSUER, "sub", "person0"), None, "full", "500MB", Limits())
    with connect(sandboxes[1].token, base_url=sandboxes[1].base_url) as other:
        assert owners(str(desk.names(desk.source()))) == {0}
        assert owners(str(desk.names(other))) == {1}
    desk.end()


def test_two_tenants_of_one_workspace_share_no_results_and_disconnect_apart(shop: Shop) -> None:
    ann, bob = shop.ask("ann of 1"), shop.person(1)
    shop.stored(1, Tenant(ISSUER, "sub", "ann of 1"))
    uri = bob.call("intercom_list_all_contacts", limit=2).answer["result_uri"]
    assert owners(ann.call("intercom_list_all_contacts", limit=2).text) == {1}
    assert "There is no result" in ann.read(uri).refused
    assert "Disconnected" in ann.call("intercom_disconnect").text
    assert "Not connected" in ann.call("intercom_list_all_teams").refused
    assert owners(bob.read(uri).text) == {1}


def test_lists_are_the_same_for_everybody_and_what_is_read_is_private(shop: Shop) -> None:
    public = {}
    for number in (0, 1):
        caller = shop.person(number)
        caller.call("intercom_list_all_contacts", limit=2)
        for method in ("tools/list", "resources/list", "resources/templates/list", "prompts/list", "server/discover"):
            said = caller.send(method, "", {})
            assert owners(said.text) == set()
            if said.result.get("cacheScope") == "public":
                assert public.setdefault(method, said.result) == said.result
        for uri in (caller.call("intercom_list_all_contacts", limit=2).answer["result_uri"], "intercom://schema/teams"):
            assert caller.read(uri).result["cacheScope"] == "private"


def test_completion_names_only_the_caller_s_own_teams(shop: Shop) -> None:
    for number in (0, 1):
        assert owners(shop.person(number).complete("weekly_support_review", "team").text) == {number}
    nobody = shop.ask("nobody2").complete("weekly_support_review", "team")
    assert nobody.result["completion"]["values"] == []
