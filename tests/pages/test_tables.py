"""Tables of a page are aligned, sortable and named, whichever library wrote them."""

import pandas as pd
import pytest
from bs4 import BeautifulSoup, Tag

from intercom_kit.frames.linked import table_html
from intercom_kit.notebook.pages.tables import readable

FRAME = pd.DataFrame(
    {
        "id": ["7", "12"],
        "team": ["Billing", "Support"],
        "wait": ["45 min", "1.5 h"],
        "value": [1_234.5, None],
        "at": pd.to_datetime(["2026-11-09 08:30", "2026-11-10 09:00"], utc=True),
        "week": pd.to_datetime(["2026-11-09", "2026-11-16"], utc=True),
    }
)


def treated(html: str) -> Tag:
    soup = BeautifulSoup(html, "html.parser")
    readable(soup)
    return soup


@pytest.fixture(scope="module")
def table() -> Tag:
    return treated(table_html(FRAME, {"id": "https://app.example/"}))


def column(table: Tag, place: int) -> list[Tag]:
    return [row.find_all(["td", "th"])[place] for row in table.select("tbody tr")]


def test_the_numbers_of_pandas_rows_are_dropped(table: Tag) -> None:
    assert [head.get_text() for head in table.select("thead th")] == list(FRAME.columns)


def test_an_index_that_says_something_stays_and_heads_its_rows() -> None:
    made = treated(FRAME.set_index("team")[["value"]].to_html())
    assert [each.get_text() for each in made.select('tbody th[scope="row"]')] == ["Billing", "Support"]


def test_numbers_stand_to_the_right_and_sort_by_their_size(table: Tag) -> None:
    assert [float(str(cell["data-value"])) for cell in column(table, 2)] == [2_700, 5_400]
    assert all("number" in cell["class"] for cell in column(table, 2))
    assert column(table, 3)[0]["data-value"] == "1234.5"
    assert "class" not in column(table, 1)[0].attrs


def test_ids_are_links_and_no_numbers(table: Tag) -> None:
    assert [cell.a["href"] for cell in column(table, 0) if cell.a] == [
        "https://app.example/7",
        "https://app.example/12",
    ]
    assert "class" not in column(table, 0)[0].attrs


def test_what_is_missing_is_a_dash(table: Tag) -> None:
    missing = column(table, 3)[1]
    assert missing.get_text() == "\N{EN DASH}"
    assert missing["data-value"] == ""


def test_moments_lose_their_seconds_and_days_their_time(table: Tag) -> None:
    assert [cell.get_text() for cell in column(table, 4)] == ["2026-11-09 08:30 UTC", "2026-11-10 09:00 UTC"]
    assert [cell.get_text() for cell in column(table, 5)] == ["2026-11-09", "2026-11-16"]


def test_heads_are_named_and_sort(table: Tag) -> None:
    heads = table.select("thead th")
    assert {head["scope"] for head in heads} == {"col"}
    assert all(head.find("button", class_="sort") for head in heads)


def test_rows_that_were_cut_cannot_be_sorted() -> None:
    with pd.option_context("display.max_rows", 4, "display.min_rows", 2):
        made = treated(pd.DataFrame({"n": range(9)})._repr_html_())  # type: ignore[operator]
    assert not made.select(".sort")


def test_a_wide_table_is_scrolled_in_a_box_that_the_keyboard_reaches(table: Tag) -> None:
    box = table.select_one("div.table")
    assert box is not None
    assert (box["tabindex"], box["role"], box["aria-label"]) == ("0", "region", "Table 1")
    assert box.find("table") is not None


def test_a_table_without_rows_says_so() -> None:
    assert treated(FRAME.head(0).to_html()).get_text() == "No rows."


def test_a_table_with_spans_keeps_its_shape() -> None:
    spans = FRAME.groupby(["team", "wait"])[["value"]].sum().to_html()
    made = treated(spans)
    assert len(made.select("tbody th")) == len(BeautifulSoup(spans, "html.parser").select("tbody th"))
    assert not made.select(".sort")
