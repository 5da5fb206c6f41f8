"""Why a conversation counts otherwise in Intercom's report than here: each reason with what shows it.

A reason is given only where something shows it; whatever nothing explains is `unexplained`, such as test conversations
if reports leave them out (UNCONFIRMED [report-span]).
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pandas as pd

from intercom_kit.reports.comparisons import OFFICE, Comparison
from intercom_kit.reports.evidence import Evidence, Fact, records
from intercom_kit.reports.ours import Ours
from intercom_kit.reports.report import ID, MOMENT, TICKET_TYPE, Report
from intercom_kit.reports.values import Values

DELETED, UNREPLIED, BEFORE = "deleted there", "not user-replied", "started before"
UNREADABLE, LAG, CUT, UNEXPLAINED = "ticket not readable", "index lag", "more than 500 parts", "unexplained"
SEVERAL = "several there"
MOST_PARTS = 500
MOMENTS = {
    "created_at": "it started",
    "written_at": "the customer first wrote",
    "rating_requested_at": "the rating was asked for",
}

Said = tuple[str, str]  # a reason, and what shows it


@dataclass
class Explaining:
    """The search for reasons of one comparison's differences."""

    comparison: Comparison
    report: Report
    numbers: list[Values]
    ours: Ours
    evidence: Evidence
    _lookups: dict[int, dict[str, float]] = field(default_factory=dict)

    def explained(self, differing: pd.DataFrame) -> pd.DataFrame:
        """Return the differing rows with `reason` and `evidence`; what the report itself shows needs no request."""
        rows = records(differing)
        said = [self._by_numbers(row) for row in rows]
        tickets = self._tickets()
        self.evidence.look_up(self._left(rows, said), tickets)
        said = [each or self._by_facts(row, tickets) for row, each in zip(rows, said, strict=True)]
        self.evidence.look_closer(self._left(rows, said))
        said = [each or self._by_lag(row) for row, each in zip(rows, said, strict=True)]
        reasons = [UNEXPLAINED if each is None else each[0] for each in said]
        evidence = [None if each is None else each[1] for each in said]
        return differing.assign(reason=pd.array(reasons, dtype="str"), evidence=pd.array(evidence, dtype="str"))

    @staticmethod
    def _left(rows: list[dict[str, Any]], said: list[Said | None]) -> list[str]:
        """Return the conversations that nothing has explained so far."""
        return [row[ID] for row, each in zip(rows, said, strict=True) if each is None]

    def _by_numbers(self, row: dict[str, Any]) -> Said | None:
        """Explain a difference by another number of the report, or of ours, that is the same."""
        own, clock = row["ours"], self.ours.around_the_clock
        if pd.isna(own):
            return None
        first = set(self.numbers[0].number.reasons)
        for values in sorted(self.numbers, key=lambda each: len(first ^ set(each.number.reasons))):
            theirs, apart = self._lookup(values).get(row[ID]), first ^ set(values.number.reasons)
            if theirs is not None and apart and same(theirs, own):
                return _joined(apart), f"the report's number for {values.number.basis} is the same as ours"
            if theirs is not None and clock is not None and row[ID] in clock.index and same(theirs, clock[row[ID]]):
                said = f"the report's number for {values.number.basis} is the same as ours around the clock"
                return _joined(apart | {OFFICE}), said
        return None

    def _lookup(self, values: Values) -> dict[str, float]:
        if id(values) not in self._lookups:
            frame = values.frame.dropna(subset=["value"])
            self._lookups[id(values)] = dict(zip(frame[ID], frame["value"], strict=True))
        return self._lookups[id(values)]

    def _tickets(self) -> set[str]:
        """Return the conversations that are tickets by the report."""
        rows = self.report.rows
        if TICKET_TYPE not in rows:
            return set(rows[ID]) if self.comparison.dataset == "tickets" else set()
        return set(rows[ID][rows[TICKET_TYPE].notna()])

    def _by_facts(self, row: dict[str, Any], tickets: set[str]) -> Said | None:
        """Explain a difference by what the API says of the conversation, or by several rows for it."""
        if not pd.isna(row["ours"]) and not pd.isna(row["intercom"]) and same(row["ours"], row["intercom"]):
            return SEVERAL, f"the report has {int(row['rows'])} rows for it, of which the last one counts here"
        fact = self.evidence.facts.get(row[ID])
        if fact is None:
            return self._absent(row[ID], tickets)
        if not fact.searched:
            return LAG, f"found by its id, but not yet by a search; it changed last at {_time(fact.updated_at)}"
        one_sided = pd.isna(row["ours"]) or pd.isna(row["intercom"])
        if one_sided and (said := self._outside(fact, row)):
            return said
        if one_sided and fact.silent:
            return UNREPLIED, self._silence(row)
        if self.comparison.teammate and fact.parts > MOST_PARTS and pd.isna(row["ours"]):
            return CUT, f"it has {fact.parts:,} parts, of which the API returns the newest {MOST_PARTS}"
        begun = self.report.begun
        if begun is not None and fact.updated_at >= begun:
            return LAG, f"it changed at {_time(fact.updated_at)}, after the report was begun at {_time(begun)}"
        return None

    def _absent(self, id: str, tickets: set[str]) -> Said | None:
        """Explain why the API does not have a conversation that the report has."""
        if id in self.evidence.deleted:
            when = self.evidence.deleted[id]
            return DELETED, f"deleted at {_time(when)}; reports keep what was deleted"
        if id in tickets and self.evidence.tickets_refused:
            return UNREADABLE, "the report says that it is a ticket, and the token may not read tickets"
        return None

    def _outside(self, fact: Fact, row: dict[str, Any]) -> Said | None:
        """Explain a difference by the moment at which the side that lacks it counts, if that is outside of the span."""
        here, there = self.ours.counted_by, self.comparison.moment
        counted_there = bool(pd.isna(row["ours"]))
        moment = fact.moment(here if counted_there else there)
        if moment is None or self.ours.since <= moment < self.ours.until:
            return None
        what = f"{MOMENTS[here if counted_there else there]} at {_time(moment)}"
        where = f"{'before' if moment < self.ours.since else 'after'} the span"
        if counted_there:
            return BEFORE, f"{what}, {where}; the report counts it by {self.report.counted_by}{self._when(row)}"
        return BEFORE, f"{what}, {where}; here it counts by when {MOMENTS[here]}"

    def _when(self, row: dict[str, Any]) -> str:
        """Return when the report counts a conversation, where it says."""
        rows = self.report.rows
        if not self.report.has_zone:
            return ""
        moments = rows[MOMENT][rows[ID] == row[ID]].dropna()
        return f", {_time(moments.iloc[0])}" if len(moments) else ""

    def _silence(self, row: dict[str, Any]) -> str:
        if pd.isna(row["ours"]):
            return "no customer wrote in it: the report counts it, and this metric does not"
        return "no customer wrote in it: the report leaves such conversations out, as those before version 2.16 do"

    def _by_lag(self, row: dict[str, Any]) -> Said | None:
        """Explain a difference by a change that the search does not show yet."""
        changed = self.evidence.fresher.get(row[ID])
        if changed is None:
            return None
        return LAG, f"by its id it changed last at {_time(changed)}, which the search does not show yet"


def _joined(reasons: set[str]) -> str:
    return " and ".join(sorted(reasons))


def same(one: float, other: float) -> bool:
    """Return whether two numbers are the same, to the second."""
    return abs(one - other) < 1


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
