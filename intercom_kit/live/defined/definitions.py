"""The definitions of attributes; of a session they are fetched once, with one request per table."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import pandas as pd

from intercom_kit.errors import BadQueryError, IntercomError
from intercom_kit.fetch.listing import read
from intercom_kit.fetch.session import Session
from intercom_kit.frames.attributes import ANY, HOLDERS, Attribute
from intercom_kit.frames.frame import Frame, receipt_of
from intercom_kit.frames.receipt import Receipt
from intercom_kit.live.several_lists import REFUSALS
from intercom_kit.sql.attributes.naming import COLUMN, named, written
from intercom_kit.tables import ATTRIBUTES, TABLES, Table
from intercom_kit.tables.catalogue import describe
from intercom_kit.tables.privacy import Privacy

_LISTS = dict(zip(HOLDERS, ATTRIBUTES.listed_by, strict=True))

# How many keys a note names; the rest are counted.
_NAMED = 3
_LONGEST = 60  # characters of a key


@dataclass(frozen=True)
class Known:
    """The attributes of a table's rows, the names of all `defined` keys, and what it `cost` now to know them."""

    attributes: tuple[Attribute, ...]
    defined: frozenset[str]
    cost: Receipt
    refused: IntercomError | None = None


# Returns the definitions in one of the lists of attributes.
Listed = Callable[[Table], Frame]


class Definitions:
    """The definitions that are known, by the table that has them; others are `listed` when they are needed."""

    def __init__(self, privacy: Privacy, listed: Listed) -> None:
        self._privacy = privacy
        self._listed = listed
        self._frames: dict[str, Frame] = {}

    def forget(self) -> None:
        """Drop what is known, so that it is fetched again when it is next needed."""
        self._frames.clear()

    def schema(self, name: str | None) -> pd.DataFrame:
        """Describe the tables, or the columns of one with its attributes in SQL, if they are known already."""
        described = describe(name, self._privacy)
        if name not in self._frames:
            return described
        texts = _meanings(self._frames[name])
        rows = [
            (f"{COLUMN}.{written(sql)}", each.kind.sql, "", texts[each.name] + " (archived)" * each.archived, "")
            for sql, each in named(self.of(TABLES[name]).attributes).items()
        ]
        return pd.concat([described, pd.DataFrame(rows, columns=described.columns)], ignore_index=True)

    def of(self, table: Table) -> Known:
        """Return the attributes of a table's rows; none, and the error, if Intercom refuses to list them."""
        cost = Receipt("attributes")
        if table.name not in self._frames:
            try:
                found = self._listed(_LISTS[table.name])
            except REFUSALS as error:
                return Known((), frozenset(), replace(cost, requests=1), error)
            cost.add(receipt_of(found))
            self._frames[table.name] = found
        definitions = self._frames[table.name]
        columns = {each.member for each in table.columns if each.member}
        known = columns.union(map(_name, definitions["full_name"].dropna()))
        attributes = tuple(each for each in _attributes(definitions) if each.name not in columns)
        mixed = [quoted(each.name) for each in attributes if each.data_type == ANY]
        if mixed:
            cost.notes.append(f"Text, since types of tickets declare them differently: {some(mixed)}")
        column = HOLDERS[table.name]
        if self._privacy == "masked" and table.column(column).personal:
            attributes = tuple(replace(each, data_type=ANY) for each in attributes)
            cost.notes.append(f"The columns of {column} are text, since their values are masked")
        return Known(attributes, frozenset(known), cost)

    def for_query(self, names: Iterable[str], cost: Receipt) -> dict[str, tuple[Attribute, ...]]:
        """Return the attributes of tables whose `attr` a query names, and add to `cost` what it costs.

        Raises BadQueryError where they are left out, or Intercom refuses to list them.
        """
        found = {}
        for name in names:
            column = HOLDERS[name]
            if self._privacy == "none" and TABLES[name].column(column).personal:
                raise BadQueryError(
                    f"{name} have no attr: their {column} are left out here. Have whoever runs this connect with full "
                    "privacy (`--pii full`)."
                )
            known = self.of(TABLES[name])
            if known.refused:
                raise BadQueryError(
                    f"{name}.attr cannot be read, since Intercom does not list the attributes of {name}: "
                    f"{known.refused} Until then {column}->>'name' is the text of one."
                ) from known.refused
            cost.add(known.cost)
            cost.notes += [note for note in known.cost.notes if note not in cost.notes]
            found[name] = known.attributes
        return found


def fetched_from(session: Session) -> Listed:
    """Return what fetches a list of attributes."""

    def listed(table: Table) -> Frame:
        return session.fetch(
            table, lambda gathering: read(gathering, table.listing, None), items=table.inside, limit=None
        )

    return listed


def _attributes(definitions: pd.DataFrame) -> tuple[Attribute, ...]:
    """Return the attributes that the workspace defined, one for each name, active ones first.

    Several types of tickets may have attributes of the same name: their column is text if it would differ.
    """
    found: dict[str, list[Attribute]] = {}
    own = definitions[definitions["custom"].fillna(True) & definitions["full_name"].notna()]
    for full_name, data_type, archived in zip(
        own["full_name"], own["data_type"].fillna("string"), own["archived"].fillna(False), strict=True
    ):
        each = Attribute(_name(full_name), data_type, archived)
        found.setdefault(each.name, []).append(each)
    return tuple(sorted(map(_one, found.values()), key=lambda each: each.archived))


def _one(same: list[Attribute]) -> Attribute:
    """Return one attribute for several of the same name."""
    data_type = same[0].data_type if len({each.kind for each in same}) == 1 else ANY
    return Attribute(same[0].name, data_type, all(each.archived for each in same))


def _meanings(definitions: pd.DataFrame) -> dict[str, str]:
    """Return the label and the description of each attribute; of several with one name, the first."""
    found: dict[str, str] = {}
    own = definitions[definitions["full_name"].notna()]
    columns = (
        own[name].astype("object").where(own[name].notna(), "") for name in ("full_name", "label", "description")
    )
    for full_name, label, description in zip(*columns, strict=True):
        found.setdefault(_name(full_name), ": ".join(filter(None, (label or _name(full_name), description))))
    return found


def _name(full_name: str) -> str:
    return full_name.removeprefix("custom_attributes.")


def quoted(name: str) -> str:
    """Return a name on one line and not too long: it may hold any characters."""
    return repr(name if len(name) <= _LONGEST else f"{name[:_LONGEST]}…")


def some(names: list[str]) -> str:
    """Return the first few of some names as text, with how many more there are."""
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more:,} more" if more > 0 else "")
