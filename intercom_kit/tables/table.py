"""The declaration of a table: its columns, and the endpoints that list, search and return its objects."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

from intercom_kit.tables.columns import Column

# The keys of a page that is made of one listed object: the members that are rows, and the object that it belongs to.
ROWS = "rows"
OWNER = "of"


class Paging(Enum):
    """The ways in which Intercom divides a list into pages."""

    WHOLE = "one response holds everything"
    CURSOR = "`starting_after` in the query"
    SEARCH = "`pagination.starting_after` in the body of a search"
    NUMBER = "`page` in the query"
    SCROLL = "`scroll_param` in the query, one scroll at a time"
    ADDRESS = "`pages.next` is the address of the next page"


@dataclass(frozen=True)
class Listing:
    """An endpoint that lists objects: its path, the key that holds them, the paging, the largest page, its query.

    If `members` are declared, the rows are not the objects, but the members of a list in each: they are the keys of
    that list, dotted if nested, of which the first that holds a list counts. An `outer` listing has a row for an object
    without members, too. `of_each` lists the objects whose ids the path takes, one request for each. `bounds` are the
    parameters for the seconds after and before which rows were created, of which Intercom demands the first.
    """

    path: str
    items: str
    paging: Paging
    per_page: int = 0
    method: str = "GET"
    query: Mapping[str, str] = field(default_factory=dict, hash=False)
    members: tuple[str, ...] = ()
    outer: bool = False
    of_each: "Listing | None" = None
    bounds: tuple[str, str] | None = None

    @property
    def inside(self) -> str:
        """Return the key that holds the rows in a page that is loaded, dotted if nested."""
        return ROWS if self.members else self.items


@dataclass(frozen=True)
class Key:
    """A column by whose values Intercom lists the rows of a table, with one request per value or per several.

    `noun` names what a value stands for. `parameter` is the query parameter that takes it, if it is not part of the
    path; if a request takes more than one value, it is the key of their list in the body, of at most `at_a_time`.
    `every` names the table whose ids are all possible values, and `of_contact` the column of contacts with the same
    values. `listed_by` declares the listing for this key, if it differs from the table's.
    """

    column: str
    noun: str
    parameter: str = ""
    every: str = ""
    of_contact: str = ""
    listed_by: "Table | None" = None
    at_a_time: int = 1

    @property
    def nouns(self) -> str:
        """Return the plural of the noun."""
        return f"{self.noun[:-1]}ies" if self.noun.endswith("y") else f"{self.noun}s"


@dataclass(frozen=True)
class Table:
    """The declaration of one table; DDL, JSON structure, `schema()` and documentation are derived from this alone.

    `row` says what one row is and `order` how a frame is sorted. `key` names the column that identifies a row, or
    `pair` the columns that do so together. `changed` is the time column that shows which of two versions is newer.
    `deletions` is the table of its deleted rows, if Intercom lists them. `carries` is the table whose rows come inside
    this one's, as declared by the listing of that table for one of its keys, and `carried_count` the column that says
    how many there are. `listed_by` are tables of the same name and columns, each with a listing and paths of its own,
    if only several lists together hold all rows.
    `keys` are declared if Intercom lists rows only for a given value, with an `example` of a query that supplies such
    values. `main` are the columns that a short answer shows; all of them if it is empty. `included` are the columns
    that a verb adds on request, with `include=`, and that SQL does not know. `opens` is what the links in the column
    `url` of frames open in Intercom's app: a "conversation" or a "contact"; empty for objects without one.
    `search_only` are search fields that are not columns of one value, each with the column that it searches, "" if
    there is none.
    """

    name: str
    row: str
    columns: tuple[Column, ...]
    order: str
    key: str = ""
    pair: tuple[str, ...] = ()
    keys: tuple[Key, ...] = ()
    example: str = ""
    changed: str = ""
    listing: Listing | None = None
    listed_by: "tuple[Table, ...]" = ()
    search: Listing | None = None
    scroll: Listing | None = None
    deletions: "Table | None" = None
    carries: "Table | None" = None
    carried_count: str = ""
    one: str = ""
    search_only: Mapping[str, str] = field(default_factory=dict, hash=False)
    notes: tuple[str, ...] = ()
    main: tuple[str, ...] = ()
    included: tuple[str, ...] = ()
    opens: str = ""

    def __post_init__(self) -> None:
        """Raise ValueError for an incomplete declaration."""
        named = {self.key, *self.pair, *(key.column for key in self.keys)} - {""}
        if unknown := sorted(name for name in named if name not in self):
            raise ValueError(f"{self.name} declares no column {', '.join(unknown)}, which identifies its rows.")
        if unknown := sorted(name for name in self.main if name not in self and name not in self.included):
            raise ValueError(f"{self.name} declares no column {', '.join(unknown)}, which is among the main ones.")
        if not self.key and not self.pair:
            raise ValueError(f"{self.name} declares neither a key nor a pair of columns that identifies its rows.")
        if self.listing and "{id}" in self.listing.path and not self.keys and not self.listing.of_each:
            raise ValueError(f"{self.name} is listed at {self.listing.path}, but declares no keys to put into that.")
        own = [(column.name, column.kind) for column in self.columns]
        for part in self.listed_by:
            if part.name != self.name or [(column.name, column.kind) for column in part.columns] != own:
                raise ValueError(f"{self.name} is listed by {part.name}, which has another name or other columns.")
        if self.keys and not (self.example and any(key.every for key in self.keys)):
            raise ValueError(f"{self.name} declares keys, but no example, or no table that has all of them.")

    def as_listed(self, listing: Listing, **paths: str) -> "Table":
        """Return the table as one of several lists shows it, with the paths of columns that differ there."""
        columns = (replace(column, path=paths.get(column.name, column.path)) for column in self.columns)
        return replace(self, listing=listing, columns=tuple(columns))

    @property
    def is_paged(self) -> bool:
        """Return whether a list comes page by page, so that a limit saves requests."""
        listing = self.search or self.listing
        return listing is not None and listing.paging is not Paging.WHOLE

    @property
    def is_bounded(self) -> bool:
        """Return whether Intercom lists only the rows that were created since a given time."""
        return self.listing is not None and self.listing.bounds is not None

    @property
    def inside(self) -> str:
        """Return the key that holds the rows in a page of the list, dotted if nested."""
        return self.listing.inside if self.listing else ""

    @property
    def every_key(self) -> Key:
        """Return the key whose values are all listed by another table."""
        return next(key for key in self.keys if key.every)

    def key_for(self, column: str) -> Key:
        """Return the key with a column; raise KeyError if there is none."""
        for key in self.keys:
            if key.column == column:
                return key
        raise KeyError(f"{self.name} is not listed by {column!r}")

    def __contains__(self, name: object) -> bool:
        return any(column.name == name for column in self.columns)

    def column(self, name: str) -> Column:
        """Return the column with a name; raise KeyError if there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name} has no column {name!r}")
