"""A connection that ends: on purpose, or because Intercom takes the token back."""

import pytest

from intercom_kit import IntercomError, NotConnectedError, TokenInvalidError, connect
from intercom_kit.auth.profiles import load, profiles

from ..conftest import Begin
from .conftest import Stored


class TestDisconnecting:
    def test_forgets_the_profile_and_closes(self, stored: Stored) -> None:
        stored()
        ws = connect()
        ws.disconnect()
        assert profiles() == []
        for call in (ws.contacts, lambda: ws.sql("select 1"), lambda: ws.events("x"), ws.teams):
            with pytest.raises(NotConnectedError, match=r"Not connected.*intercom-kit login.*ConnectPanel"):
                call()
        with pytest.raises(NotConnectedError):
            connect()

    def test_leaves_the_token_alive_unless_told(self, stored: Stored) -> None:
        sandbox, _ = stored()
        token = load().token
        connect().disconnect()
        with connect(token.reveal(), base_url=sandbox.base_url) as ws:
            assert len(ws.contacts(1)) == 1

    def test_can_have_intercom_take_the_token_back(self, stored: Stored) -> None:
        sandbox, _ = stored()
        token = load().token
        connect().disconnect(revoke=True)
        assert sandbox.requests["POST /auth/uninstall"] == 1
        with pytest.raises(TokenInvalidError, match="was revoked"):
            connect(token.reveal(), base_url=sandbox.base_url)

    @pytest.mark.usefixtures("quick")
    def test_where_revoking_fails_nothing_is_lost(self, stored: Stored) -> None:
        sandbox, _ = stored()
        with connect(patience=0.1) as ws:
            sandbox.close()
            with pytest.raises(IntercomError, match="could not be reached"):
                ws.disconnect(revoke=True)
        assert len(profiles()) == 1

    def test_leaves_other_profiles_alone(self, stored: Stored, begin: Begin) -> None:
        stored()
        _, ws = begin()
        ws.disconnect()
        ws.disconnect()
        assert len(profiles()) == 1


class TestRevokedMeanwhile:
    def test_says_not_connected_and_how_to_go_on(self, begin: Begin) -> None:
        sandbox, ws = begin()
        sandbox.revoke(sandbox.token)
        with pytest.raises(NotConnectedError, match=r"Not connected: .* was revoked .* Connect again .*login"):
            ws.contacts()

    def test_loses_nothing_that_was_fetched(self, begin: Begin) -> None:
        sandbox, ws = begin()
        query = "select count(*) as n from contacts"
        before = ws.sql(query)
        sandbox.revoke(sandbox.token)
        with pytest.raises(NotConnectedError):
            ws.sql(query)
        assert ws.sql(query, fresh="session")["n"].item() == before["n"].item() > 0
        assert len(ws.fetches) > 0


class TestExpiring:
    """Intercom's tokens never expire and come without a refresh token; these do, to be ready for those that do."""

    def test_a_token_is_renewed_before_it_expires(self, stored: Stored) -> None:
        sandbox, _ = stored(token_seconds=30)  # within the margin from the start
        first = load().token.reveal()
        with connect() as ws:
            assert len(ws.contacts(1)) == 1
        assert all(logged.status == 200 for logged in sandbox.log if logged.path != "/oauth")
        assert load().token.reveal() != first

    def test_a_refused_token_is_renewed_once_and_kept(self, stored: Stored) -> None:
        sandbox, _ = stored(token_seconds=3600)
        first = load().token.reveal()
        with connect() as ws:
            sandbox.revoke(first)
            before = sandbox.requests["POST /auth/eagle/token"]
            assert len(ws.contacts(1)) == 1
            assert len(ws.events(ws.contacts())) > 0  # many at once
            assert sandbox.requests["POST /auth/eagle/token"] == before + 1
        assert load().token.reveal() != first
        with connect() as ws:
            assert len(ws.contacts(1)) == 1

    def test_many_requests_that_are_refused_together_renew_it_once(self, stored: Stored) -> None:
        sandbox, _ = stored(token_seconds=3600)
        with connect() as ws:
            contacts = ws.contacts()
            before = sandbox.requests["POST /auth/eagle/token"]
            sandbox.revoke(load().token.reveal())
            ws.events(contacts)
            assert sandbox.requests["POST /auth/eagle/token"] == before + 1

    def test_one_that_cannot_be_renewed_is_said_to_be_dead(self, stored: Stored) -> None:
        sandbox, _ = stored(token_seconds=3600)
        with connect() as ws:
            sandbox.revoke(load().token.reveal())
            sandbox._credentials._refresh_tokens.clear()
            for _ in range(2):
                with pytest.raises(TokenInvalidError, match="was revoked"):
                    ws.contacts()
            assert sandbox.requests["POST /auth/eagle/token"] == 2
