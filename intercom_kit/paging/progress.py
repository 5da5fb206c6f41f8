"""The progress of pagination: every walk ends, even if a server sends pages without end."""

import math

from intercom_kit.api.heads import Page, Sample
from intercom_kit.errors import EndlessPagesError
from intercom_kit.tables import Listing

# Pages in a row that may have nothing new; servers that hide rows from a token may send empty pages.
IDLE_PAGES = 3

# Pages allowed beyond Intercom's count: rows may be added, and counts be too low.
SPARE_PAGES = 100
MAX_PAGES = 20_000  # of a list without a count

# No workspace has as many rows, and nobody could list them: each window of the rate limit brings some 250,000.
MAX_ROWS = 100_000_000


def require_believable(listing: Listing, total: int) -> None:
    """Raise EndlessPagesError where a list's total is higher than any workspace can have."""
    if total > MAX_ROWS:
        raise EndlessPagesError(
            f"Intercom counts {total:,} rows of {listing.path}, which cannot be: no workspace has more than "
            f"{MAX_ROWS:,}. Check that `base_url` is Intercom's API; if it is, tell Intercom's support."
        )


class Progress:
    """The record of one walk: the pages so far, and whether they still bring anything new."""

    def __init__(self, listing: Listing) -> None:
        self._listing = listing
        self._requested: set[object] = set()
        self._edges: set[tuple[Sample, Sample]] = set()
        self._idle = 0
        self._pages = 0
        self._rows = 0

    def goes_on(self, page: Page, following: object) -> bool:
        """Return whether to fetch the next page, whose cursor `following` is; it is empty at the end.

        Raises EndlessPagesError, which explains what the server did, where the pagination makes no progress.
        """
        self._take(page)
        if not following:
            return False
        require_believable(self._listing, page.total_count or 0)
        complete = page.total_count is not None and self._rows >= page.total_count
        if self._idle and complete:
            return False
        if following in self._requested:
            raise self._endless("its cursor came before" if self._pages > 1 else "its cursor is the one that was sent")
        self._requested.add(following)
        if self._idle >= IDLE_PAGES:
            raise self._endless(f"{self._idle} pages in a row brought nothing new")
        if self._pages >= self._max_pages(page):
            counted = f"{page.total_count:,} rows" if page.total_count is not None else "no total"
            raise self._endless(f"more pages come than its count ({counted}) allows for")
        return True

    def _take(self, page: Page) -> None:
        self._pages += 1
        edges = (page.samples[0], page.samples[-1]) if page.samples and page.samples[0].id else None
        if not page.count or edges in self._edges:
            self._idle += 1
            return
        if edges:
            self._edges.add(edges)
        self._idle = 0
        self._rows += page.count

    def _max_pages(self, page: Page) -> int:
        if page.total_count is None:
            return MAX_PAGES
        return 2 * math.ceil(page.total_count / (self._listing.per_page or 1)) + SPARE_PAGES

    def _endless(self, what: str) -> EndlessPagesError:
        return EndlessPagesError(
            f"The pages of {self._listing.path} do not end: after {self._pages:,} pages with {self._rows:,} rows "
            f"Intercom names a next one, but {what}. Try again later; if it stays, tell Intercom's support."
        )
