"""What a table is: its columns, and where Intercom lists, gives and searches its objects."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from intercom_kit.tables.columns import Column


class Paging(Enum):
    """The ways in which Intercom divides a list into pages."""

    WHOLE = "one answer holds everything"
    CURSOR = "`starting_after` in the query"
    SEARCH = "`pagination.starting_after` in the body of a search"
    NUMBER = "`page` in the query"
    SCROLL = "`scroll_param` in the query, one scroll at a time"
    ADDRESS = "`pages.next` is the address of the next page"


@dataclass(frozen=True)
class Listing:
    """One way to list objects: the path, the key that holds them, the paging and the largest page."""

    path: str
    items: str
    paging: Paging
    per_page: int = 0
    method: str = "GET"


@dataclass(frozen=True)
class Table:
    """The declaration of one table; DDL, JSON structure, `schema()` and documentation follow from this alone.

    `row` says what one row is and `order` how a frame is sorted. `key` names the column that tells rows apart, or
    `pair` the columns that do so together. `changed` is the time by which the newer of two answers is known.
    `whole_day_search` marks searches that compare times by whole days in the workspace's timezone, and `search_only`
    names what can be searched by without being a column of one value, each with the column that it looks into, "" where
    no column holds that.
    """

    name: str
    row: str
    columns: tuple[Column, ...]
    order: str
    key: str = ""
    pair: tuple[str, ...] = ()
    changed: str = ""
    listing: Listing | None = None
    search: Listing | None = None
    scroll: Listing | None = None
    one: str = ""
    whole_day_search: bool = False
    search_only: Mapping[str, str] = field(default_factory=dict, hash=False)
    notes: tuple[str, ...] = ()

    def __contains__(self, name: object) -> bool:
        return any(column.name == name for column in self.columns)

    def column(self, name: str) -> Column:
        """Find a column by its name; raise KeyError if there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name} has no column {name!r}")
