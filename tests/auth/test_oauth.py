"""OAuth's pure part: the page to open, and what comes back."""

from urllib.parse import parse_qs, urlsplit

import pytest

from intercom_kit import BadRequestError, LoginDeniedError, LoginStateError
from intercom_kit.auth.oauth import authorize_url, finish, new_state

STATE = "s-t_a~te"
CODE = "WzE3MTIz+/NTY3ODkwXQ=="


@pytest.mark.parametrize(
    ("region", "host"),
    [("us", "app.intercom.com"), ("eu", "app.eu.intercom.com"), ("AU", "app.au.intercom.com")],
)
def test_every_region_has_its_own_page(region: str, host: str) -> None:
    page = urlsplit(authorize_url("an id", STATE, region=region, redirect_uri="https://127.0.0.1:1/callback"))
    assert (page.scheme, page.netloc, page.path) == ("https", host, "/oauth")
    fields = {"client_id": ["an id"], "state": [STATE], "redirect_uri": ["https://127.0.0.1:1/callback"]}
    assert parse_qs(page.query) == fields


def test_without_an_address_to_return_to_intercom_chooses() -> None:
    assert "redirect_uri" not in authorize_url("id", STATE)


def test_an_unknown_region_is_refused() -> None:
    with pytest.raises(BadRequestError, match="us, eu, au"):
        authorize_url("id", STATE, region="mars")


def test_states_are_long_and_never_the_same() -> None:
    states = {new_state() for _ in range(100)}
    assert len(states) == 100
    assert min(map(len, states)) >= 43


@pytest.mark.parametrize(
    "redirected",
    [
        f"https://127.0.0.1:8917/callback?code={CODE}&state={STATE}",
        f"  https://hub.example/x?state={STATE}&code={CODE}#_ \n",
        f"?code={CODE}&state={STATE}",
        f"code={CODE}&state={STATE}",
        f"<code=WzE3MTIz%2B%2FNTY3ODkwXQ%3D%3D&state={STATE}>",
    ],
)
def test_the_code_comes_through_as_it_is_from_an_address_or_its_query(redirected: str) -> None:
    assert finish(redirected, STATE).reveal() == CODE


@pytest.mark.parametrize(
    ("redirected", "said"),
    [
        (f"code={CODE}&state=another", "another attempt"),
        (f"code={CODE}&state=é", "another attempt"),
        ("error=access_denied&state=another", "another attempt"),
        (f"code={CODE}", "complete URL"),
        (CODE, "complete URL"),
        ("", "complete URL"),
        ("https://app.intercom.com/a/apps", "complete URL"),
        ("http://[broken?state", "complete URL"),
        (f"state={STATE}", "no code"),
        (f"code=&state={STATE}", "no code"),
    ],
)
def test_an_answer_that_is_not_whole_or_not_ours_is_refused(redirected: str, said: str) -> None:
    with pytest.raises(LoginStateError, match=said):
        finish(redirected, STATE)


def test_a_denial_says_how_to_go_on() -> None:
    with pytest.raises(LoginDeniedError, match="choose Allow"):
        finish(f"?error=access_denied&state={STATE}", STATE)


def test_another_error_is_quoted_without_what_could_be_markup() -> None:
    with pytest.raises(LoginDeniedError, match=r"\(server_error script\)"):
        finish(f"?error=server_error%20<script>&state={STATE}", STATE)
