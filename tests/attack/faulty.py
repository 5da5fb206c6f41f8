"""Faults of the server, alone and mixed, and what each does to listings: a row of a table for each; see `row`."""

import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import pandas as pd

from intercom_kit import IntercomError, Workspace, connect
from intercom_kit.sandbox import Sandbox
from intercom_kit.sandbox.faults import KNOWN
from tests.live.test_misbehaviours import VERBS

STATUSES = ("400", "401", "403", "404", "409", "422", "429", "500", "502", "503", "504")

# These change what the rows are, which other tests look at; or end the token, and all that follows.
OTHERWISE = {"changing", "shuffle", "token_revoked"}
ALONE = [*STATUSES, *(name for name in KNOWN if name not in OTHERWISE)]

RATES = (0.05, 0.3, 1.0)
Rates = dict[str, float]

# Which of the rows are asked for depends on the pages: of these only what they are is looked at.
SOME = ("some contacts", "some companies", "the oldest users", "the newest conversations")


def mixes(count: int, seed: int) -> list[Rates]:
    """Give every fault alone and two that were asked for together, then so many mixes of two to five."""
    dice = random.Random(seed)  # noqa: S311 - tests are to be repeatable
    together: list[Rates] = [{"429": 0.3, "latency": 0.5}, {"429": 0.3, "retry_after_absurd": 1.0}]
    drawn = [{name: dice.choice(RATES[:2]) for name in dice.sample(ALONE, dice.randint(2, 5))} for _ in range(count)]
    return [{name: dice.choice(RATES)} for name in ALONE] + together + drawn


@dataclass
class Row:
    """What became of the listings under some faults; `wrong` are rows whose values differ from the right ones."""

    faults: Rates
    calls: int = 0
    whole: int = 0
    declared: int = 0
    typed: Counter[str] = field(default_factory=Counter)
    untyped: list[str] = field(default_factory=list)
    lost: int = 0
    doubled: int = 0
    wrong: int = 0
    slowest: float = 0.0

    @property
    def sound(self) -> bool:
        """Tell whether nothing was lost, doubled or wrong without a word, and every error was ours."""
        return not (self.lost or self.doubled or self.wrong or self.untyped)

    def __str__(self) -> str:
        names = " + ".join(f"{name} {rate:g}" for name, rate in self.faults.items())
        errors = ", ".join(f"{count} {name}" for name, count in self.typed.most_common())
        numbers = f"{self.lost} | {self.doubled} | {self.wrong} | {len(self.untyped)} | {self.slowest:.1f}"
        return f"| {names} | {self.whole} | {self.declared} | {errors} | {numbers} |"


HEAD = "| faults | whole | declared | typed errors | lost | doubled | wrong | other errors | slowest (s) |"


def row(sandbox: Sandbox, right: dict[str, pd.DataFrame], faults: Rates, names: list[str], patience: float) -> Row:
    """List under some faults, and compare what comes with the right rows."""
    found = Row(faults)
    for name in names:
        with connect(sandbox.token, base_url=sandbox.base_url, patience=patience) as ws:
            ws.identity  # noqa: B018 - who is connected is known beforehand
            for fault, rate in faults.items():
                sandbox.faults.set(fault, rate)
            began = time.monotonic()
            frame = _listed(found, VERBS[name], ws)
            found.slowest = max(found.slowest, time.monotonic() - began)
            sandbox.faults.clear()
        if frame is not None:
            _compare(found, frame, right[name], some=name in SOME)
    return found


def _listed(found: Row, verb: Callable[[Workspace], pd.DataFrame], ws: Workspace) -> pd.DataFrame | None:
    found.calls += 1
    try:
        return verb(ws)
    except IntercomError as error:
        found.typed[type(error).__name__] += 1
    except Exception as error:  # noqa: BLE001 - of which the table tells
        found.untyped.append(f"{type(error).__name__}: {error}")
    return None


def _compare(found: Row, frame: pd.DataFrame, right: pd.DataFrame, some: bool) -> None:
    """Count what a frame lacks, has twice, or has otherwise; what it says that it lacks is not lost."""
    told = frame.attrs["intercom"]
    complete = bool(told["complete"])
    found.whole += complete
    found.declared += not complete
    frame = frame[frame["id"].notna()]
    found.doubled += int(frame["id"].duplicated().sum())
    if some or "events_same_ms" in found.faults:  # which moves events
        return
    known = right.set_index("id")
    absent = any("Intercom does not know" in note for note in told["notes"])
    found.lost += len(set(right["id"]) - set(frame["id"])) if complete and not absent else 0
    for each in frame.drop_duplicates("id").itertuples(index=False):
        values = each._asdict()
        expected = known.loc[values["id"]] if values["id"] in known.index else None
        found.wrong += expected is None or any(
            repr(values[name]) != repr(expected[name]) for name in ("created_at", "updated_at") if name in known
        )
