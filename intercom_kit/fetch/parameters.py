"""The parameters of one fetch: which rows of which table, and how they are stored."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from intercom_kit.fetch.bodies import Reader
from intercom_kit.search.filters import Selection
from intercom_kit.tables import Table
from intercom_kit.tables.privacy import Privacy


@dataclass(frozen=True)
class FetchParameters:
    """The parameters of one fetch.

    `items` is the key of the objects in a page, by default that of the table's search or list; "" if the page is one
    object. The receipt shows `filters`, and a frame has the rows of `selection`. Personal columns are stored as
    `privacy` says, and message bodies as `reader` converts them. With `for_query`, the rows are added to the session's
    table, and a key that Intercom does not know has no rows. `on_total` is called once with the number of rows, as soon
    as Intercom reports it, and may raise.
    """

    table: Table
    items: str | None = None
    filters: Mapping[str, Any] = field(default_factory=dict)
    selection: Selection = field(default_factory=Selection)
    privacy: Privacy = "full"
    reader: Reader | None = None
    for_query: bool = False
    on_total: Callable[[int], None] | None = None

    @property
    def items_key(self) -> str:
        """Return the key of the objects in a page."""
        listing = self.table.search or self.table.listing
        return self.items if self.items is not None else listing.inside if listing else ""
