"""One search for known rows that shows how dates are compared, whether bounds are closed, and how far the search lags.

It is the experiment of every session with some additional rows in the same request.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Any

from intercom_kit.api.heads import Sample
from intercom_kit.doctor.object_types import Row
from intercom_kit.search.bounds import DAY
from intercom_kit.search.conditions import Condition, comparison, search_body
from intercom_kit.search.learning import Experiment, experiment, telling_zones

# The search may not know rows of the last day yet; with so many older ones they are not used.
_ENOUGH = 15
_FEWEST_TIMES = 3
_A_YEAR_AND_MORE = 400  # days


@dataclass(frozen=True)
class Trial:
    """An experiment, two rows searched with their own second as a bound, and the row that changed last.

    `since` is searched with `>` its second, and `until` with `<` its second: only closed bounds find them.
    """

    core: Experiment
    since: Sample
    until: Sample
    newest: Row

    def query(self) -> dict[str, Any]:
        """Return the body of the search."""
        body = self.core.query()
        body["query"]["value"] += [
            {"operator": "AND", "value": [_named(row.id), _created(operator, row.created_at)]}
            for row, operator in ((self.since, ">"), (self.until, "<"))
        ]
        body["query"]["value"].append(_named(self.newest.id))
        return body

    def whole(self, found: set[str]) -> bool:
        """Return whether the search found the rows that it must find under any behaviour."""
        return {row.id for row in self.core.controls} <= found

    def bounds(self, found: set[str]) -> str | None:
        """Return whether bounds are open or closed; None if `>` and `<` differ."""
        closed = {row.id in found for row in (self.since, self.until)}
        return None if len(closed) > 1 else "closed" if closed.pop() else "open"

    def honoured(self, received: Sequence[Row]) -> bool:
        """Return whether the rows are in the requested order."""
        controls = {row.id for row in self.core.controls}
        times = [row.created_at for row in received if row.id in controls]
        return times == sorted(times, reverse=self.core.order == "descending")

    def unseen(self, known: Sequence[Row], received: Sequence[Row]) -> int | None:
        """Return the time of the oldest change that the search did not know; None if it knew all."""
        compared = {self.newest.id, *(row.id for row in self.core.controls)}
        changed = {row.id: row.updated_at for row in received}
        unseen = [row.updated_at for row in known if row.id in compared and changed.get(row.id, 0) < row.updated_at]
        return min(unseen) if unseen else None

    def turned(self) -> "Trial":
        """Return the same trial in the opposite order: a search that ignores orders fails one of the two."""
        order = self.core.order
        return replace(self, core=replace(self.core, order="ascending" if order == "descending" else "descending"))

    def telling(self, rows: Sequence[Row], zone: tzinfo | None) -> "Trial | None":
        """Return the same trial with rows that distinguish UTC's days from the workspace's; None if none of them do."""
        taken = {row.id for row in (*self.core.controls, self.core.inside, self.core.after, self.since, self.until)}
        fresh = [row.sample for row in rows if row.id not in taken | {self.newest.id}]
        apart, close = telling_zones(fresh, zone)
        if apart is None and close is None:
            return None
        return replace(self, core=replace(self.core, apart=apart or self.core.apart, close=close or self.core.close))


def trial(rows: Sequence[Row], zone: tzinfo | None, now: float) -> Trial | None:
    """Return a trial with rows of a page; None if there are too few."""
    if not rows:
        return None
    newest = max(rows, key=lambda row: row.updated_at)
    others = [row for row in rows if row.id != newest.id]
    settled = [row for row in others if row.created_at < now - DAY]
    others = settled if len(settled) >= _ENOUGH else others
    core = experiment([row.sample for row in others], zone)
    if core is None:
        return None
    controls = list(core.controls)
    distinguishing = [each[0] for each in (core.apart, core.close) if each]
    taken = {row.id for row in (*controls, core.inside, core.after, *distinguishing)}
    free = [row.sample for row in others if row.id not in taken]
    while len(free) < 2 and len({row.created_at for row in controls[:-1]}) >= _FEWEST_TIMES:
        free.append(controls.pop())
    if len(free) < 2:
        return None
    return Trial(replace(core, controls=tuple(controls)), free[0], free[-1], newest)


def differing(zone: tzinfo, now: float) -> tuple[int, int] | None:
    """Return the latest span in which a zone's days differed from UTC's; None if there is none."""
    noons = [int(now) - number * DAY for number in range(_A_YEAR_AND_MORE)]
    differ = {noon for noon in noons if datetime.fromtimestamp(noon, zone).utcoffset()}
    if not differ:
        return None
    until = since = max(differ)
    while since - DAY in differ:
        since -= DAY
    return since, until


def created_within(since: int, until: int) -> dict[str, Any]:
    """Return a search for a few rows that were created between two times."""
    return search_body([_created(">", since), _created("<", until)]) | {"pagination": {"per_page": 20}}


def _named(id: str) -> Condition:
    return comparison("id", "=", id)


def _created(operator: str, second: int) -> Condition:
    return comparison("created_at", operator, second)
