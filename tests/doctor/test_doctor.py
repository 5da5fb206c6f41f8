"""What the doctor finds out, what it leaves open and why, and what it does where Intercom does not answer."""

import itertools
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pytest

from intercom_kit import BadRequestError, ConnectionFailedError, NotConnectedError
from intercom_kit.api.behaviours import registry
from intercom_kit.doctor import lists, operators, searching
from intercom_kit.doctor.events import FEW_EVENTS, NOBODY
from intercom_kit.doctor.printed import printed
from intercom_kit.doctor.questions import FAILED, NO_BUDGET, NOT_PERMITTED, PLAN, RATE_LIMITED
from intercom_kit.doctor.report import MOST
from intercom_kit.doctor.results import NO_CHECK, UNREADABLE
from intercom_kit.sandbox import Sandbox, serve
from intercom_kit.search.learning import EITHER
from intercom_kit.tables import CONVERSATIONS

from ..conftest import NOW, Begin
from .conftest import examined, results

HOUR, DAY = 3600, 86_400
WINTER = int(datetime(2026, 11, 20, 12, tzinfo=UTC).timestamp())
SUMMER = int(datetime(2026, 7, 14, 12, tzinfo=UTC).timestamp())
OF_SEARCHES = ("search-days", "sort", "bounds", "date-operators", "in-operator", "index-lag", "tilde")


def conversations(*moments: int) -> dict[str, list[dict[str, Any]]]:
    """Make conversations that were created at these moments, the last one being the one that changed last."""
    return {
        "conversations": [
            {"id": str(1000 + place), "created_at": moment, "updated_at": moment + place % 7}
            for place, moment in enumerate(moments)
        ]
    }


def endpoint(report: pd.DataFrame, name: str) -> dict[str, Any]:
    return next(each for each in report.attrs["doctor"]["endpoints"] if each["endpoint"] == name)


class TestReport:
    def test_every_behaviour_has_a_row_for_each_of_its_objects(self, busy: Sandbox) -> None:
        report = examined(busy)
        expected = [(each.name, kind) for each in registry().values() for kind in each.objects or ("",)]
        assert list(zip(report["behaviour"], report["object"], strict=True)) == expected
        assert report.columns.tolist() == [
            "behaviour",
            "object",
            "documented",
            "measured",
            "found",
            "note",
            "at",
            "matters",
        ]

    def test_what_was_not_found_has_a_reason_and_what_was_found_a_day(self, busy: Sandbox) -> None:
        report = examined(busy)
        assert NO_CHECK not in set(report["note"])
        assert (report["found"].isna() <= (report["note"] != "")).all()
        assert (report["at"].isna() == report["found"].isna()).all()

    def test_what_reading_does_not_show_is_not_tried(self, busy: Sandbox) -> None:
        told = results(examined(busy))
        assert {name: told[name, ""] for name in UNREADABLE} == {name: (None, why) for name, why in UNREADABLE.items()}

    def test_what_has_no_choices_is_told_too(self, busy: Sandbox) -> None:
        busy.behaves("documented")
        told = results(examined(busy))
        assert told["events-page", ""] == ("15 by default", "")
        assert told["companies-beyond", ""][0] == "refused (400 page_limit_reached)"
        assert told["list-order", "conversations"][0] == "updated_at descending"
        assert told["list-order", "contacts"][0] == "created_at ascending"
        assert told["text-match", ""][0] == "tells upper case from lower"
        assert "400 page_limit_reached" in (told["error-codes", ""][0] or "")
        assert told["admin-avatar", ""] == (None, lists.NO_AVATAR)

    def test_timings_limits_region_and_versions_are_told(self, begin: Begin) -> None:
        _, ws = begin(latency=0.02, rate_limit=900)
        seen = ws.doctor().attrs["doctor"]
        assert 0.02 <= seen["seconds"]["median"] <= seen["seconds"]["max"]
        assert (seen["rate_limit"], seen["region"], seen["host"]) == (900, "us", "another")
        assert seen["api_version"] == {"asked": "2.16", "answered": "2.16"}

    def test_the_receipt_and_the_account_count_the_requests(self, begin: Begin) -> None:
        sandbox, ws = begin()
        sandbox.log.clear()
        report = ws.doctor()
        assert report.receipt.startswith(f"doctor: {len(report)} rows · complete · {len(sandbox.log)} requests · ")
        assert ws.fetches["requests"].tolist() == [len(sandbox.log)]


class TestFindings:
    def test_are_used_by_the_session(self, begin: Begin) -> None:
        _, ws = begin(conversations=100, behaves="conversations.search-days=utc,conversations.sort=ignored")
        ws.doctor()
        status = ws.status().set_index(["behaviour", "object"])["found"]
        assert status["search-days", "conversations"] == "utc"
        assert status["events-next", ""] == "null"
        assert ws._session.learning.knows(CONVERSATIONS)

    def test_of_before_are_told_where_nothing_shows_them_now(self, begin: Begin) -> None:
        _, ws = begin(records={})
        ws._session.learning.saw("sort", "ignored", CONVERSATIONS)
        told = results(ws.doctor())
        assert told["sort", "conversations"] == ("ignored", f"found before; now {searching.TOO_FEW}")

    def test_the_longest_lag_that_was_seen_stays(self, begin: Begin) -> None:
        sandbox, ws = begin(conversations=100, behaves="index-lag=3000", now=None)
        ws._session.learning.saw("index-lag", "2000", CONVERSATIONS)
        id = sandbox.workspace.conversations.id_of(0)
        sandbox.upsert("conversations", {"id": id, "updated_at": int(sandbox.clock()) - 90})
        ws.doctor()
        assert ws._session.learning.findings.of("index-lag", "conversations") == "2000"


@pytest.mark.parametrize("bounds", ["open", "closed"])
class TestDays:
    """All newest conversations are of a winter, when the days of Dublin are those of UTC."""

    @pytest.mark.parametrize("days", ["seconds", "utc", "workspace"])
    def test_are_told_by_rows_of_the_other_half_of_the_year(self, begin: Begin, days: str, bounds: str) -> None:
        summer = [SUMMER + number * 7 * HOUR for number in range(12)]
        winter = [WINTER - number * 613 for number in range(180)]
        _, ws = begin(records=conversations(*summer, *winter), behaves=f"search-days={days},bounds={bounds}")
        report = ws.doctor()
        assert results(report)["search-days", "conversations"] == (days, "")
        assert report.attrs["doctor"]["requests"] <= MOST

    @pytest.mark.parametrize("days", ["seconds", "utc", "workspace"])
    def test_are_told_from_seconds_alone_where_there_are_no_such_rows(
        self, begin: Begin, days: str, bounds: str
    ) -> None:
        winter = [WINTER - number * 613 for number in range(180)]
        _, ws = begin(records=conversations(*winter), behaves=f"search-days={days},bounds={bounds}")
        told = results(ws.doctor())
        expected = ("seconds", "") if days == "seconds" else (EITHER, searching.NO_ROW_TELLS)
        assert told["search-days", "conversations"] == expected
        assert told["bounds", "conversations"] == (bounds, "")

    def test_are_those_of_utc_where_the_workspace_never_has_others(self, begin: Begin, bounds: str) -> None:
        sandbox, _ = begin(conversations=100, behaves=f"search-days=workspace,bounds={bounds}")
        sandbox.workspace.timezone = "Atlantic/Reykjavik"
        assert results(examined(sandbox))["search-days", "conversations"] == ("utc", searching.SAME_DAYS)

    def test_are_left_open_where_the_timezone_is_unknown(self, begin: Begin, bounds: str) -> None:
        sandbox, _ = begin(
            conversations=100, behaves=f"search-days=utc,bounds={bounds}", missing_scopes=["read_admins"]
        )
        told = results(examined(sandbox))
        assert told["search-days", "conversations"] == (EITHER, searching.NO_ZONE)


class TestOrder:
    def test_that_is_ignored_is_not_taken_for_honoured_because_it_happens_to_be_the_one_asked_for(
        self, begin: Begin
    ) -> None:
        moments = [WINTER - 400 * DAY + number * 9 * HOUR for number in range(100)]
        people = [
            {"id": f"{number:024x}", "role": "user", "created_at": at, "updated_at": at, "last_seen_at": at}
            for number, at in enumerate(moments)
        ]
        sandbox, ws = begin(records={"contacts": people}, behaves="contacts.sort=ignored")
        assert results(ws.doctor())["sort", "contacts"] == ("ignored", "")
        sandbox.behaves("contacts.sort=honoured")
        assert results(examined(sandbox))["sort", "contacts"] == ("honoured", "")


class TestPages:
    @pytest.mark.parametrize("over", ["clip", "refuse"])
    def test_are_asked_of_conversations_where_contacts_may_not_be_read(self, begin: Begin, over: str) -> None:
        _, ws = begin(missing_scopes=["read_users_and_companies"], behaves=f"per-page-over={over}")
        assert results(ws.doctor())["per-page-over", ""] == (over, "tested on conversations")


class TestEvents:
    @staticmethod
    def people(events: int) -> dict[str, list[dict[str, Any]]]:
        """Make two contacts, of which the one seen last has no events, and the other these."""
        contacts = [
            {"id": id, "role": "user", "created_at": NOW - DAY, "last_seen_at": NOW - place * HOUR}
            for place, id in enumerate(("b", "a"))
        ]
        happened = [
            {"id": str(number), "event_name": "e", "created_at": NOW - number, "intercom_user_id": "a"}
            for number in range(events)
        ]
        return {"contacts": contacts, "events": happened}

    @pytest.mark.parametrize("before", ["open", "closed"])
    @pytest.mark.parametrize(("events", "page"), [(3, None), (16, "15 by default"), (200, "15 by default, {} where")])
    def test_of_few_or_many_show_both_ends_of_a_page(
        self, begin: Begin, before: str, events: int, page: str | None
    ) -> None:
        _, ws = begin(records=self.people(events), behaves=f"events-before={before},events-next=absent")
        told = results(ws.doctor())
        assert told["events-before", ""] == (before, "")
        found = told["events-page", ""][0]
        assert found is None if page is None else str(found).startswith(page.format(150))
        assert told["events-next", ""][0] == "absent"

    def test_that_are_too_few_show_how_a_list_ends_alone(self, begin: Begin) -> None:
        _, ws = begin(records=self.people(2))
        told = results(ws.doctor())
        assert told["events-next", ""] == ("null", "")
        assert told["events-before", ""] == told["events-page", ""] == (None, FEW_EVENTS)


class TestPermissions:
    def test_that_are_missing_for_conversations_leave_the_rest(self, begin: Begin) -> None:
        _, ws = begin(conversations=100, contacts=100, missing_scopes=["read_conversations"])
        report = ws.doctor()
        told = results(report)
        for name in OF_SEARCHES:
            found, note = told[name, "conversations"]
            assert found is None
            assert note.startswith(NOT_PERMITTED)
        assert told["search-days", "contacts"] == ("workspace", "")
        assert told["empty-bound", ""] == ("refuse", "tested on contacts")
        assert told["missing-scope", ""][1].startswith(lists.ONE_MISSING)
        assert endpoint(report, "GET /conversations")["state"] == "no permission"
        assert endpoint(report, "GET /conversations")["permission"] == "Read conversations"
        assert endpoint(report, "GET /contacts")["state"] == "answers"

    @pytest.mark.parametrize("status", ["401", "403", "either"])
    def test_that_are_missing_are_answered_as_two_of_them_show(self, begin: Begin, status: str) -> None:
        scopes = ["read_conversations", "read_tags"]
        _, ws = begin(missing_scopes=scopes, behaves=f"missing-scope={status}")
        assert results(ws.doctor())["missing-scope", ""] == (status, "")

    @pytest.mark.parametrize(
        ("choice", "expected"), [("visible", ("visible", "")), ("hidden", (None, lists.NO_TICKET))]
    )
    def test_that_are_missing_for_tickets_show_them_among_conversations_or_not(
        self, begin: Begin, choice: str, expected: tuple[str | None, str]
    ) -> None:
        records = conversations(*range(WINTER, WINTER + 30))
        records["conversations"][3]["ticket"] = {"id": "7"}
        _, ws = begin(records=records, behaves=f"tickets={choice}", missing_scopes=["read_tickets"])
        told = results(ws.doctor())
        assert told["tickets", ""] == expected
        assert told["sort", "tickets"][1] == f"{NOT_PERMITTED} “Read tickets” (401)"

    def test_all_missing_are_no_failure(self, begin: Begin) -> None:
        scopes = "read_users_and_companies read_conversations read_tags read_admins read_events read_tickets "
        scopes += "read_articles read_admin_activity_logs"
        _, ws = begin(missing_scopes=[*scopes.split(), "export_reporting_data"])
        report = ws.doctor()
        assert {each["state"] for each in report.attrs["doctor"]["endpoints"]} == {"no permission"}
        assert report["found"].notna().sum() == 1
        assert results(report)["missing-scope", ""] == ("either", "")

    def test_the_reports_of_the_workspace_are_listed(self, begin: Begin) -> None:
        _, ws = begin()
        report = ws.doctor()
        assert {"conversation", "conversation_rating_sent", "tickets"} <= set(report.attrs["doctor"]["datasets"])
        assert "Reports that prove() can use: conversation, " in printed(report)
        _, without = begin(missing_features=["reporting"])
        assert without.doctor().attrs["doctor"]["datasets"] == []

    def test_the_plan_may_leave_conversations_out(self, begin: Begin) -> None:
        _, ws = begin(plan_restricted=True)
        report = ws.doctor()
        assert results(report)["sort", "conversations"] == (None, f"{PLAN} (403)")
        assert endpoint(report, "GET /conversations")["state"] == "not in the plan"


class TestEmptyWorkspace:
    def test_shows_what_it_can_and_says_why_not_the_rest(self, begin: Begin) -> None:
        words = "per-page-over=clip,empty-bound=accept,date-operators=accept,contacts.date-operators=refuse"
        _, ws = begin(records={}, behaves=words)
        told = results(ws.doctor())
        assert told["per-page-over", ""][0] == "clip"
        assert told["empty-bound", ""][0] == "accept"
        for kind in ("contacts", "conversations", "tickets"):
            assert told["date-operators", kind] == ("refuse" if kind == "contacts" else "accept", "")
            assert told["in-operator", kind] == (None, operators.NO_ROWS)
            assert told["tilde", kind] == (None, operators.NO_WORDS)
            for name in ("search-days", "sort", "bounds", "index-lag"):
                assert told[name, kind] == (None, searching.TOO_FEW)
        assert told["events-next", ""] == (None, NOBODY)
        assert told["list-order", "contacts"] == (None, lists.NO_ORDER)


class TestBudget:
    @pytest.mark.parametrize("most", [1, 2, 7, 15])
    def test_what_is_not_reached_is_not_tried(self, busy: Sandbox, most: int) -> None:
        report = examined(busy, max_requests=most)
        assert len(busy.log) == report.attrs["doctor"]["requests"] == most
        assert NO_BUDGET in set(report["note"])
        assert report["note"].ne("").mean() > 0.4

    @pytest.mark.parametrize("most", [0, -1, 41])
    def test_is_forty_requests_at_most(self, ws: Any, most: int) -> None:
        with pytest.raises(BadRequestError, match="from 1 to 40"):
            ws.doctor(max_requests=most)

    @pytest.mark.usefixtures("quick")
    @pytest.mark.parametrize("fault", ["500", "429", "html", "drop", "truncate"])
    def test_counts_what_is_asked_again(self, begin: Begin, fault: str) -> None:
        sandbox, ws = begin(conversations=60, contacts=60)
        sandbox.log.clear()
        sandbox.faults.set(fault, 0.4)
        try:
            report = ws.doctor()
        except ConnectionFailedError:
            assert len(sandbox.log) <= 3
            return
        assert len(sandbox.log) <= report.attrs["doctor"]["requests"] <= MOST
        assert len(report) == sum(len(each.objects or "1") for each in registry().values())

    @pytest.mark.usefixtures("quick")
    def test_a_part_that_fails_leaves_the_others(self, begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
        sandbox, ws = begin(conversations=100, contacts=100)
        sandbox.faults.set("503", 1)
        with pytest.raises(ConnectionFailedError):
            ws.doctor()
        sandbox.faults.clear()
        calls = itertools.count()
        monkeypatch.setattr(sandbox.faults, "replacement", lambda: "503" if next(calls) in (2, 3, 4) else None)
        told = results(ws.doctor())
        assert told["sort", "conversations"] == (None, f"{FAILED}: HTTP 503")
        assert told["sort", "contacts"] == ("honoured", "")


class TestRateLimit:
    @pytest.mark.usefixtures("quick")
    def test_is_waited_for(self, begin: Begin) -> None:
        sandbox, ws = begin(conversations=100, contacts=100, rate_limit=8)
        sandbox.log.clear()
        report = ws.doctor()
        assert results(report)["search-days", "contacts"] == ("workspace", "")
        assert not [each for each in sandbox.log if each.status == 429]
        assert report.attrs["doctor"]["rate_limit"] == 8

    def test_that_lasts_longer_than_patience_leaves_the_rest_untried(self, begin: Begin) -> None:
        sandbox, ws = begin(conversations=100, rate_limit=6, patience=0.2, clock=lambda: float(NOW))
        sandbox.log.clear()
        report = ws.doctor()
        assert len(sandbox.log) <= 6
        assert RATE_LIMITED in set(report["note"])


class TestConnection:
    @pytest.mark.usefixtures("quick")
    def test_that_is_down_is_a_typed_error(self, begin: Begin) -> None:
        sandbox, ws = begin()
        sandbox.close()
        with pytest.raises(ConnectionFailedError, match="could not be reached"):
            ws.doctor()

    def test_that_was_closed_is_said(self) -> None:
        from intercom_kit import connect

        with serve(conversations=3, contacts=3, companies=1) as sandbox:
            ws = connect(sandbox.token, base_url=sandbox.base_url)
            ws.close()
            with pytest.raises(NotConnectedError):
                ws.doctor()

    def test_whose_token_is_revoked_meanwhile_is_said(self, begin: Begin) -> None:
        sandbox, ws = begin()
        sandbox.revoke(sandbox.token)
        with pytest.raises(NotConnectedError):
            ws.doctor()
