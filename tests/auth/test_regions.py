"""Workspaces are kept in the US, the EU or Australia, each on a host of its own."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from intercom_kit import OtherWorkspaceError, TokenInvalidError, WrongRegionError, connect
from intercom_kit.api.regions import HOSTS
from intercom_kit.auth.login import Login, begin
from intercom_kit.auth.profiles import load, save
from intercom_kit.sandbox import Sandbox, serve

from ..conftest import SMALL
from ..live.strangers import Said, always, stranger
from .conftest import client_of, decide

TOKEN = "dG9rOm9mLXRoZS1ldQ=="
Worlds = Callable[..., dict[str, Sandbox]]


@pytest.fixture
def worlds(monkeypatch: pytest.MonkeyPatch) -> Iterator[Worlds]:
    """Put sandboxes in place of Intercom's regional hosts; each is told what its workspace's region is."""
    with ExitStack() as stack:

        def put(**regions: dict[str, str]) -> dict[str, Sandbox]:
            running = {host: stack.enter_context(serve(**SMALL, **options)) for host, options in regions.items()}
            for host, sandbox in running.items():
                monkeypatch.setitem(HOSTS, host, sandbox.base_url)
            return running

        yield put


def requests(sandbox: Sandbox) -> int:
    return sum(sandbox.requests.values())


class TestConnecting:
    def test_finds_the_host_by_what_the_workspace_says(self, worlds: Worlds) -> None:
        """Where the US host answers for the EU, as some say it does."""
        world = worlds(us={"region": "eu", "token": TOKEN}, eu={"region": "eu", "token": TOKEN}, au={})
        with connect(TOKEN) as ws:
            ws.contacts(1)
        assert ws.identity.region == "eu"
        assert world["us"].requests["GET /me"] == 1
        assert requests(world["eu"]) == 2
        assert requests(world["au"]) == 0

    def test_finds_the_host_by_trying_where_others_do_not_know_the_token(self, worlds: Worlds) -> None:
        """Where a host says 401 to the token of another region, as others say it does."""
        world = worlds(us={}, eu={}, au={"region": "au", "token": TOKEN})
        with connect(TOKEN) as ws:
            assert len(ws.contacts(1)) == 1
        assert requests(world["us"]) == requests(world["eu"]) == 1

    def test_a_token_that_no_host_knows_is_refused(self, worlds: Worlds) -> None:
        worlds(us={}, eu={}, au={})
        with pytest.raises(TokenInvalidError):
            connect(TOKEN)

    def test_a_region_that_was_named_is_insisted_on(self, worlds: Worlds) -> None:
        world = worlds(us={"region": "eu", "token": TOKEN}, eu={"region": "eu", "token": TOKEN}, au={})
        with pytest.raises(WrongRegionError, match='region="eu"'):
            connect(TOKEN, region="us")
        assert requests(world["eu"]) == 0

    def test_a_profile_remembers_where_it_was(self, worlds: Worlds) -> None:
        world = worlds(us={"region": "eu", "token": TOKEN}, eu={"region": "eu", "token": TOKEN}, au={})
        with connect(TOKEN) as ws:
            save(ws._credential)
        before = requests(world["us"])
        with connect() as ws:
            assert len(ws.contacts(1)) == 1
        assert requests(world["us"]) == before
        assert load().region == "eu"


class TestLogin:
    def start(self, world: dict[str, Sandbox], region: str, monkeypatch: pytest.MonkeyPatch) -> Login:
        pages = {region: f"{sandbox.base_url}/oauth" for region, sandbox in world.items()}
        monkeypatch.setattr("intercom_kit.auth.oauth.PAGES", pages)
        return begin(client_of(world["us"]), region=region, port=0, https=False)

    def test_ends_at_the_workspaces_own_host(self, worlds: Worlds, monkeypatch: pytest.MonkeyPatch) -> None:
        world = worlds(us={"region": "eu"}, eu={"region": "eu"}, au={})
        monkeypatch.setattr(world["eu"]._credentials, "_valid", world["us"]._credentials._valid)
        login = self.start(world, "us", monkeypatch)
        credential = login.finish(decide(login))
        assert (credential.region, credential.base_url) == ("eu", world["eu"].base_url)

    def test_trades_its_code_in_the_us_whatever_the_region(
        self, worlds: Worlds, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        world = worlds(us={}, eu={"region": "eu"}, au={})
        for part in ("_valid", "_codes", "client_id", "client_secret"):
            monkeypatch.setattr(world["eu"]._credentials, part, getattr(world["us"]._credentials, part))
        login = self.start(world, "eu", monkeypatch)
        assert login.finish(decide(login)).base_url == world["eu"].base_url
        assert world["us"].requests["POST /auth/eagle/token"] == 1
        assert world["eu"].requests["POST /auth/eagle/token"] == 0


def test_a_workspace_that_changes_under_a_profile_is_noticed_before_anything_is_read(worlds: Worlds) -> None:
    world = worlds(us={"token": TOKEN})
    with connect(TOKEN, region="us") as ws:
        save(ws._credential)
    world["us"]._application.workspace.id_code = "zzz999"
    before = requests(world["us"])
    with pytest.raises(OtherWorkspaceError, match="zzz999"):
        connect()
    assert requests(world["us"]) == before + 1


def test_a_stranger_in_place_of_a_region_is_no_workspace(monkeypatch: pytest.MonkeyPatch) -> None:
    with stranger(always(Said('{"type": "admin", "app": {"id_code": "x", "region": "MARS"}}'))) as server:
        monkeypatch.setitem(HOSTS, "us", server.base_url)
        with connect(TOKEN) as ws:
            assert ws.identity.region == "mars"  # as it says; there is no such host to go to
        assert len(server.asked) == 1
