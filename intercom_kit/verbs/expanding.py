"""The option `expand` of list verbs: a column for each attribute that the workspace defined, of its declared type."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import pandas as pd

from intercom_kit.concurrency import stopping
from intercom_kit.errors import BadFilterError
from intercom_kit.fetch.session import Session
from intercom_kit.frames.attributes import HOLDERS, Attribute, Documents
from intercom_kit.frames.frame import Frame, receipt_of, with_receipt
from intercom_kit.frames.receipt import Receipt
from intercom_kit.live.defined.definitions import quoted, some
from intercom_kit.live.query import Queries
from intercom_kit.tables import Table
from intercom_kit.values.plain import plain


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
    session, column = queries.session, HOLDERS[table.name]
    if not _requested(table, column, expand):
        return Expansion(session)
    if session.privacy == "none" and table.column(column).personal:
        raise BadFilterError(
            f"{table.name} have no {column} to expand: they are left out here. Have whoever runs this connect with "
            "full privacy (`--pii full`)."
        )
    known = queries.definitions.of(table)
    if known.refused:
        known.cost.notes.append(
            f"{column} is not expanded, since Intercom does not list the attributes of {table.name}: {known.refused}"
        )
    return Expansion(session, column, known.attributes, known.defined, known.cost, refused=known.refused is not None)


def _requested(table: Table, column: str, expand: Iterable[str]) -> bool:
    names = plain(expand)
    names = names if isinstance(names, list) else [names]
    for name in names:
        if name != column:
            raise BadFilterError(f"{table.name} cannot expand {name!r}: only {column!r}.")
    return bool(names)


def _undefined(others: dict[str, int], column: str) -> list[str]:
    """Return the note on keys that are not defined as attributes."""
    if not others:
        return []
    keys = f"{len(others):,} key{' is' if len(others) == 1 else 's are'}"
    named = some([f"{quoted(key)} ({count:,} value{'s' * (count != 1)})" for key, count in others.items()])
    return [f"{keys} not defined as attributes, and only in the JSON of {column}: {named}"]
