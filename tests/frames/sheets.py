"""Read what an Excel file holds, without a library: its sheets, with the text of each cell."""

from pathlib import Path
from xml.etree import ElementTree
from zipfile import ZipFile

_SPACES = {"main": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


def sheets_of(path: Path) -> dict[str, list[list[str]]]:
    """Return the rows of each sheet, by its name; a formula is shown as such."""
    with ZipFile(path) as book:
        texts = ["".join(each.itertext()) for each in _root(book, "sharedStrings").findall("main:si", _SPACES)]
        names = [str(each.get("name")) for each in _root(book, "workbook").findall(".//main:sheet", _SPACES)]
        return {
            name: [
                [_shown(cell, texts) for cell in row.findall("main:c", _SPACES)]
                for row in _root(book, f"worksheets/sheet{number}").findall(".//main:row", _SPACES)
            ]
            for number, name in enumerate(names, 1)
        }


def _root(book: ZipFile, name: str) -> ElementTree.Element:
    return ElementTree.fromstring(book.read(f"xl/{name}.xml"))  # noqa: S314 - our own file


def _shown(cell: ElementTree.Element, texts: list[str]) -> str:
    if (formula := cell.find("main:f", _SPACES)) is not None:
        return f"={formula.text}"
    value = cell.find("main:v", _SPACES)
    text = "" if value is None else str(value.text)
    return texts[int(text)] if cell.get("t") == "s" else text
