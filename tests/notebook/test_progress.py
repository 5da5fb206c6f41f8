"""The progress bar of a notebook fits its cell and ends complete."""

import re
from collections.abc import Iterator

import pytest

from intercom_kit.fetch import meter, notebook_bar
from intercom_kit.fetch.meter import Meter, bar
from intercom_kit.fetch.notebook_bar import NotebookBar


@pytest.fixture
def bars(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[NotebookBar]]:
    """The bars that a notebook would show, at once."""
    shown: list[NotebookBar] = []

    class Kept(NotebookBar):
        def __init__(self, **options: object) -> None:
            super().__init__(**options)
            shown.append(self)

    monkeypatch.setattr(meter, "_IN_NOTEBOOK", False)
    monkeypatch.setattr(meter, "SHOW_AFTER", 0)
    monkeypatch.setattr(notebook_bar, "NotebookBar", Kept)
    yield shown
    for each in shown:
        each.container.close_all()


def fetched(rows: int, total: int) -> None:
    counts = Meter("conversations")
    with bar(counts, lambda: 1_600) as look:
        look()
        counts.rows, counts.total, counts.requests = rows, total, 2
        look()


def test_it_ends_complete_where_more_was_expected(bars: list[NotebookBar]) -> None:
    fetched(290, 303)
    _, widget, _ = bars[0].container.children
    assert widget.value == widget.max == 290
    assert widget.bar_style != "danger"
    assert bars[0].container.layout.visibility == "hidden"


def failing() -> None:
    counts = Meter("conversations", total=303)
    with bar(counts) as look:
        counts.rows = 150
        look()
        raise ZeroDivisionError


def test_it_stays_where_it_was_if_the_fetch_fails(bars: list[NotebookBar]) -> None:
    with pytest.raises(ZeroDivisionError):
        failing()
    widget = bars[0].container.children[1]
    assert (widget.value, widget.max, widget.bar_style) == (150, 303, "danger")
    assert bars[0].container.layout.visibility != "hidden"


def test_a_total_that_is_known_only_later_is_taken(bars: list[NotebookBar]) -> None:
    counts = Meter("conversations")
    with bar(counts) as look:
        assert bars[0].container.children[1].bar_style == "info"
        counts.rows, counts.total = 150, 303
        look()
        bars[0].refresh()
        widget = bars[0].container.children[1]
        assert (widget.value, widget.max, widget.bar_style) == (150, 303, "")


def test_its_texts_wrap_in_a_narrow_cell(bars: list[NotebookBar]) -> None:
    fetched(150, 303)
    container = bars[0].container
    assert (container.layout.width, container.layout.flex_flow) == ("100%", "row wrap")
    words = re.split("\N{FOUR-PER-EM SPACE}", container.children[0].value + container.children[2].value)
    assert max(map(len, words)) < 20
