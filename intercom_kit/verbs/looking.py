"""What a workspace tells of itself and its session, at no more than one request."""

import pandas as pd

from intercom_kit.api.identity import Identity
from intercom_kit.fetch.session import Session
from intercom_kit.live.holdings import holdings_frame
from intercom_kit.live.query import Queries
from intercom_kit.live.shown.fetches import fetches_frame
from intercom_kit.live.status import status_frame


class Looking:
    """A workspace with what tells whose it is, what was fetched, what is cached, and what is known of Intercom."""

    _session: Session
    _queries: Queries

    @property
    def identity(self) -> Identity:
        """Return the connected workspace, region, timezone and admin. Costs one request, the first time."""
        return self._session.identity

    @property
    def fetches(self) -> pd.DataFrame:
        """Return every fetch of this session.

        One row per fetch, in order: `table`, `filters`, `rows`, `total` (as Intercom counts), `complete`, `why`,
        `requests`, `seconds`, `at` (UTC).
        """
        return fetches_frame(self._session)

    @property
    def held(self) -> pd.DataFrame:
        """Return what the session has cached from queries and verbs.

        One row per table: `table`, `rows`, `span` (which rows are cached completely), `oldest` and `newest` (when the
        rows were created), `as_of` (UTC). Costs no request.
        """
        return holdings_frame(self._queries.held())

    def status(self) -> pd.DataFrame:
        """Return what is known of this workspace about the API behaviours that sources differ on.

        One row per behaviour and kind of object, in the order of `docs/behaviours.md`: `behaviour`, `object`, `found`
        (missing where it is not known yet), `at` (the day), `documented`, `measured` (by others), `matters` (what
        depends on it). Findings last for a week with the profile. Costs no request; `doctor()` finds out more.
        """
        return status_frame(self._session.learning.findings)

    @property
    def budget(self) -> dict[str, int | None]:
        """Return the `requests` sent in this session, and the `limit` and `remaining` requests of the rate window.

        The window is ten seconds. `remaining` and `limit` are None until the first response.
        """
        budget = self._session.transport.budget
        return {"requests": budget.requests, "remaining": budget.remaining, "limit": budget.limit}
