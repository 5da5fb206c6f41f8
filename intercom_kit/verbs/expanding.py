"""The option `expand` of list verbs: a column for each attribute that the workspace defined, of its declared type."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import pandas as pd

from intercom_kit.concurrency import stopping
from intercom_kit.errors import BadFilterError, IntercomError
from intercom_kit.fetch.session import Session
from intercom_kit.frames.attributes import ANY, Attribute, Documents
from intercom_kit.frames.frame import Frame, receipt_of, with_receipt
from intercom_kit.frames.receipt import Receipt
from intercom_kit.live.query import Queries
from intercom_kit.live.several_lists import REFUSALS
from intercom_kit.tables import ATTRIBUTES, Table
from intercom_kit.values.plain import plain
from intercom_kit.verbs.lists import listed

# The column of JSON objects that holds the attributes, by table.
_COLUMNS = {
    "contacts": "custom_attributes",
    "companies": "custom_attributes",
    "conversations": "custom_attributes",
    "tickets": "attributes",
}
_LISTS = dict(zip(_COLUMNS, ATTRIBUTES.listed_by, strict=True))

# How many keys a note names; the rest are counted.
_NAMED = 3
_LONGEST = 60  # characters of a key


@dataclass(frozen=True)
class Expansion:
    """The attributes that become columns of a verb's frame; none where `expand` was not given."""

    session: Session
    column: str = ""
    attributes: tuple[Attribute, ...] = ()
    known: frozenset[str] = frozenset()
    cost: Receipt = field(default_factory=lambda: Receipt("attributes"))
    refused: bool = False

    def of(self, frame: Frame) -> Frame:
        """Return the frame with the columns, named as in filters and metrics: custom_attributes.plan."""
        if not self.column:
            return frame
        receipt = receipt_of(frame)
        receipt.add(self.cost)
        receipt.notes += self.cost.notes
        if self.refused:
            return with_receipt(frame, receipt)
        with self.session.translated_errors(), self.session.database.cursor() as cursor:
            columns, others = stopping.interruptible(
                lambda: self._read(Documents(cursor, frame[self.column])), cursor.interrupt
            )
        receipt.misfits |= receipt_of(columns).misfits
        receipt.notes += _undefined(others, self.column)
        whole = pd.concat([frame, columns], axis=1) if len(columns.columns) else frame
        return with_receipt(Frame(whole, copy=False), receipt)

    def _read(self, documents: Documents) -> tuple[Frame, dict[str, int]]:
        return documents.columns(f"{self.column}.", self.attributes), documents.others(self.known)


def expansion(queries: Queries, table: Table, expand: Iterable[str]) -> Expansion:
    """Return what a verb is to expand; the definitions are fetched once per session, with one request per table.

    Raises BadFilterError for any other column, and where there is nothing to expand because attributes are left out.
    """
    session, column = queries.session, _COLUMNS[table.name]
    if not _requested(table, column, expand):
        return Expansion(session)
    if session.privacy == "none" and table.column(column).personal:
        raise BadFilterError(
            f"{table.name} have no {column} to expand: they are left out here. Have whoever runs this connect with "
            "full privacy (`--pii full`)."
        )
    definitions, cost = _definitions(queries, table)
    if definitions is None:
        return Expansion(session, column, cost=cost, refused=True)
    columns = {each.member for each in table.columns if each.member}
    known = columns.union(map(_name, definitions["full_name"].dropna()))
    attributes = tuple(each for each in _attributes(definitions) if each.name not in columns)
    mixed = [_quoted(each.name) for each in attributes if each.data_type == ANY]
    if mixed:
        cost.notes.append(f"Text, since types of tickets declare them differently: {_some(mixed)}")
    if session.privacy == "masked" and table.column(column).personal:
        attributes = tuple(replace(each, data_type=ANY) for each in attributes)
        cost.notes.append(f"The columns of {column} are text, since their values are masked")
    return Expansion(session, column, attributes, frozenset(known), cost)


def _requested(table: Table, column: str, expand: Iterable[str]) -> bool:
    names = plain(expand)
    names = names if isinstance(names, list) else [names]
    for name in names:
        if name != column:
            raise BadFilterError(f"{table.name} cannot expand {name!r}: only {column!r}.")
    return bool(names)


def _definitions(queries: Queries, table: Table) -> tuple[pd.DataFrame | None, Receipt]:
    """Return the attributes of a table's rows, and what they cost now; None with a note if Intercom refuses them."""
    cost = Receipt("attributes")
    if table.name not in queries.definitions:
        try:
            found = listed(queries.session, _LISTS[table.name])
        except REFUSALS as error:
            return None, _refusal(table, error)
        cost.add(receipt_of(found))
        queries.definitions[table.name] = found
    return queries.definitions[table.name], cost


def _refusal(table: Table, error: IntercomError) -> Receipt:
    note = (
        f"{_COLUMNS[table.name]} is not expanded, since Intercom does not list the attributes of {table.name}: {error}"
    )
    return Receipt("attributes", requests=1, notes=[note])


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


def _name(full_name: str) -> str:
    return full_name.removeprefix("custom_attributes.")


def _undefined(others: dict[str, int], column: str) -> list[str]:
    """Return the note on keys that are not defined as attributes."""
    if not others:
        return []
    keys = f"{len(others):,} key{' is' if len(others) == 1 else 's are'}"
    named = _some([f"{_quoted(key)} ({count:,} value{'s' * (count != 1)})" for key, count in others.items()])
    return [f"{keys} not defined as attributes, and only in the JSON of {column}: {named}"]


def _quoted(name: str) -> str:
    """Return a name on one line and not too long: it may hold any characters."""
    return repr(name if len(name) <= _LONGEST else f"{name[:_LONGEST]}…")


def _some(names: list[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more:,} more" if more > 0 else "")
