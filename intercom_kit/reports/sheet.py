"""The file of a report as a header and rows of text: plain, with a byte order mark, or compressed."""

import csv
import io
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from intercom_kit.errors import UnreadableReportError

LARGEST = 1_000_000_000  # bytes, after decompression
LONGEST_CELL = 10_000_000  # characters
_GZIP, _GZIP_WINDOW = b"\x1f\x8b", 16 + zlib.MAX_WBITS


@dataclass(frozen=True)
class Sheet:
    """A header and the rows below it, each with as many cells."""

    header: list[str]
    rows: list[list[str]]

    def ordered(self, requested: Sequence[tuple[str, ...]]) -> "Sheet":
        """Return the sheet with the columns in the order in which they were requested, each by one of its names.

        Columns are taken by their place where the header agrees with that, and otherwise by name. Raises
        UnreadableReportError where neither fits. Whether their order is kept is UNCONFIRMED [report-columns].
        """
        names = [name.strip() for name in self.header]
        pairs = zip(names, requested, strict=False)
        if len(names) == len(requested) and all(name in known for name, known in pairs):
            return self
        free = list(range(len(names)))
        places = []
        for known in requested:
            place = next((each for each in free if names[each] in known), None)
            if place is None:
                raise UnreadableReportError(
                    f"The report lacks the column {known[0]!r}, which was asked for: it has {', '.join(names[:20])}."
                )
            free.remove(place)
            places.append(place)
        return Sheet([self.header[place] for place in places], [[row[place] for place in places] for row in self.rows])


def read_file(path: str | Path) -> Sheet:
    """Return the sheet of a file; raise UnreadableReportError where it cannot be read to its end."""
    try:
        data = Path(path).expanduser().read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise UnreadableReportError(
            f"{Path(path).name} cannot be read ({reason}): give the path of a CSV file that Intercom exported."
        ) from error
    return read_sheet(data, Path(path).name)


def read_sheet(data: bytes, name: str = "The report") -> Sheet:
    """Return the sheet of a file's bytes; raise UnreadableReportError where it is cut or no report."""
    text = _text(_unpacked(data, name), name)
    if not text.strip():
        raise UnreadableReportError(f"{name} is empty, without even a header: export it again.")
    if not text.endswith(("\n", "\r")):  # UNCONFIRMED [report-columns]
        raise UnreadableReportError(
            f"{name} ends within a line, so that its end may be missing: export it again, or if it is whole, add a "
            "line break at its end."
        )
    header, *rows = _lines(text, name)
    return Sheet(header, rows)


def _lines(text: str, name: str) -> list[list[str]]:
    """Return the lines of a file, all with the same number of cells."""
    before = csv.field_size_limit(LONGEST_CELL)
    lines: list[list[str]] = []
    try:
        for line in csv.reader(io.StringIO(text, newline=""), strict=True):
            if not line:
                continue
            if lines and len(line) != len(lines[0]):
                raise UnreadableReportError(
                    f"{name} has {len(line)} cells in row {len(lines)} and {len(lines[0])} in its header: it is cut, "
                    "or no report. Export it again, and do not save it with another program."
                )
            lines.append(line)
    except csv.Error as error:
        raise UnreadableReportError(
            f"{name} cannot be read after row {max(0, len(lines) - 1)} ({error}): it is cut, or no report. Export it "
            "again."
        ) from None
    finally:
        csv.field_size_limit(before)
    return lines


def _unpacked(data: bytes, name: str) -> bytes:
    """Return a file without compression, which may have several parts; none may end early."""
    found = bytearray()
    if not data.startswith(_GZIP):
        return data
    while data.startswith(_GZIP):
        unpacking = zlib.decompressobj(_GZIP_WINDOW)
        try:
            found += unpacking.decompress(data, LARGEST - len(found) + 1)
        except zlib.error as error:
            raise UnreadableReportError(f"{name} cannot be unpacked ({error}): export it again.") from None
        if len(found) > LARGEST:
            raise UnreadableReportError(f"{name} is larger than {LARGEST / 1e9:,.0f} GB: export a shorter span.")
        if not unpacking.eof:
            raise UnreadableReportError(f"{name} is compressed, and breaks off: export it again.")
        data = unpacking.unused_data
    return bytes(found)


def _text(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableReportError(
            f"{name} is no text in UTF-8, from byte {error.start} on: export it again, and do not save it with another "
            "program."
        ) from None
