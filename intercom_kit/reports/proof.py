"""A metric beside Intercom's report: both numbers, and every conversation that differs, with the reason."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pandas as pd

from intercom_kit.fetch.session import Session
from intercom_kit.frames.frame import Frame, with_receipt
from intercom_kit.frames.receipt import Receipt
from intercom_kit.reports.calibration import calibrate
from intercom_kit.reports.comparisons import Comparison
from intercom_kit.reports.evidence import Evidence
from intercom_kit.reports.ours import Ours
from intercom_kit.reports.reasons import Explaining
from intercom_kit.reports.report import MOMENT, Report
from intercom_kit.reports.values import TEAMMATE, Values, alike, values_of
from intercom_kit.reports.words import understand
from intercom_kit.tables import CONVERSATIONS

_NAMES = "select id as teammate_id, name as teammate from admins"


class Proof(Frame):
    """A frame with Intercom's number beside ours; `differences` has every conversation that differs.

    Whatever is computed from it is a plain DataFrame without these.
    """

    _metadata = ["_differences"]  # noqa: RUF012 - pandas declares it so

    @property
    def differences(self) -> Frame:
        """Return the conversations that differ.

        One row per conversation, or per conversation and teammate: `id`, `intercom` and `ours` (missing where it does
        not count), `reason`, `evidence` (what shows that), `url`; the largest differences first.
        """
        found = vars(self)["_differences"]
        assert isinstance(found, Frame)  # noqa: S101 - set below
        return found


def prove(session: Session, report: Report, ours: Ours, answer: Frame | None) -> Proof:
    """Hold a report beside our numbers, and explain every difference."""
    comparison = ours.comparison
    calibrate(report, ours.context, session.identity.zone)
    if report.has_zone:
        inside = report.rows[MOMENT].between(ours.since, ours.until, inclusive="left")
        report.rows = report.rows[inside | report.rows[MOMENT].isna()].reset_index(drop=True)
    alike(report, comparison)
    if comparison.words and comparison.words.column in report.columns:
        understand(report, comparison.words, ours.context)
    numbers = values_of(report, comparison, session.database)
    both = _together(numbers[0], ours)
    evidence = Evidence(session, ours)
    explaining = Explaining(comparison, report, numbers, ours, evidence)
    differing = explaining.explained(both[_differs(both, comparison)].reset_index(drop=True))
    summary = _per_teammate(both, ours) if comparison.teammate else _summary(numbers, ours, answer)
    return _proof(session, report, ours, summary, differing, evidence.notes)


def _together(values: Values, ours: Ours) -> pd.DataFrame:
    """Return every conversation of either side, with both values."""
    theirs = values.frame.rename(columns={"value": "intercom"})
    own = ours.values.rename(columns={"value": "ours"})
    for frame in (theirs, own):
        for key in ours.keys:
            frame[key] = frame[key].astype("str")
    return theirs.merge(own, on=ours.keys, how="outer", validate="one_to_one")


def _differs(both: pd.DataFrame, comparison: Comparison) -> "pd.Series[bool]":
    """Return which rows differ: by a second or more, by counting on one side only, or there more than once."""
    one_sided = both["intercom"].isna() != both["ours"].isna()
    apart = (both["intercom"] - both["ours"]).abs() >= 1
    return one_sided | apart | ((both["rows"] > 1) & (comparison.value == "share"))


def _aggregate(comparison: Comparison, values: "pd.Series[float]") -> float:
    values = values.dropna()
    if comparison.value == "count":
        return float(len(values))
    return float(values.median() if comparison.value == "median" else values.mean()) if len(values) else float("nan")


def _summary(numbers: list[Values], ours: Ours, answer: Frame | None) -> pd.DataFrame:
    """Return a row per number of the report, beside our number."""
    comparison, rows = ours.comparison, []
    own, n_ours = float("nan"), 0
    if answer is not None and len(answer):
        own, n_ours = float(answer["value"].iloc[0]), int(answer["n"].iloc[0])
    for values in numbers:
        counted = values.each_row if comparison.value == "share" else values.frame["value"]
        theirs = _aggregate(comparison, counted)
        beside = _together(values, ours)
        rows.append(
            {
                "number": values.number.basis,
                "intercom": theirs,
                "ours": own,
                "difference": theirs - own,
                "n_intercom": int(counted.notna().sum()),
                "n_ours": n_ours,
                "differing": int(_differs(beside, comparison).sum()),
            }
        )
    return pd.DataFrame(rows)


def _per_teammate(both: pd.DataFrame, ours: Ours) -> pd.DataFrame:
    """Return a row per teammate: in how many conversations they did it, by either side."""
    counted = both.assign(differing=_differs(both, ours.comparison)).groupby(TEAMMATE, as_index=False)
    found = counted.agg(intercom=("intercom", "count"), ours=("ours", "count"), differing=("differing", "sum"))
    names = pd.DataFrame(ours.sql(_NAMES, fresh="session"))
    found = found.merge(names, on=TEAMMATE, how="left").sort_values(["intercom", TEAMMATE], ascending=[False, True])
    found["difference"] = found["intercom"] - found["ours"]
    columns = [TEAMMATE, "teammate", "intercom", "ours", "difference", "differing"]
    return found[columns].reset_index(drop=True)


def _proof(
    session: Session, report: Report, ours: Ours, summary: pd.DataFrame, differing: pd.DataFrame, notes: list[str]
) -> Proof:
    order = (differing["intercom"].fillna(0) - differing["ours"].fillna(0)).abs().sort_values(ascending=False).index
    columns = [*ours.keys, "intercom", "ours", "reason", "evidence"]
    listed = with_receipt(Frame(differing.loc[order, columns].reset_index(drop=True)), _receipt(ours, "differences"))
    reasons = differing["reason"].value_counts()
    receipt = ours.receipt
    receipt.notes += [f"the report is {report.name}", *report.notes, *notes]
    counts = ", ".join(f"{count:,} {reason}" for reason, count in reasons.items())
    receipt.notes.append(f"differing: {counts}" if counts else "nothing differs")
    proof = Proof(with_receipt(summary, receipt))
    proof.attrs["intercom"] = receipt.as_dict()
    vars(proof)["_differences"] = session.linked(listed, CONVERSATIONS)
    return proof


def _receipt(ours: Ours, table: str) -> Receipt:
    """Return the receipt of the differences: as complete as what they are of."""
    return replace(ours.receipt, table=table, notes=[], metric={})


def span_of(report: Report, since: datetime | None, until: datetime | None, zone: Any) -> tuple[datetime, datetime]:
    """Return the span of a file: as given, or else the whole days from its first to its last moment."""
    moments = report.rows[MOMENT].dropna() if MOMENT in report.rows else pd.Series(dtype="datetime64[us, UTC]")
    if since is not None and until is not None:
        return since, until
    if moments.empty:
        raise ValueError
    local = moments.dt.tz_convert(zone) if report.has_zone else moments.dt.tz_localize(zone, ambiguous="NaT")
    first, last = local.min().normalize(), local.max().normalize() + pd.Timedelta(days=1)
    return since or first.to_pydatetime(), until or last.to_pydatetime()
