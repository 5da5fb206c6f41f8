"""The numbers of the latest period beside the usual ones, and the group that explains each unusual one."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from intercom_kit.errors import BadMetricError, BadQueryError, RequestsUsedUpError
from intercom_kit.frames.frame import Frame, receipt_of, with_receipt
from intercom_kit.frames.receipt import Receipt
from intercom_kit.metrics import find
from intercom_kit.numbers.findings import by_chance, course
from intercom_kit.numbers.names import heading, spelled
from intercom_kit.review.explaining import COUNTS, best
from intercom_kit.review.readable import Readable

Ask = Callable[..., Frame]  # a metric with its definition and a group, and the same arguments otherwise
Behind = Callable[..., Frame]  # the conversations behind a row of it

# Metrics with their definition, None for the first. New conversations "as Intercom counts" need a search of their own.
# What takes days to be known, such as closing, is not among them: of the latest week only the quick ones are known.
METRICS: Mapping[str, str | None] = {
    "conversations": "calendar",
    "first_response_time": None,
    "csat": None,
    "sla_hit_rate": None,
    "fin_involvement": None,
    "fin_resolution": None,
}
SPLITS = ("team", "channel", "tag", "plan", "country")

_NUMBER = ["number", "period", "value", "usual", "low", "high", "n", "unusual", "unit"]
_REASON = ["number", "by", "group", "value", "usual", "n", "explains", "unit"]
_LISTED = ["number", "group", "id", "created_at", "state", "title", "url"]


class Review(Readable):
    """A frame with the latest number of each metric; `reasons` and `conversations` say what is behind unusual ones.

    Whatever is computed from it is a plain frame without these.
    """

    _metadata = ["_found"]  # noqa: RUF012 - pandas declares it so

    @property
    def reasons(self) -> Readable:
        """Return what explains each unusual number.

        One row per unusual number: `number`, `by` and `group` (missing where no group explains it), `value` and `usual`
        of the group, `n`, `explains` (its share of the change), and their `unit`.
        """
        return self._parts.reasons

    @property
    def conversations(self) -> Frame:
        """Return the conversations behind the reasons.

        One row per conversation and unusual number: `number`, `group`, `id`, `created_at`, `state`, `title`, `url`. Of
        shares they are those on the side to which it changed, and otherwise all that the group's number counts; those
        of durations are in the order of these, the others the newest first.
        """
        return self._parts.conversations

    @property
    def answers(self) -> list[Frame]:
        """Return the answers of the metrics, by period."""
        return self._parts.answers

    @property
    def _parts(self) -> "_Found":
        found = vars(self)["_found"]
        assert isinstance(found, _Found)  # noqa: S101 - set below
        return found


@dataclass
class _Found:
    reasons: Readable
    conversations: Frame
    answers: list[Frame]


@dataclass
class Inquiry:
    """One review: how metrics and the conversations behind them are asked, and what to split unusual numbers by."""

    ask: Ask
    behind: Behind
    splits: Iterable[str] = SPLITS
    receipt: Receipt = field(default_factory=lambda: Receipt("review"))

    def review(self, metrics: Iterable[str] | Mapping[str, str | None]) -> Review:
        """Return the review of some metrics, by their first definition unless it is given."""
        chosen = metrics if isinstance(metrics, Mapping) else dict.fromkeys(metrics)
        answers = [self._asked(name, definition) for name, definition in chosen.items()]
        rows = [_number(answer, len(answers)) for answer in answers]
        reasons, listed = [], []
        for answer, row in zip(answers, rows, strict=True):
            if row["unusual"]:
                reason, conversations = self._explained(answer, row)
                reasons.append(reason)
                listed.append(conversations)
        review = Review(_frame(rows, _NUMBER, self.receipt))
        vars(review)["_found"] = _Found(
            Readable(_frame(reasons, _REASON, replace(self.receipt, table="reasons"))),
            _together(listed, replace(self.receipt, table="conversations", notes=[])),
            answers,
        )
        for made in (review, review.reasons):
            made.attrs["intercom"] = self.receipt.as_dict() | {"rows": len(made)}
        return review

    def _asked(self, name: str, definition: str | None, by: str | None = None) -> Frame:
        """Return the answer of a metric, and add what it cost."""
        answer = self.ask(name, definition, by)
        self.receipt.add(replace(receipt_of(answer), failures={}))
        return answer

    def _explained(self, answer: Frame, row: dict[str, Any]) -> tuple[dict[str, Any], Frame | None]:
        """Return what explains an unusual number, and the conversations behind that."""
        metric, groups = answer.attrs["intercom"]["metric"], []
        for by in self.splits:
            if by in SPLITS and by not in find(metric["name"]).subject.dimensions:
                continue
            try:
                groups.append(self._asked(metric["name"], metric["definition"], by))
            except (BadQueryError, RequestsUsedUpError):
                self.receipt.notes.append(
                    f"{row['number']} is not split by {by}, which needs more requests than allowed"
                )
        reason = {"number": row["number"], "unit": row["unit"]}
        if (found := best(groups, row["period"])) is None:
            return reason, None
        frame = next(each for each in groups if each.attrs["intercom"]["metric"]["by"] == [found.by])
        told = frame.iloc[found.row]
        group = f"no {heading(found.by)}" if pd.isna(told[found.by]) else spelled(found.by, told[found.by])
        numbers = {"value": told["value"], "usual": found.usual, "n": told["n"], "explains": found.share}
        named = {"number": row["number"], "group": group}
        return {**reason, "by": found.by, "group": group, **numbers}, self._listed(frame, found.row, row, named)

    def _listed(self, frame: Frame, at: int, row: dict[str, Any], named: dict[str, str]) -> Frame | None:
        """Return the conversations behind a group's number; None where that takes more requests than are allowed."""
        try:
            return self._behind(frame, at, more=row["value"] > row["usual"]).assign(**named)
        except (BadQueryError, RequestsUsedUpError):
            needs = "the conversations behind it need more requests than allowed"
            self.receipt.notes.append(f"{row['number']}: {needs}")
            return None

    def _behind(self, frame: Frame, at: int, *, more: bool) -> Frame:
        """Return the conversations behind a group's number, those that changed it first."""
        metric = frame.attrs["intercom"]["metric"]
        counted = self.behind(frame, at)
        if metric["unit"] == "share":
            hits = self.behind(frame, at, count="hits")
            return hits if more else counted[~counted["id"].isin(hits["id"])]
        column = find(metric["name"]).definition(metric["definition"]).measure.rpartition(".")[2]
        return counted.sort_values(column, ascending=not more) if column in counted else counted


def _number(answer: Frame, looked_at: int) -> dict[str, Any]:
    """Return the latest whole period of a metric beside the usual one, and whether it is unusual."""
    metric = answer.attrs["intercom"]["metric"]
    rows = pd.DataFrame(answer).reset_index(drop=True)
    if rows["period"].duplicated().any() or "n" not in rows:
        raise BadMetricError(f"{metric['name']} has no single number for each {metric['period']}: leave it out.")
    if metric["unit"] in COUNTS:
        rows = by_chance(rows, "n")
    row: dict[str, Any] = {"number": metric["title"], "unit": metric["unit"], "unusual": False}
    known = rows[rows["complete"].astype("bool")]
    if not len(known):
        return row
    last = known.iloc[-1]
    row |= {name: last[name] for name in ("period", "value", "low", "high", "n") if name in last}
    row["usual"] = known["value"].iloc[:-1].median()
    found = course(rows, days=metric["period"] == "day", looked_at=looked_at)
    if found and found.place == known.index[-1]:  # else the latest has no number, or an earlier one stands out
        row |= {"usual": found.usual, "unusual": found.unusual}
    return row


def _frame(rows: list[dict[str, Any]], columns: list[str], receipt: Receipt) -> Frame:
    """Return rows as a frame, whose counts are whole numbers."""
    return with_receipt(Frame(pd.DataFrame(rows, columns=columns).astype({"n": "Int64"})), receipt)


def _together(listed: list[Frame | None], receipt: Receipt) -> Frame:
    """Return the conversations behind several reasons as one frame, whose ids are links."""
    found = [each for each in listed if each is not None]
    rows = pd.concat([pd.DataFrame(each)[_LISTED] for each in found], ignore_index=True) if found else None
    links = receipt_of(found[0]).links if found else {}
    return with_receipt(Frame(pd.DataFrame(rows, columns=_LISTED)), replace(receipt, links=links))
