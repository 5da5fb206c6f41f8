"""Tables as readers need them: aligned, sorted at a click, with heads that assistive programs can name.

All tables of a page are treated alike, whichever library wrote their HTML.
"""

import re
from collections.abc import Sequence

from bs4 import BeautifulSoup, Tag

_MISSING = ("NaN", "NaT", "<NA>")
_DASH = "\N{EN DASH}"
_NUMBER = re.compile(r"([-+]?[\d,]*\.?\d+(?:e[-+]?\d+)?) ?(%|s|min|h|days?)?")
_UNITS = {"%": 0.01, "min": 60, "h": 3_600, "day": 86_400, "days": 86_400}
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d)(?::\d\d(?:\.\d+)?)?(?:[+-]\d\d:\d\d)?")


def readable(soup: BeautifulSoup) -> None:
    """Make all tables of a page readable, in place."""
    for style in soup.find_all("style"):
        if ".dataframe" in style.get_text():  # pandas' own looks
            style.decompose()
    for place, table in enumerate(soup.find_all("table"), 1):
        if not table.select("tbody tr"):
            table.replace_with(BeautifulSoup("<p>No rows.</p>", "html.parser"))
            continue
        _without_own_looks(table)
        if _is_plain(table):
            _drop_counted_index(table)
            _align(soup, table)
        _name_heads(table)
        heading = table.find_previous(["h1", "h2", "h3"])
        name = f"Table {place}: {heading.get_text().strip()}" if heading else f"Table {place}"
        # What is wider than the screen is scrolled within its own box, by keyboard, too.
        box = soup.new_tag("div", attrs={"class": "table", "role": "region", "tabindex": "0", "aria-label": name})
        table.wrap(box)


def _without_own_looks(table: Tag) -> None:
    """Drop the border and alignment that pandas writes into tables."""
    del table["border"]
    for row in table.select("thead tr"):
        del row["style"]


def _is_plain(table: Tag) -> bool:
    """Return whether a table has one row of heads, and a cell for each of them in all other rows."""
    heads, rows = table.select("thead tr"), table.select("tbody tr")
    wide = table.select("[rowspan], [colspan]")
    if len(heads) != 1 or wide:
        return False
    return bool(_cells(heads[0])) and {len(_cells(row)) for row in rows} <= {len(_cells(heads[0]))}


def _cells(row: Tag) -> list[Tag]:
    return row.find_all(["th", "td"], recursive=False)


def _drop_counted_index(table: Tag) -> None:
    """Drop pandas' index where it only numbers the rows."""
    corner = _cells(table.select("thead tr")[0])[0]
    numbers = [_cells(row)[0] for row in table.select("tbody tr")]
    if corner.get_text().strip():
        return
    if all(each.name == "th" and re.fullmatch(r"\d+|\.\.\.", each.get_text().strip()) for each in numbers):
        for cell in (corner, *numbers):
            cell.decompose()


def _align(soup: BeautifulSoup, table: Tag) -> None:
    """Align each column by what is in it, and make its head sort the rows."""
    heads, rows = _cells(table.select("thead tr")[0]), [_cells(row) for row in table.select("tbody tr")]
    cut = any(cell.get_text().strip() == "..." for row in rows for cell in row)
    for place, head in enumerate(heads):
        column = [row[place] for row in rows]
        texts = [cell.get_text().strip() for cell in column]
        for cell, text in zip(column, texts, strict=True):
            if text in _MISSING:
                cell.string = _DASH
                cell["class"], cell["data-value"] = "missing", ""
        known = [text for text in texts if text not in (*_MISSING, "", "none", _DASH, "...")]
        linked = any(cell.find("a") for cell in column)  # as ids are
        if known and not linked and all(_NUMBER.fullmatch(text) for text in known):
            _align_numbers(head, column, texts)
        elif known and all(_MOMENT.fullmatch(text) for text in known):
            _shorten_moments(column, texts)
        if len(rows) > 1 and not cut:
            label = head.decode_contents()
            head.clear()
            button = soup.new_tag("button", attrs={"class": "sort", "type": "button"})
            button.append(BeautifulSoup(label, "html.parser"))
            head.append(button)


def _align_numbers(head: Tag, column: Sequence[Tag], texts: Sequence[str]) -> None:
    for cell in (head, *column):
        cell["class"] = " ".join([*filter(None, cell.get_attribute_list("class")), "number"])
    for cell, text in zip(column, texts, strict=True):
        found = _NUMBER.fullmatch(text)
        digits = found[1].replace(",", "") if found else ""
        cell["data-value"] = str(float(digits) * _UNITS.get(found[2] or "", 1)) if found else ""


def _shorten_moments(column: Sequence[Tag], texts: Sequence[str]) -> None:
    """Write moments without seconds, and without a time where it is midnight in the whole column."""
    found = [match for match in map(_MOMENT.fullmatch, texts) if match]
    days = all(match[2] == "00:00" for match in found)
    for cell, text in zip(column, texts, strict=True):
        if match := _MOMENT.fullmatch(text):
            zone = " UTC" if text.endswith("+00:00") and not days else ""
            cell["data-value"] = text
            if cell.find("a") is None:
                cell.string = match[1] if days else f"{match[1]} {match[2]}{zone}"


def _name_heads(table: Tag) -> None:
    """Say of each head which cells it stands for."""
    for head in table.select("thead th"):
        head["scope"] = "col"
    for head in table.select("tbody th"):
        head["scope"] = "row"
    for empty in table.select("thead th"):
        if not empty.get_text().strip():
            empty.name = "td"  # a corner, or a column without a name, heads nothing
            del empty["scope"]
