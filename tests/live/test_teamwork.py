"""Teammates' time: what they did, when they were away, and why."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from intercom_kit import (
    BadFilterError,
    BadQueryError,
    BadTimeError,
    PlanRestrictedError,
    Workspace,
    connect,
)
from intercom_kit.sandbox import Sandbox, serve
from intercom_kit.verbs.teamwork import AWAY_PERIODS

from ..conftest import NOW, Begin
from .truth import Record, Truth, moments, told, values

DAY = 86_400
MONTH_AGO = datetime.fromtimestamp(NOW - 30 * DAY, UTC)
AWAY = "admin_away_mode_change"


def test_reasons_for_being_away_come_in_the_order_of_teammates_with_deleted_ones(ws: Workspace, truth: Truth) -> None:
    records = sorted(truth.get("/away_status_reasons")["data"], key=lambda record: record["order"])
    frame = ws.away_status_reasons()
    for column, field in (("id", "id"), ("label", "label"), ("position", "order"), ("deleted", "deleted")):
        assert values(frame, column) == [record[field] for record in records]
    assert (told(frame)["complete"], told(frame)["requests"]) == (True, 1)
    assert list(ws.sql("from away_status_reasons order by position")["id"]) == list(frame["id"])


def test_an_admins_reason_is_joined_as_text(ws: Workspace) -> None:
    away = ws.sql("""
        select a.name, r.label from admins a join away_status_reasons r on r.id = a.away_status_reason_id
        where a.away_mode_enabled
    """)
    assert list(away["label"]) == ["On leave"]


# --- what they did ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def log(truth: Truth) -> list[Record]:
    """The last month of the log, newest first."""
    query: dict[str, Any] = {"created_at_after": NOW - 30 * DAY - 1, "per_page": 100}
    page = truth.get("/admins/activity_logs", **query)
    found: list[Record] = page["activity_logs"]
    for number in range(2, page["pages"]["total_pages"] + 1):
        found += truth.get("/admins/activity_logs", page=number, **query)["activity_logs"]
    return found


@pytest.fixture(scope="module")
def served() -> Iterator[Sandbox]:
    """A sandbox with the same log, whose pages may misbehave."""
    with serve(conversations=600, contacts=200, companies=100, seed=7, now=NOW) as running:
        yield running


def test_the_log_comes_by_its_pages_newest_first(ws: Workspace, log: list[Record]) -> None:
    frame = ws.activity_logs(MONTH_AGO)
    assert sorted(frame["id"]) == sorted(each["id"] for each in log)
    assert frame["created_at"].is_monotonic_decreasing
    records = {each["id"]: each for each in log}
    for row in frame.head(60).itertuples():
        record = records[row.id]
        assert (row.activity_type, row.description) == (record["activity_type"], record["activity_description"])
        assert row.performed_by_id == record["performed_by"]["id"]
        assert (row.performed_by_email, row.performed_by_ip) == (
            record["performed_by"]["email"],
            record["performed_by"]["ip"],
        )
        assert pd.isna(row.metadata) == (record["metadata"] is None)
    assert told(frame)["complete"]
    assert told(frame)["requests"] == -(-len(log) // 100)
    assert told(frame)["misfits"] == {}


def test_bounds_and_types_are_exact(ws: Workspace, log: list[Record]) -> None:
    since, until = NOW - 20 * DAY, log[len(log) // 3]["created_at"]
    span = datetime.fromtimestamp(since, UTC), datetime.fromtimestamp(until, UTC)
    types = ["admin_login_success", "admin_focus_mode_change", "none_such"]
    expected = [each for each in log if since <= each["created_at"] < until]
    assert len(ws.activity_logs(*span)) == len(expected)
    assert len(ws.activity_logs(*span, type=types)) == sum(each["activity_type"] in types for each in expected)
    assert len(ws.activity_logs(*span, type="none_such")) == 0
    assert len(ws.activity_logs(*span, type=[])) == 0


def test_unknown_types_and_what_is_no_away_mode_pass(begin: Begin) -> None:
    entry = {"created_at": NOW - 5, "performed_by": {"type": "admin", "id": "7"}}
    records = [
        {**entry, "id": "a", "activity_type": "never_heard_of", "metadata": {"away_mode": "perhaps", "x": [1]}},
        {**entry, "id": "b", "activity_type": AWAY, "metadata": "text"},
    ]
    _, ws = begin(records={"activity_logs": records})
    frame = ws.activity_logs(MONTH_AGO).set_index("id")
    assert frame.loc["a", "metadata"] == '{"away_mode":"perhaps","x":[1]}'
    assert frame["away_mode"].isna().all()
    assert told(frame)["misfits"] == {"away_mode": 1}
    assert len(ws.away_periods(MONTH_AGO)) == 0


def test_the_newest_few_take_one_request(ws: Workspace, log: list[Record]) -> None:
    frame = ws.activity_logs(MONTH_AGO, limit=3)
    assert moments(frame, "created_at") == [each["created_at"] for each in log[:3]]
    assert (told(frame)["complete"], told(frame)["why"], told(frame)["requests"]) == (False, "limit=3", 1)


def test_sql_hands_on_the_bounds_of_time(ws: Workspace, sandbox: Sandbox, log: list[Record]) -> None:
    query = f"select count(*) as n from activity_logs where created_at >= '{MONTH_AGO + timedelta(days=20)}'"
    expected = sum(each["created_at"] >= NOW - 10 * DAY for each in log)
    pages = -(-expected // 100)
    plan = ws.plan(query)
    assert (plan["requests"].tolist(), plan["local"].tolist()) == ([pages], [""])
    before = sandbox.requests.total()
    counted = ws.sql(query)
    assert counted["n"].tolist() == [expected]
    assert told(counted)["requests"] == sandbox.requests.total() - before == pages
    held = ws.sql(query.replace(">=", ">"), fresh="session")
    assert told(held)["requests"] == 0


SHAPES = (
    "select count(*) from activity_logs where created_at between $a and $b",
    "select count(*) from activity_logs where created_at >= $a and created_at < $b or created_at > $c",
    "select count(*) from activity_logs x join activity_logs y using (performed_by_id) "
    "where x.created_at > $b and y.created_at > $c and y.created_at > x.created_at",
    "select id from activity_logs where created_at > $a order by created_at desc, id limit 5",
    "select metadata->>'source' as s, count(*) from activity_logs where created_at > $c group by all order by all",
    "select count(*) from activity_logs where created_at > $a and not (away_mode or created_at < $b)",
)


@pytest.mark.parametrize("query", SHAPES)
def test_queries_give_what_duckdb_gives_over_the_whole_log(ws: Workspace, query: str) -> None:
    bounds = {name: MONTH_AGO + timedelta(days=days) for name, days in (("a", 3), ("b", 12), ("c", 24))}
    params = {name: bound for name, bound in bounds.items() if f"${name}" in query}
    with duckdb.connect() as database:
        database.execute("set TimeZone = 'UTC'")
        database.register("activity_logs", pd.DataFrame(ws.activity_logs(MONTH_AGO)))
        expected = database.execute(query, params).fetchall()
    rows = ws.sql(query, params).itertuples(index=False, name=None)
    assert [tuple(None if pd.isna(value) else value for value in row) for row in rows] == expected


@pytest.mark.parametrize("fault", ["next_dropped", "cursor_stuck", "empty_pages", "next_forever", "page_repeated"])
def test_pages_that_misbehave_give_every_row_or_are_declared(served: Sandbox, log: list[Record], fault: str) -> None:
    with connect(served.token, base_url=served.base_url) as ws:
        served.faults.set(fault, 1.0)
        frame = ws.activity_logs(MONTH_AGO)
        served.faults.clear()
    assert 0 < len(frame) <= len(log)
    assert told(frame)["complete"] == (len(frame) == len(log)) == (fault in ("next_forever", "page_repeated"))


@pytest.mark.parametrize(
    "where", ["", "where created_at < now()", "where activity_type = 'x'", "where id = 'x' or created_at > now()"]
)
def test_sql_without_a_beginning_is_refused_with_a_proposal(ws: Workspace, where: str) -> None:
    for asked in (ws.sql, ws.plan):
        with pytest.raises(BadQueryError, match=r"created_at > now\(\) - interval 30 day"):
            asked(f"select * from activity_logs {where}")


def test_a_query_that_needs_too_many_pages_ends_after_the_first(ws: Workspace) -> None:
    with pytest.raises(BadQueryError, match=r"max_requests=2") as caught:
        ws.sql(f"from activity_logs where created_at > '{MONTH_AGO}'", max_requests=2)
    assert caught.value.plan["requests"].tolist() > [2]


def test_arguments_that_make_no_sense_are_refused(ws: Workspace) -> None:
    with pytest.raises(BadTimeError, match="swap"):
        ws.activity_logs("1d", "2d")
    with pytest.raises(BadFilterError, match="activity_type"):
        ws.activity_logs(type=[5])  # type: ignore[list-item]


def test_a_plan_without_activity_logs_is_told_as_that(begin: Begin) -> None:
    _, ws = begin(missing_features=["activity_logs"])
    for ask in (ws.activity_logs, ws.away_periods, lambda: ws.plan("from activity_logs where created_at > now()")):
        with pytest.raises(PlanRestrictedError, match="include activity logs"):
            ask()


def test_who_did_what_is_personal(sandbox: Sandbox) -> None:
    personal = ["description", "performed_by_email", "performed_by_ip", "metadata"]
    with connect(sandbox.token, base_url=sandbox.base_url, privacy="none") as ws:
        frame = ws.activity_logs(MONTH_AGO)
        assert frame[personal[1:]].isna().all(axis=None)
        assert set(frame["description"]) == {"[removed]"}
        assert len(ws.away_periods(MONTH_AGO)) > 0


# --- when they were away ------------------------------------------------------------------------

START = NOW - DAY


def change(at: int, away: bool, reason: str | None = None, admin: str = "1", **more: Any) -> Record:
    """An entry some seconds after the start."""
    metadata = {"away_mode": away, "away_status_reason": reason, "auto_changed": "false", "update_by": int(admin)}
    return {
        "id": f"{admin} {at} {away}",
        "created_at": START + at,
        "activity_type": AWAY,
        "performed_by": {"type": "admin", "id": admin},
        "metadata": {**metadata, **more},
    }


@pytest.mark.parametrize(
    ("changes", "periods"),
    [
        ([], []),
        ([(60, True), (900, False)], [(60, 900)]),
        ([(60, True)], [(60, None)]),
        ([(60, False)], [(None, 60)]),
        ([(60, False), (90, False), (200, True)], [(None, 60), (200, None)]),
        ([(60, True), (70, True), (900, False)], [(60, 900)]),
        ([(60, True), (897, True), (900, False)], [(60, 900)]),
        ([(60, True), (62, True), (64, True), (900, False)], [(64, 900)]),
        ([(60, True), (64, False), (200, True)], [(None, 64), (200, None)]),
        ([(60, True, "Lunch"), (500, True, "Leave"), (900, False)], [(60, 500), (500, 900)]),
    ],
    ids=[
        "nothing",
        "there and back",
        "still away",
        "away before",
        "back twice",
        "twice the same",
        "a duplicate before the return",
        "three in a row",
        "a slip",
        "another reason",
    ],
)
def test_a_period_runs_from_going_away_to_the_return(
    begin: Begin, changes: list[tuple[Any, ...]], periods: list[tuple[int | None, int | None]]
) -> None:
    other = [change(1, True, admin="2"), change(2_000, False, admin="2")]
    _, ws = begin(records={"activity_logs": [*other, *(change(*each) for each in changes)]})
    frame = ws.away_periods(datetime.fromtimestamp(START, UTC))
    found = {
        admin: [
            tuple(None if moment is None else moment - START for moment in pair)
            for pair in zip(moments(rows, "began"), moments(rows, "ended"), strict=True)
        ]
        for admin, rows in frame.groupby("admin_id")
    }
    assert found == {"2": [(1, 2_000)]} | ({"1": periods} if periods else {})


def test_a_period_says_why_and_how(begin: Begin) -> None:
    changes = [
        change(10, True, "Lunch"),
        change(20, False),
        change(30, True, update_by=9),
        change(40, False),
        change(50, True, auto_changed="true", update_by=None),
    ]
    _, ws = begin(records={"activity_logs": changes})
    frame = ws.away_periods(datetime.fromtimestamp(START, UTC))
    assert values(frame, "reason") == ["Lunch", None, None]
    assert values(frame, "how") == ["teammate", "somebody else", "inactivity"]


def test_periods_agree_with_who_is_away_now_and_never_overlap(ws: Workspace) -> None:
    frame = ws.away_periods(MONTH_AGO)
    admins = ws.admins().dropna(subset="job_title")
    assert set(frame[frame["ended"].isna()]["admin_id"]) == set(admins[admins["away_mode_enabled"]]["id"])
    for _, rows in frame.groupby("admin_id"):
        assert (rows["began"].iloc[1:].reset_index(drop=True) >= rows["ended"].iloc[:-1].reset_index(drop=True)).all()
        assert rows["began"].iloc[1:].notna().all()


def test_the_documentation_shows_the_query_of_the_periods() -> None:
    page = Path(__file__).parents[2] / "docs" / "sql.md"
    assert AWAY_PERIODS.strip() in page.read_text(encoding="utf-8")
