"""Connecting a tenant's workspace: only the caller who asked, one browser and its code together finish a login."""

import json
import threading
from html import unescape
from urllib.parse import quote

import pytest

from intercom_kit.api.secret import Secret
from intercom_kit.auth import storage
from intercom_kit.auth.credentials import OAuthClient
from intercom_kit.auth.profiles import load, profiles
from intercom_kit.errors import CredentialStoreError
from intercom_kit.mcp.tenants.attempts import App, Attempts
from intercom_kit.mcp.tenants.tenant import Caller, Tenant
from intercom_kit.sandbox import Sandbox
from tests.auth.conftest import decide_at

from .asking import ISSUER, URL, Asking, code_on, page_in
from .conftest import Shop
from .people import canary, owners

STATUS, SEGMENTS = "intercom_status", "intercom_list_segments"


@pytest.fixture
def stranger(shop: Shop, request: pytest.FixtureRequest) -> Asking:
    """A caller who has never connected, with a workspace to log in to: a subject of the test's own."""
    return shop.ask(f"{request.node.name}2")


def page_for(caller: Asking) -> str:
    return page_in(caller.call(SEGMENTS).refused)


def test_who_is_not_connected_is_told_a_page_and_connects_by_its_code(shop: Shop, stranger: Asking) -> None:
    told = stranger.call(SEGMENTS).refused
    assert "intercom_connect(code=...)" in told
    code = shop.browser().code(page_in(told))
    assert "Connected" in stranger.call("intercom_connect", code=code).text
    said = stranger.call(STATUS)
    assert said.answer["about"]["workspace"] == f"Workspace {canary(2)}"
    assert owners(said.text) == {2}
    assert "Connected already" in stranger.call("intercom_connect").text


def test_the_same_page_is_told_until_it_is_used(stranger: Asking) -> None:
    assert page_for(stranger) == page_for(stranger)


def test_the_page_says_who_asks_and_only_its_button_goes_on(shop: Shop, stranger: Asking) -> None:
    page = page_for(stranger)
    looked = shop.browser().open(page)
    assert "Go on only if you have just asked" in looked.text
    assert ISSUER in unescape(looked.text)
    assert "set-cookie" not in looked.headers
    shop.browser().code(page)  # by another browser than the one that only looked


def test_a_name_is_shown_as_text(shop: Shop) -> None:
    page = page_for(shop.ask("<script>alert(2)</script>"))
    text = shop.browser().open(page).text
    assert "<script>" not in text
    assert "&lt;script&gt;" in text


def test_a_page_that_is_not_ours_cannot_press_the_button(shop: Shop, stranger: Asking) -> None:
    page = page_for(stranger)
    assert shop.browser().open(page, "POST", **{"Sec-Fetch-Site": "cross-site"}).status_code == 403
    shop.browser().code(page)


def test_a_second_browser_cannot_go_on(shop: Shop, stranger: Asking) -> None:
    page, first = page_for(stranger), shop.browser()
    redirected = first.allowed(page)
    assert shop.browser().open(page, "POST").status_code == 409
    assert first.open(page, "POST").status_code == 303
    code_on(first.open(redirected))


def test_an_answer_that_another_browser_brings_is_refused(shop: Shop, stranger: Asking) -> None:
    page, own, other = page_for(stranger), shop.browser(), shop.browser()
    redirected = own.allowed(page)
    other.allowed(page_for(shop.ask("somebody else 2")))
    for browser in (shop.browser(), other):
        refused = browser.open(redirected)
        assert refused.status_code == 400
        assert "code" not in refused.text
    code_on(own.open(redirected))


def test_an_answer_of_another_login_is_refused(shop: Shop, stranger: Asking) -> None:
    own, other = shop.browser(), shop.browser()
    own.allowed(page_for(stranger))
    foreign = other.allowed(page_for(shop.ask("one more 2")))
    refused = own.open(foreign)
    assert refused.status_code == 400
    assert "another attempt" in refused.text


def test_a_login_cannot_be_finished_by_another_caller(shop: Shop, stranger: Asking) -> None:
    code = shop.browser().code(page_for(stranger))
    thief = shop.ask("thief2")
    page_for(thief)
    assert "no login of yours that waits" in thief.call("intercom_connect", code=code).refused
    assert "Not connected" in thief.call(SEGMENTS).refused
    assert "Connected" in stranger.call("intercom_connect", code=code).text


def test_who_lures_another_into_a_login_does_not_see_its_code(shop: Shop, stranger: Asking) -> None:
    victim = shop.browser()
    victim.code(page_for(stranger))
    said = [stranger.call("intercom_connect", code=guess) for guess in ["AAAA-AAAA"] * 5]
    assert ["may be tried" in each.refused for each in said] == [True] * 4 + [False]
    assert "void" in said[-1].refused
    assert "no login of yours" in stranger.call("intercom_connect", code="AAAA-AAAA").refused
    assert owners("".join(each.text for each in said)) == set()


def test_a_code_and_an_answer_work_once(shop: Shop, stranger: Asking) -> None:
    browser = shop.browser()
    redirected = browser.allowed(page_for(stranger))
    code = code_on(browser.open(redirected))
    stranger.call("intercom_connect", code=code)
    assert browser.open(redirected).status_code == 400
    assert stranger.call("intercom_connect", code=code).refused


def test_who_denies_at_intercom_is_told_so_and_may_begin_again(shop: Shop, stranger: Asking) -> None:
    page, browser = page_for(stranger), shop.browser()
    denied = decide_at(browser.open(page, "POST").headers["location"], "deny")
    assert "was not allowed" in browser.open(denied).text
    again = page_for(stranger)
    assert again != page
    shop.browser().code(again)


def test_a_revoked_connection_is_replaced_by_another_login(
    shop: Shop, stranger: Asking, sandboxes: list[Sandbox]
) -> None:
    stranger.call("intercom_connect", code=shop.browser().code(page_for(stranger)))
    assert stranger.call(SEGMENTS).answer["rows"]
    subject = next(name for name in profile_names() if name.startswith("test_a_revoked"))
    sandboxes[2].revoke(load(subject).token.reveal())
    refused = stranger.call(SEGMENTS).refused
    assert "Not connected to Intercom" in refused
    stranger.call("intercom_connect", code=shop.browser().code(page_in(refused)))
    assert stranger.call(SEGMENTS).answer["rows"]


def profile_names() -> list[str]:
    return [each.name for each in profiles()]


def test_disconnecting_forgets_the_connection_and_all_results(shop: Shop, stranger: Asking) -> None:
    stranger.call("intercom_connect", code=shop.browser().code(page_for(stranger)))
    uri = stranger.call("intercom_list_all_contacts", limit=2).answer["result_uri"]
    before = set(profile_names())
    assert "Disconnected" in stranger.call("intercom_disconnect").text
    assert len(before - set(profile_names())) == 1
    assert "There is no result" in stranger.read(uri).refused
    assert "Not connected" in stranger.call(SEGMENTS).refused
    assert "Nothing was connected" in stranger.call("intercom_disconnect").text


def test_no_text_of_a_login_holds_a_token_or_secret(shop: Shop, stranger: Asking, sandboxes: list[Sandbox]) -> None:
    page, browser = page_for(stranger), shop.browser()
    last = browser.open(browser.allowed(page))
    said = [stranger.call("intercom_connect", code=code_on(last)), stranger.call("intercom_status")]
    subject = next(name for name in profile_names() if name.startswith("test_no_text"))
    secrets = {load(subject).token.reveal(), sandboxes[2].client_secret, sandboxes[2].token}
    texts = "".join([last.text, str(last.headers), *(each.text for each in said)])
    assert [secret for secret in secrets if secret in texts] == []


def test_the_profile_of_a_tenant_is_another_for_every_issuer_claim_and_letter() -> None:
    names = [
        Tenant(ISSUER, "sub", "ann"),
        Tenant(ISSUER, "sub", "Ann"),
        Tenant(ISSUER, "sub", "ann "),
        Tenant(ISSUER, "sub", "\uff41nn"),
        Tenant(ISSUER, "sub", "\ud800ann"),
        Tenant(ISSUER, "org", "ann"),
        Tenant(f"{ISSUER}/", "sub", "ann"),
        Tenant("https://other.example.com", "sub", "ann"),
        Tenant(ISSUER, "sub", 'ann", "x'),
    ]
    assert len({each.profile for each in names}) == len(names)


def test_a_login_in_progress_takes_no_thread() -> None:
    attempts = Attempts(lambda _: App(OAuthClient("the-app", Secret("secret-of-the-app"))), URL)
    before = threading.active_count()
    for number in range(20):
        attempt = attempts.of(Caller(Tenant(ISSUER, "org_id", "acme"), f"ann{number}"))
        assert attempts.go_on(attempt, f"cookie{number}", "us")
    assert threading.active_count() == before


def test_a_login_that_is_too_old_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    attempts = Attempts(lambda _: App(OAuthClient("the-app", Secret("secret-of-the-app"))), URL)
    attempt = attempts.of(Caller(Tenant(ISSUER, "sub", "ann"), "ann"))
    attempts.go_on(attempt, "a cookie", "us")
    monkeypatch.setattr("intercom_kit.mcp.tenants.attempts.LIFE", -1.0)
    assert attempts.at(attempt.ticket) is None
    assert attempts.of_browser("a cookie") is None


def test_a_browser_may_choose_another_region_and_no_other_browser_may() -> None:
    caller = Caller(Tenant(ISSUER, "sub", "ann"), "ann")
    attempts = Attempts(lambda _: App(OAuthClient("the-app", Secret("secret-of-the-app"))), URL)
    attempt = attempts.of(caller)
    first = attempts.go_on(attempt, "a cookie", "us")
    assert first == attempts.go_on(attempt, "a cookie", "us")
    second = attempts.go_on(attempt, "a cookie", "eu")
    assert attempts.go_on(attempt, "another cookie", "au") is None
    attempts.drop(caller)
    assert first is not None
    assert second is not None
    assert first.startswith("https://app.intercom.com/")
    assert second.startswith("https://app.eu.intercom.com/")
    assert quote(f"{URL}/connect/callback", safe="") in second
    assert "secret" not in second


def test_two_more_tools_are_offered_which_say_what_they_change(shop: Shop) -> None:
    tools = {tool["name"]: tool for tool in shop.person(0).send("tools/list", "", {}).result["tools"]}
    hints = {name: tools[name]["annotations"] for name in ("intercom_connect", "intercom_disconnect")}
    assert {name: (each["readOnlyHint"], each["destructiveHint"]) for name, each in hints.items()} == {
        "intercom_connect": (False, False),
        "intercom_disconnect": (False, True),
    }
    assert "no argument 'kode'" in shop.person(0).call("intercom_connect", kode="x").refused
    both = [tools[name] for name in hints]
    assert len(json.dumps(both, separators=(",", ":"))) < 250 * 3.5  # tokens, of which a list has 6,000 at most


def test_after_a_revocation_connecting_asks_for_a_login_at_once(
    shop: Shop, stranger: Asking, sandboxes: list[Sandbox]
) -> None:
    stranger.call("intercom_connect", code=shop.browser().code(page_for(stranger)))
    assert stranger.call(SEGMENTS).answer["rows"]
    subject = next(name for name in profile_names() if name.startswith("test_after_a_revocation"))
    sandboxes[2].revoke(load(subject).token.reveal())
    assert "Ask the user to open" in stranger.call("intercom_connect").refused


@pytest.mark.parametrize("damaged", ['{"version": 1, "pro', "[]", '{"version": 9, "profiles": {}}'])
def test_a_store_that_cannot_be_read_is_told_without_its_path(shop: Shop, stranger: Asking, damaged: str) -> None:
    code = shop.browser().code(page_for(stranger))
    store = shop.home / "profiles.json"
    whole = store.read_text()
    try:
        store.write_text(damaged)
        for arguments in ({}, {"code": code}):
            refused = stranger.call("intercom_connect", **arguments).refused
            assert "cannot read or write its stored connections" in refused
            assert str(shop.home) not in refused
        refused = stranger.call("intercom_disconnect").refused
        assert "cannot read or write its stored connections" in refused
    finally:
        store.write_text(whole)
    assert "no login of yours" in stranger.call("intercom_connect", code=code).refused  # disconnecting has ended it


def test_a_code_works_again_where_its_connection_could_not_be_stored(
    shop: Shop, stranger: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = shop.browser().code(page_for(stranger))
    with monkeypatch.context() as full:
        full.setattr(storage, "write", refuse)
        assert "call again later" in stranger.call("intercom_connect", code=code).refused
    assert "Connected" in stranger.call("intercom_connect", code=code).text


def refuse(_: object) -> None:
    raise CredentialStoreError("the disk is full")


def test_names_show_what_is_invisible_in_them(shop: Shop) -> None:
    page = page_for(shop.ask("ann\u202e\u200b2"))
    text = shop.browser().open(page).text
    assert "ann\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}2" in text
