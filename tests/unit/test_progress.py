"""Every walk through pages ends, and says what the server did where it leads nowhere."""

import pytest

from intercom_kit.api.heads import Page, Sample
from intercom_kit.errors import EndlessPagesError
from intercom_kit.paging.progress import IDLE_PAGES, SPARE_PAGES, Progress
from intercom_kit.tables import Listing, Paging

LISTING = Listing("/contacts", "data", Paging.CURSOR, 2)


def page(*ids: str, total: int | None = None) -> Page:
    return Page("", total_count=total, count=len(ids), samples=tuple(Sample(each, 1) for each in ids))


def test_a_walk_ends_where_no_page_follows() -> None:
    assert not Progress(LISTING).goes_on(page("a", "b", total=2), None)


def test_new_pages_are_followed_also_beyond_a_count_that_is_too_low() -> None:
    progress = Progress(LISTING)
    assert all(progress.goes_on(page(f"{number}a", f"{number}b", total=1), number) for number in range(1, 20))


def test_a_cursor_that_comes_again_ends_the_walk_with_its_reason() -> None:
    progress = Progress(LISTING)
    assert progress.goes_on(page("a", "b", total=9), "one")
    assert progress.goes_on(page("c", "d", total=9), "two")
    with pytest.raises(EndlessPagesError, match=r"/contacts .* after 3 pages with 6 rows .* its cursor came before"):
        progress.goes_on(page("e", "f", total=9), "one")


def test_where_all_rows_came_an_empty_page_is_the_end_whatever_it_names() -> None:
    progress = Progress(LISTING)
    assert progress.goes_on(page("a", "b", total=2), "one")
    assert not progress.goes_on(page(total=2), "two")


def test_where_all_rows_came_a_page_that_comes_again_is_the_end() -> None:
    progress = Progress(LISTING)
    assert progress.goes_on(page("a", "b", total=2), "one")
    assert not progress.goes_on(page("a", "b", total=2), "two")


@pytest.mark.parametrize("idle", [page(total=9), page("a", "b", total=9), page()])
def test_some_pages_without_anything_new_are_passed_over_and_more_end_the_walk(idle: Page) -> None:
    progress = Progress(LISTING)
    progress.goes_on(page("a", "b", total=9), "first")
    for number in range(1, IDLE_PAGES):
        assert progress.goes_on(idle, number)
    with pytest.raises(EndlessPagesError, match="brought nothing new"):
        progress.goes_on(idle, IDLE_PAGES)


def test_rows_that_never_end_are_bounded_by_the_count() -> None:
    progress = Progress(LISTING)
    most = 2 + SPARE_PAGES
    for number in range(1, most):
        assert progress.goes_on(page(f"{number}a", f"{number}b", total=2), number)
    with pytest.raises(EndlessPagesError, match="more pages come than its count"):
        progress.goes_on(page(f"{most}a", f"{most}b", total=2), most)


def test_pages_whose_objects_have_no_ids_are_new_each() -> None:
    progress = Progress(LISTING)
    assert all(progress.goes_on(page("", "", total=99), number) for number in range(1, 10))
