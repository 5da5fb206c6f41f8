"""The manifest of a lake: which files hold which rows, what is still to be fetched, and as of when the rows are.

Only files that the manifest names count. It is replaced as a whole after the files that it names are complete, so that
a program that is killed leaves a lake that is as it was before its last step.
"""

import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from intercom_kit.api.identity import Identity
from intercom_kit.errors import BadLakeError
from intercom_kit.lake.stores import Where, store_at
from intercom_kit.lake.stores.store import Store
from intercom_kit.search.spans import Span
from intercom_kit.tables import TABLES
from intercom_kit.tables.privacy import Privacy

FORMAT = 1
NAME = "lake.json"


@dataclass(frozen=True)
class PlannedSpan:
    """A span of creation times that is fetched in one step, and how many rows Intercom counted in it."""

    first: int | None
    last: int | None
    rows: int

    @property
    def span(self) -> Span:
        """Return the span."""
        return Span(self.first, self.last)

    @property
    def name(self) -> str:
        """Return what names the span among those of its table."""
        return f"{self.first or 0}-{self.last or 0}"


@dataclass
class TopUp:
    """An update of a table that is under way: of what changed since a second, begun at another, span by span."""

    since: int
    begun: int
    plan: list[PlannedSpan]
    done: list[str] = field(default_factory=list)

    def left(self) -> list[PlannedSpan]:
        """Return the planned spans that are still to be fetched."""
        return [each for each in self.plan if each.name not in self.done]


@dataclass
class LakeTable:
    """The state of one table: its files with their rows, and the steps that are planned and done.

    `as_of` is the second as of which the rows are current. `missing` says by step why rows are missing. `columns` are
    those that the files have. Where rows are fetched key by key, `keys` are the files of the keys that were fetched,
    each as it was at that time, and `round` counts how often all of them were to be fetched.
    """

    files: dict[str, int] = field(default_factory=dict)
    plan: list[PlannedSpan] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    since: int | None = None
    as_of: int | None = None
    missing: dict[str, str] = field(default_factory=dict)
    columns: list[str] = field(default_factory=list)
    top_up: TopUp | None = None
    keys: dict[str, int] = field(default_factory=dict)
    round: int = 0
    generation: int = 0

    @property
    def rows(self) -> int:
        """Return how many rows the files hold."""
        return sum(self.files.values())

    def left(self) -> list[PlannedSpan]:
        """Return the planned spans that are still to be fetched."""
        return [each for each in self.plan if each.name not in self.done]

    def why_incomplete(self) -> str:
        """Return why rows are missing; empty if none are."""
        reasons = list(dict.fromkeys(self.missing.values()))
        if left := self.left():
            reasons.append(f"{sum(each.rows for each in left):,} rows are still to be exported")
        return "; ".join(reasons)


@dataclass
class Manifest:
    """What a lake holds, of which workspace, in which form."""

    store: Store
    identity: Identity
    privacy: Privacy = "full"
    pseudonyms: str = ""  # tells the keys of two programs apart, and nothing else about them
    tables: dict[str, LakeTable] = field(default_factory=dict)

    def table(self, name: str) -> LakeTable:
        """Return the state of a table, new if there is none."""
        return self.tables.setdefault(name, LakeTable())

    @property
    def exported(self) -> dict[str, LakeTable]:
        """Return the tables that an export has begun to write, by name."""
        return {name: table for name, table in self.tables.items() if table.as_of is not None}

    def write(self) -> None:
        """Replace the stored manifest."""
        tables = {name: asdict(table) for name, table in self.tables.items()}
        identity = {"workspace_id": self.identity.workspace_id, "workspace": self.identity.workspace}
        identity |= {"region": self.identity.region, "timezone": self.identity.timezone, "note": self.identity.note}
        told = {
            "format": FORMAT,
            "written_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "identity": identity,
            "privacy": self.privacy,
            "pseudonyms": self.pseudonyms,
            "tables": tables,
        }
        self.store.put_text(NAME, json.dumps(told, indent=1) + "\n")


def is_lake(where: Where) -> bool:
    """Return whether a place holds a lake."""
    return store_at(where).stamp(NAME) is not None


def read(where: Where) -> Manifest:
    """Return the manifest of a lake; raise BadLakeError where there is none that this version can read."""
    store = store_at(where)
    try:
        told = json.loads(store.text(NAME))
        if told["format"] != FORMAT:
            raise BadLakeError(
                f"The lake in {store.name!r} has format {told['format']}, and this version reads {FORMAT}: update "
                "intercom_kit, or export anew into another folder."
            )
        tables = {name: _table(stored) for name, stored in told["tables"].items() if name in TABLES}
        return Manifest(store, Identity(**told["identity"]), told["privacy"], told["pseudonyms"], tables)
    except FileNotFoundError:
        raise BadLakeError(
            f"{store.name!r} holds no lake: `intercom-kit export` or ws.export(folder, tables=…) writes one, or name "
            "the right folder."
        ) from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadLakeError(
            f"{str(store.path(NAME))!r} cannot be read ({error}): it is damaged, so export anew into another folder."
        ) from error


def _table(stored: dict[str, Any]) -> LakeTable:
    table = LakeTable(**stored)
    table.plan = [PlannedSpan(**each) for each in stored["plan"]]
    if top_up := stored["top_up"]:
        table.top_up = TopUp(**top_up)
        table.top_up.plan = [PlannedSpan(**each) for each in top_up["plan"]]
    return table


def delete(lake: Manifest) -> None:
    """Delete the files of a lake, the manifest first, and its folder if nothing else is in it."""
    lake.store.delete([NAME])
    lake.store.remove(lake.tables)
