"""Proxies are read from the environment in every spelling, and what cannot be used is named; none leads to oneself."""

import traceback
from urllib.parse import urlsplit

import pytest

from intercom_kit import ConnectionFailedError, IntercomError, ProxySettingsError, connect
from intercom_kit.api.proxies import is_this_machine, proxy_for

from .answering import Answer, free_port
from .conftest import TOKEN, Connect, Serve

PASSWORD = "p4ssw0rd-of-the-proxy"
API = "https://api.intercom.io"
FAR = "http://intercom.example"  # which no name server knows: only a proxy gets there


@pytest.fixture
def named(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    return monkeypatch


class TestWhichProxy:
    @pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])
    def test_each_spelling_of_the_variable_counts_and_is_told(self, name: str, named: pytest.MonkeyPatch) -> None:
        named.setenv(name, "http://proxy.example:3128/")
        proxy = proxy_for(API)
        assert proxy is not None
        assert (proxy.address, proxy.named_by) == ("http://proxy.example:3128", name)

    @pytest.mark.parametrize(
        ("value", "address"),
        [
            ("proxy.example:3128", "http://proxy.example:3128"),
            ("  http://proxy.example:3128  ", "http://proxy.example:3128"),
            ('"http://proxy.example:3128"', "http://proxy.example:3128"),
            ("HTTP://Proxy.Example", "http://Proxy.Example"),
            ("https://proxy.example", "https://proxy.example"),
            ("http://[::1]:3128", "http://[::1]:3128"),
            ("socks5://proxy.example:1080", "socks5://proxy.example:1080"),
            ("socks5h://proxy.example:1080", "socks5h://proxy.example:1080"),
            ("socks://127.0.0.1:7890/", "socks5://127.0.0.1:7890"),
        ],
    )
    def test_each_spelling_of_an_address_is_read(self, value: str, address: str, named: pytest.MonkeyPatch) -> None:
        named.setenv("HTTPS_PROXY", value)
        proxy = proxy_for(API)
        assert proxy is not None
        assert proxy.address == address

    @pytest.mark.parametrize("value", ["", "   ", "\t"])
    def test_an_empty_variable_names_no_proxy(self, value: str, named: pytest.MonkeyPatch) -> None:
        named.setenv("HTTPS_PROXY", value)
        assert proxy_for(API) is None

    def test_the_one_for_the_scheme_comes_before_the_one_for_all(self, named: pytest.MonkeyPatch) -> None:
        named.setenv("HTTPS_PROXY", "http://one.example")
        named.setenv("ALL_PROXY", "nonsense://that is not looked at")
        proxy = proxy_for(API)
        assert proxy is not None
        assert proxy.address == "http://one.example"

    def test_one_for_another_scheme_does_not_count(self, named: pytest.MonkeyPatch) -> None:
        named.setenv("HTTP_PROXY", "nonsense://")
        assert proxy_for(API) is None

    @pytest.mark.parametrize(
        ("login", "user", "password"),
        [
            ("ann:secret", "ann", "secret"),
            ("ann", "ann", ""),
            ("a%40b:p%2Fq%23%25", "a@b", "p/q#%"),
            ("a:p@q", "a", "p@q"),
        ],
    )
    def test_a_login_is_kept_apart_from_the_address(
        self, login: str, user: str, password: str, named: pytest.MonkeyPatch
    ) -> None:
        named.setenv("HTTPS_PROXY", f"http://{login}@proxy.example:3128")
        proxy = proxy_for(API)
        assert proxy is not None
        assert (proxy.user, proxy.password.reveal()) == (user, password)
        assert proxy.address == "http://proxy.example:3128"
        assert login not in repr(proxy)


class TestWhatCannotBeUsed:
    @pytest.mark.parametrize(
        "value",
        [
            *("://", ":", "http://", "http://:3128", "http://proxy.example:99999", "http://proxy.example:0"),
            *("http://proxy.example:port", "http://[::1:3128", "http://pro xy.example", "http://proxy\x01.example"),
            *("socks4://proxy.example", "ftp://proxy.example", f"http://ann:{PASSWORD}/#?@proxy.example:3128"),
            *(
                f"http://ann:{PASSWORD}#@proxy.example",
                f"http://ann:1/{PASSWORD}@proxy.example",
                "http://\udcff.example",
            ),
        ],
    )
    @pytest.mark.parametrize("name", ["HTTPS_PROXY", "all_proxy"])
    def test_it_is_named_with_the_remedy_and_without_its_password(
        self, value: str, name: str, named: pytest.MonkeyPatch
    ) -> None:
        named.setenv(name, value)
        with pytest.raises(ProxySettingsError) as caught:
            connect(TOKEN)
        assert name in str(caught.value)
        assert "unset" in str(caught.value)
        assert PASSWORD not in "".join(traceback.format_exception(caught.value)) + repr(vars(caught.value))

    def test_socks_without_its_package_says_which_to_install(self, named: pytest.MonkeyPatch) -> None:
        named.setitem(__import__("sys").modules, "socksio", None)
        named.setenv("ALL_PROXY", f"socks5://ann:{PASSWORD}@127.0.0.1:1080")
        with pytest.raises(ProxySettingsError, match=r"ALL_PROXY.*pip install socksio") as caught:
            connect(TOKEN)
        assert PASSWORD not in "".join(traceback.format_exception(caught.value))

    def test_one_that_is_not_there_is_named_and_not_intercom_blamed(self, named: pytest.MonkeyPatch) -> None:
        named.setattr("intercom_kit.api.retry.FIRST_PAUSE", 0.01)
        named.setenv("HTTPS_PROXY", f"http://ann:{PASSWORD}@127.0.0.1:{free_port()}")
        with pytest.raises(
            ConnectionFailedError, match=r"through the proxy http://127.*HTTPS_PROXY.*refused"
        ) as caught:
            connect(TOKEN)
        assert PASSWORD not in str(caught.value)

    @pytest.mark.parametrize("address", [FAR, API])
    def test_one_that_wants_a_login_is_asked_once(self, address: str, serve: Serve, named: pytest.MonkeyPatch) -> None:
        proxy = serve(Answer(b"Log in", 407, {"proxy-authenticate": "Basic"}), me=None)
        variable = f"{urlsplit(address).scheme}_proxy"
        named.setenv(variable, proxy.base_url)
        with pytest.raises(ProxySettingsError, match=f"{variable}.*407"):
            connect(TOKEN, base_url=address)
        assert len(proxy.asked) == 1


class TestExceptions:
    @pytest.mark.parametrize(
        ("base_url", "entries"),
        [
            (API, "*"),
            (API, "example.com, api.intercom.io"),
            (API, ".intercom.io"),
            (API, "*.intercom.io"),
            (API, "intercom.io"),
            (API, "INTERCOM.IO."),
            (API, "intercom.io:443"),
            (API, "https://api.intercom.io"),
            (API, "[::1],fe80::/10,,  intercom.io"),
            (API, "localhost|x;intercom.io"),
            ("https://10.1.2.3", "10.0.0.0/8"),
            ("https://10.1.2.3", "10.*"),
            ("https://10.1.2.3:8443", "10.1.2.3:8443"),
            ("https://[fd07:b51a:cc66:f0::5]", "fd07:b51a:cc66:f0::/64"),
            ("https://[fe80::1]:8443", "[fe80::1]:8443"),
            ("https://[fe80::1]", "[fe80::]/10"),
        ],
    )
    def test_a_host_that_an_entry_means_is_reached_directly(
        self, base_url: str, entries: str, named: pytest.MonkeyPatch
    ) -> None:
        named.setenv("HTTPS_PROXY", "http://proxy.example")
        named.setenv("no_proxy", entries)
        assert proxy_for(base_url) is None

    @pytest.mark.parametrize(
        ("base_url", "entries"),
        [
            (API, ""),
            (API, ",,,"),
            (API, "ercom.io"),
            (API, "intercom.io:80"),
            (API, "localhost,127.0.0.1,::1,[::1]"),
            (API, "[,],[[,::::,10.0.0.0/99,fe80::/10,://,\udcff,%zz"),
            ("https://10.1.2.3", "10.0.0.0/16, 1.2.3"),
            ("https://[fe80::1]:8443", "[fe80::1]:443"),
        ],
    )
    def test_entries_that_mean_other_hosts_or_cannot_be_read_are_left_out(
        self, base_url: str, entries: str, named: pytest.MonkeyPatch
    ) -> None:
        named.setenv("HTTPS_PROXY", "http://proxy.example")
        named.setenv("NO_PROXY", entries)
        assert proxy_for(base_url) is not None


class TestThisMachine:
    @pytest.mark.parametrize(
        "host",
        [
            *("127.0.0.1", "127.8.9.1", "127.1", "2130706433", "0x7f000001", "localhost", "LocalHost.", "a.localhost"),
            *("::1", "::ffff:127.0.0.1", "0.0.0.0"),  # noqa: S104
        ],
    )
    def test_it_is_known_in_every_spelling(self, host: str) -> None:
        assert is_this_machine(host)

    @pytest.mark.parametrize(
        "host", ["10.0.0.1", "localhost.example", "127.0.0.1.example", "intercom.io", "cafe", "::2"]
    )
    def test_no_other_machine_is_taken_for_it(self, host: str) -> None:
        assert not is_this_machine(host)

    @pytest.mark.parametrize("spelling", ["127.0.0.1", "localhost", "127.1"])
    def test_no_request_to_it_and_no_token_passes_a_proxy(
        self, spelling: str, serve: Serve, connected: Connect, named: pytest.MonkeyPatch
    ) -> None:
        proxy, server = serve(Answer()), serve(Answer())
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
            named.setenv(name, proxy.base_url)
        ws = connected(server.base_url.replace("127.0.0.1", spelling))
        assert list(ws.teams()["id"]) == ["7"]
        assert proxy.asked == []
        assert len(server.asked) == 2

    @pytest.mark.parametrize(
        "variable",
        [
            *(
                "ALL_PROXY=socks5://127.0.0.1:1080",
                "all_proxy=socks://127.0.0.1:7890/",
                "HTTP_PROXY=://",
                "http_proxy=:",
            ),
            *(
                "NO_PROXY=localhost,127.0.0.1,::1,[::1]",
                "no_proxy=10.0.0.0/8,fe80::/10",
                "NO_PROXY=[",
                "HTTPS_PROXY=x y",
            ),
        ],
    )
    def test_it_is_reached_under_any_setting(
        self, variable: str, serve: Serve, connected: Connect, named: pytest.MonkeyPatch
    ) -> None:
        name, _, value = variable.partition("=")
        named.setenv(name, value)
        assert len(connected(serve(Answer())).teams()) == 1


def test_a_proxy_is_used_with_its_login_and_gets_the_token_for_the_address_alone(
    serve: Serve, connected: Connect, named: pytest.MonkeyPatch
) -> None:
    proxy = serve(Answer())
    named.setenv("HTTP_PROXY", proxy.base_url.replace("://", "://ann:p%40ss@"))
    assert len(connected(FAR).teams()) == 1
    assert [asked.target for asked in proxy.asked] == [f"{FAR}/me", f"{FAR}/teams"]
    assert proxy.asked[0].authorization == f"Bearer {TOKEN}"
    assert proxy.asked[0].proxy_authorization == "Basic YW5uOnBAc3M="


def test_a_base_url_with_a_password_is_refused_unquoted() -> None:
    with pytest.raises(IntercomError, match="HTTPS_PROXY") as caught:
        connect(TOKEN, base_url=f"https://ann:{PASSWORD}@api.intercom.io")
    assert PASSWORD not in str(caught.value)
