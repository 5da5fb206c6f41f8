"""A page remembers its numbers, and the next one says which of them are others."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from bs4 import BeautifulSoup

from intercom_kit.notebook.pages.changes import changes, kept
from intercom_kit.notebook.pages.numbers import numbers
from tests.charts import made as frames


def number(value: float, low: float | None = None, high: float | None = None, **others: Any) -> dict[str, Any]:
    about = {"metric": "csat", "title": "Satisfaction", "unit": "share", "definition": "intercom", "period": "week"}
    return {
        **about,
        "filters": {},
        "groups": {},
        "at": None,
        "value": value,
        "low": low,
        "high": high,
        "n": 20,
        **others,
    }


def compared(folder: Path, before: list[dict[str, Any]], now: list[dict[str, Any]]) -> BeautifulSoup:
    file = folder / "week.json"
    file.write_text(kept("week", "23 November", before))
    return BeautifulSoup(changes(file, now), "html.parser")


def cells(made: BeautifulSoup) -> list[list[str]]:
    return [[cell.get_text() for cell in row.find_all("td")] for row in made.select("tbody tr")]


def test_the_latest_whole_week_of_each_group_is_a_number() -> None:
    found = numbers({"waits": frames.WAITS, "_hidden": frames.RATINGS, "ws": object()})
    assert [each["metric"] for each in found] == [frames.WAITS.attrs["intercom"]["metric"]["name"]]
    whole = frames.WAITS[frames.WAITS["complete"]]
    assert found[0]["at"] == whole["period"].iloc[-1].isoformat()
    by_team = numbers({"ratings": frames.RATINGS})
    assert next(each["groups"] for each in by_team).keys() == {"team"}
    assert len(by_team) == len(frames.RATINGS)


def test_a_frame_that_is_no_metric_or_was_computed_has_no_numbers() -> None:
    computed = frames.RATINGS.copy()
    computed.attrs["intercom"] = computed.attrs["intercom"] | {"here": "computed here"}
    assert numbers({"own": pd.DataFrame({"value": [1], "n": [1]}), "computed": computed, "text": "x"}) == []


def test_a_number_that_changed_stands_beside_the_one_before(tmp_path: Path) -> None:
    made = compared(tmp_path, [number(0.8, 0.7, 0.9)], [number(0.5, 0.4, 0.6)])
    assert "Compared with the page made on 23 November: 1 of 1 numbers are others." in made.get_text()
    assert cells(made) == [["Satisfaction", "80%", "50%", "-38%", "clear"]]


def test_a_change_within_either_interval_is_not_clear(tmp_path: Path) -> None:
    made = compared(tmp_path, [number(0.8, 0.4, 0.9)], [number(0.5, 0.4, 0.6)])
    assert cells(made)[0][-1] == ""


def test_changes_of_groups_are_folded_unless_they_are_clear(tmp_path: Path) -> None:
    email, phone = {"groups": {"channel": "email"}}, {"groups": {"channel": "phone_call"}}
    before = [number(0.8, 0.7, 0.9, **email), number(0.8, **phone)]
    made = compared(tmp_path, before, [number(0.5, 0.4, 0.6, **email), number(0.5, **phone)])
    assert [row.find("td").get_text() for row in made.select("details tbody tr")] == ["Satisfaction, Phone"]
    assert cells(made)[0][0] == "Satisfaction, Email"


def test_numbers_are_the_same_only_by_definition_group_and_filter(tmp_path: Path) -> None:
    made = compared(
        tmp_path, [number(0.8), number(0.8, definition="dbt")], [number(0.8), number(0.7, filters={"a": 1})]
    )
    assert made.get_text() == "Compared with the page made on 23 November: 0 of 1 numbers are others, and 1 is new."


def test_the_first_page_has_none_to_be_compared_with(tmp_path: Path) -> None:
    assert "This is the first page" in changes(tmp_path / "week.json", [number(1)])


@pytest.mark.parametrize("text", ["", "[]", '{"form": 1, "numbers": [{"value": 1}]}', '{"form": 2}', "\ud800"])
def test_a_file_that_is_no_page_of_numbers_is_told(tmp_path: Path, text: str) -> None:
    file = tmp_path / "week.json"
    file.write_bytes(text.encode(errors="surrogatepass"))
    assert "week.json, cannot be read: this page begins anew" in changes(file, [number(1)])


def test_names_that_are_html_are_escaped(tmp_path: Path) -> None:
    team = {"groups": {"team": "<b>A</b>"}}
    assert not compared(tmp_path, [number(1, **team)], [number(0.5, **team)]).find("b")
