"""Metrics are grouped, filtered and weighed by frames of the caller's own, joined by company or contact."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import intercom_kit as ik
from intercom_kit import Workspace
from intercom_kit.errors import BadMetricError, BadQueryError, BadRequestError

YEAR = {"since": "2020-01-01", "definition": "calendar"}


@pytest.fixture(scope="module")
def accounts(ws: Workspace) -> pd.DataFrame:
    """All companies but the first, with a tier and a revenue of our own."""
    companies = ws.companies()
    numbers = np.arange(len(companies))
    tiers = np.where(numbers % 2, "gold", "silver")
    return pd.DataFrame({"company_id": companies["company_id"], "arr": numbers * 100.0, "tier": tiers}).iloc[1:]


@pytest.fixture(scope="module")
def joined(ws: Workspace, accounts: pd.DataFrame) -> pd.DataFrame:
    """Every conversation with the account of its company, as pandas joins them."""
    own = ws.companies()[["id", "company_id"]].merge(accounts, on="company_id")
    rated = ws.conversations(limit=None)[["id", "company_id", "rating"]]
    return rated.merge(own[["id", "arr", "tier"]], left_on="company_id", right_on="id", how="left")


def by_tier(frame: pd.DataFrame, column: str = "value") -> dict[str, float]:
    groups = frame["accounts.tier"].fillna("none")
    return dict(zip(groups, frame[column].astype(float).round(6), strict=True))


def test_conversations_are_counted_by_a_column_of_a_frame(
    ws: Workspace, accounts: pd.DataFrame, joined: pd.DataFrame
) -> None:
    answer = ws.metric("volume", by="accounts.tier", frames={"accounts": accounts}, **YEAR)
    assert by_tier(answer) == joined["tier"].fillna("none").value_counts().astype(float).to_dict()
    assert len(by_tier(answer)) == 3


def test_intercoms_own_ids_and_names_join_as_well(ws: Workspace, accounts: pd.DataFrame) -> None:
    companies = ws.companies()[["id", "name", "company_id"]]
    expected = by_tier(ws.metric("volume", by="accounts.tier", frames={"accounts": accounts}, **YEAR))
    merged = accounts.merge(companies, on="company_id")
    by_id = merged.assign(company_id=merged["id"])[["company_id", "tier"]]
    by_name = merged.rename(columns={"name": "company_name"})[["company_name", "tier"]]
    for frame in (by_id, by_name.drop_duplicates("company_name")):
        assert by_tier(ws.metric("volume", by="accounts.tier", frames={"accounts": frame}, **YEAR)) == expected


def test_a_weight_sums_up_counts_and_leaves_the_sample_as_it_is(
    ws: Workspace, accounts: pd.DataFrame, joined: pd.DataFrame
) -> None:
    answer = ws.metric("volume", by="accounts.tier", weight="accounts.arr", frames={"accounts": accounts}, **YEAR)
    sums = joined.assign(tier=joined["tier"].fillna("none")).groupby("tier")["arr"].sum()
    assert by_tier(answer) == sums.to_dict()
    assert answer["n"].sum() == len(joined)
    told = answer.attrs["intercom"]["metric"]
    assert (told["unit"], told["weight"]) == ("accounts.arr", "accounts.arr")
    assert told["left_out"] == {"without accounts.arr, which count as 0": int(joined["arr"].isna().sum())}


def test_a_weighted_share_has_no_interval(ws: Workspace, accounts: pd.DataFrame, joined: pd.DataFrame) -> None:
    (row,) = ws.metric("csat", since="2020-01-01", weight="accounts.arr", frames={"accounts": accounts}).to_dict(
        "records"
    )
    rated = joined[joined["rating"].notna()]
    expected = rated.loc[rated["rating"] >= 4, "arr"].sum() / rated["arr"].sum()
    assert row["value"] == pytest.approx(expected)
    assert pd.isna(row["low"])
    assert row["n"] == len(rated)


def test_a_column_of_a_frame_is_a_filter(ws: Workspace, accounts: pd.DataFrame, joined: pd.DataFrame) -> None:
    answer = ws.metric("volume", frames={"accounts": accounts}, **YEAR, **{"accounts.tier": "gold"})
    assert answer["value"].sum() == (joined["tier"] == "gold").sum()


def test_a_lake_does_the_same(ws: Workspace, accounts: pd.DataFrame, tmp_path: Path) -> None:
    ws.export(tmp_path / "lake", ["conversations", "companies"])
    with ik.open(tmp_path / "lake") as lake:
        asked = {"by": "accounts.tier", "weight": "accounts.arr", "frames": {"accounts": accounts}, **YEAR}
        assert by_tier(lake.metric("volume", **asked)) == by_tier(ws.metric("volume", **asked))


@pytest.mark.parametrize(
    ("name", "arguments", "error", "says"),
    [
        ("first_response_time", {"weight": "accounts.arr"}, BadMetricError, "counts and shares can"),
        ("volume", {"weight": "accounts.tier"}, BadMetricError, "not a column of numbers"),
        ("volume", {"by": "accounts.teir"}, BadMetricError, "accounts.tier"),
        ("available_hours", {"since": "7d"}, BadMetricError, "no company and no contact"),
    ],
)
def test_what_cannot_be_weighed_or_joined_is_refused(
    ws: Workspace, accounts: pd.DataFrame, name: str, arguments: dict[str, str], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        ws.metric(name, frames={"accounts": accounts}, **arguments)


@pytest.mark.parametrize(
    ("frames", "says"),
    [
        (lambda accounts: {"accounts": accounts.assign(company_id="1")}, "several rows for company_id '1'"),
        (lambda accounts: {"accounts": accounts[["tier"]]}, "no column that says whose"),
        (lambda accounts: {"company": accounts}, "plain name of its own"),
        (lambda accounts: {"measured": accounts}, "a step of the metric"),
        (lambda accounts: accounts, "by name"),
    ],
)
def test_a_frame_that_would_count_wrongly_is_refused(ws: Workspace, accounts: pd.DataFrame, frames, says: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(BadRequestError, match=says):
        ws.metric("volume", frames=frames(accounts))


def test_behind_says_that_it_has_no_such_frame(ws: Workspace, accounts: pd.DataFrame) -> None:
    answer = ws.metric("volume", by="accounts.tier", frames={"accounts": accounts}, **YEAR)
    with pytest.raises(BadMetricError, match="does not have your accounts"):
        ws.behind(answer, 0)


def test_sql_names_the_argument_for_a_frame_in_scope(ws: Workspace, accounts: pd.DataFrame) -> None:
    mine = accounts
    for ask in (ws.sql, ws.plan):
        with pytest.raises(BadQueryError, match=r'no table mine .*: frames=\{"mine": mine\} makes') as refused:
            ask("select tier from mine")
        assert refused.value.missing == "mine"
    assert len(ws.sql("select tier from mine", frames={"mine": mine})) == len(accounts)
    with pytest.raises(BadQueryError, match=r"no table yours .*: (did you mean|the tables are)"):
        ws.sql("select tier from yours")
