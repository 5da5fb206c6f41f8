"""One search for known rows that shows how dates are compared, whether bounds count, and what the search does not know.

It is the experiment of every session, with some rows more in the same request.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Any

from intercom_kit.api.heads import Sample
from intercom_kit.doctor.kinds import Row
from intercom_kit.search.bounds import DAY
from intercom_kit.search.filters import Condition, search_body
from intercom_kit.search.learning import Experiment, experiment, telling_zones

# Rows that were created within a day may be unknown to the search yet; so many older ones are enough.
_ENOUGH = 15
_FEWEST_TIMES = 3
_A_YEAR_AND_MORE = 400  # days


@dataclass(frozen=True)
class Trial:
    """An experiment, two rows that are sought by their own second, and the one that changed last.

    `since` is sought since its second, and `until` until its second: only closed bounds find them.
    """

    core: Experiment
    since: Sample
    until: Sample
    newest: Row

    def query(self) -> dict[str, Any]:
        """Return the search."""
        body = self.core.query()
        body["query"]["value"] += [
            {"operator": "AND", "value": [_named(row.id), _created(operator, row.created_at)]}
            for row, operator in ((self.since, ">"), (self.until, "<"))
        ]
        body["query"]["value"].append(_named(self.newest.id))
        return body

    def whole(self, found: set[str]) -> bool:
        """Tell whether the search found what it must find under any behaviour."""
        return {row.id for row in self.core.controls} <= found

    def bounds(self, found: set[str]) -> str | None:
        """Return whether bounds are open or closed; None where `>` and `<` differ in that."""
        closed = {row.id in found for row in (self.since, self.until)}
        return None if len(closed) > 1 else "closed" if closed.pop() else "open"

    def honoured(self, came: Sequence[Row]) -> bool:
        """Tell whether the rows came in the order that was asked for."""
        controls = {row.id for row in self.core.controls}
        times = [row.created_at for row in came if row.id in controls]
        return times == sorted(times, reverse=self.core.order == "descending")

    def unseen(self, known: Sequence[Row], came: Sequence[Row]) -> int | None:
        """Return the time of the oldest change that the search did not know of; None where it knew of all."""
        plain = {self.newest.id, *(row.id for row in self.core.controls)}
        changed = {row.id: row.updated_at for row in came}
        unseen = [row.updated_at for row in known if row.id in plain and changed.get(row.id, 0) < row.updated_at]
        return min(unseen) if unseen else None

    def turned(self) -> "Trial":
        """Return the same trial in the opposite order: a search that ignores orders is caught in one of the two."""
        order = self.core.order
        return replace(self, core=replace(self.core, order="ascending" if order == "descending" else "descending"))

    def telling(self, rows: Sequence[Row], zone: tzinfo | None) -> "Trial | None":
        """Return the same trial with rows that tell days of UTC from the workspace's; None where none of these do."""
        taken = {row.id for row in (*self.core.controls, self.core.inside, self.core.after, self.since, self.until)}
        fresh = [row.sample for row in rows if row.id not in taken | {self.newest.id}]
        apart, close = telling_zones(fresh, zone)
        if apart is None and close is None:
            return None
        return replace(self, core=replace(self.core, apart=apart or self.core.apart, close=close or self.core.close))


def trial(rows: Sequence[Row], zone: tzinfo | None, now: float) -> Trial | None:
    """Choose the rows of a trial, in the order in which they came; None where there are too few."""
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
    told = [each[0] for each in (core.apart, core.close) if each]
    taken = {row.id for row in (*controls, core.inside, core.after, *told)}
    free = [row.sample for row in others if row.id not in taken]
    while len(free) < 2 and len({row.created_at for row in controls[:-1]}) >= _FEWEST_TIMES:
        free.append(controls.pop())
    if len(free) < 2:
        return None
    return Trial(replace(core, controls=tuple(controls)), free[0], free[-1], newest)


def differing(zone: tzinfo, now: float) -> tuple[int, int] | None:
    """Return the latest time during which the days of a zone were not those of UTC; None where they always are."""
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
    return {"field": "id", "operator": "=", "value": id}


def _created(operator: str, second: int) -> Condition:
    return {"field": "created_at", "operator": operator, "value": second}
