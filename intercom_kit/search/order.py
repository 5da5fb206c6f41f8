"""The check whether the pages of a search come in the requested order of creation."""

from dataclasses import dataclass

from intercom_kit.api.heads import Page
from intercom_kit.search.conditions import Order


@dataclass
class InOrder:
    """The check of one page walk, which `holds` until a row is out of order.

    UNCONFIRMED [sort]: Intercom may accept an order and ignore it.
    """

    order: Order
    holds: bool = True
    _last: int = 0

    def see(self, page: Page) -> None:
        """Check the next page."""
        for row in page.samples:
            second = row.created_at if self.order == "ascending" else -row.created_at
            if row.created_at and self._last and second < self._last:
                self.holds = False
            self._last = second if row.created_at else self._last
