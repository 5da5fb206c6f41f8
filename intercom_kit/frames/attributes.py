"""Attributes of objects as columns of their own, each of its declared type, read by DuckDB from a frame's JSON.

UNCONFIRMED [attribute-dates]: whether dates come as unix seconds or ISO text, so both are read.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from intercom_kit.frames.frame import Frame, frame
from intercom_kit.frames.receipt import Receipt
from intercom_kit.tables import Column, Kind
from intercom_kit.tables.projection import typed

# The column of JSON objects that holds the attributes, by table.
HOLDERS = {
    "contacts": "custom_attributes",
    "companies": "custom_attributes",
    "conversations": "custom_attributes",
    "tickets": "attributes",
}

# The type of a column that takes any value as text.
ANY = ""

_KINDS = {
    "integer": Kind.INTEGER,
    "float": Kind.NUMBER,
    "decimal": Kind.NUMBER,
    "boolean": Kind.BOOLEAN,
    "date": Kind.TIME,
    "datetime": Kind.TIME,
    "relationship": Kind.TEXTS,
    "files": Kind.JSON,
}
_TEXT_TYPES = ("string", "list")

# The texts of all values by one reading of the JSON.
_STAGES = """
    select *, {texts} from (
        select *, json_extract_string(
            if(starts_with({document}::varchar, '{{'), {document}, null), [{pointers}]
        ) as texts
        from {source}
    )
"""
# Names that DuckDB reads as the name of a member, not as a path into the JSON.
_NAME = re.compile(r"[^$/*\\.\"~\[\]]+")
_OTHERS = """
    select key, count(*) from (
        select unnest(json_keys(document)) as key, unnest(json_extract(document, '$.*'))::varchar as value
        from given where json_type(document) = 'OBJECT'
    )
    where value <> 'null' and key not in (select unnest($known::varchar[])) group by key order by count(*) desc, key
"""


@dataclass(frozen=True)
class Attribute:
    """The definition of one attribute: the key of its values in the JSON, their type, and whether it is archived."""

    name: str
    data_type: str
    archived: bool = False

    @property
    def kind(self) -> Kind:
        """Return the kind of its column; text for a type that is not known here."""
        return _KINDS.get(self.data_type, Kind.TEXT)

    @property
    def pointer(self) -> str:
        """Return the JSON pointer to its value, which can name any key."""
        return "/" + self.name.replace("~", "~0").replace("/", "~1")

    @property
    def key(self) -> str:
        """Return what names its value in `json ->> key`: its name where that is one, since it can be searched for."""
        return self.name if _NAME.fullmatch(self.name) else self.pointer


class Documents:
    """A frame's column of JSON objects on a DuckDB cursor, for as long as that is open."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, documents: pd.Series) -> None:
        self._cursor = cursor
        self._rows = len(documents)
        cursor.register("given", pd.DataFrame({"document": documents.astype("str").array}))

    def columns(self, prefix: str, attributes: Sequence[Attribute]) -> Frame:
        """Return a column for each attribute, named after the prefix and it; archived ones only if they have values.

        A value that does not fit its type is missing, and counted in the receipt.
        """
        receipt, places = Receipt("attributes"), dict[str, int]()
        if attributes:
            self._cursor.execute(_expanded(attributes))
        for place, (values, unfit) in enumerate(self._counts(len(attributes))):
            if values or not attributes[place].archived:
                name = prefix + attributes[place].name
                places[name] = place
                receipt.misfits |= {name: unfit} if unfit else {}

        def read(names: list[str]) -> dict[str, Any]:
            chosen = ", ".join(f"a{places[name]}" for name in names)
            arrays = self._cursor.execute(f"select {chosen} from expanded order by rowid").fetchnumpy()
            return {name: arrays[f"a{places[name]}"] for name in names}

        columns = tuple(Column(name, attributes[place].kind, "") for name, place in places.items())
        return frame(read, np.arange(self._rows), columns, receipt)

    def others(self, known: Collection[str]) -> dict[str, int]:
        """Return how many values there are under each key that is not a known attribute, most first."""
        return dict(self._cursor.execute(_OTHERS, {"known": list(known)}).fetchall())

    def _counts(self, count: int) -> list[tuple[int, int]]:
        """Return for each attribute how many values it has, and how many of these do not fit."""
        if not count:
            return []
        counts = [f"count_if(has{place}), count_if(has{place} and a{place} is null)" for place in range(count)]
        (row,) = self._cursor.execute(f"select {', '.join(counts)} from expanded").fetchall()
        return list(zip(row[::2], row[1::2], strict=True))


def stages(attributes: Sequence[Attribute], document: str, source: str) -> str:
    """Return the query that adds to the rows of a source what `value` reads: the texts a0, a1, … of a JSON column."""
    texts = [f"texts[{place + 1}] as a{place}" for place in range(len(attributes))]
    pointers = ", ".join(literal(each.pointer) for each in attributes)
    return _STAGES.format(texts=", ".join(texts), document=document, source=source, pointers=pointers)


def _expanded(attributes: Sequence[Attribute]) -> str:
    """Return the statement that creates the table of values, with what every attribute `has` beside its column."""
    columns = [
        f"{value(each, place, 'document')} as a{place}, a{place} is not null as has{place}"
        for place, each in enumerate(attributes)
    ]
    source = stages(attributes, "document", "given")
    return f"create temp table expanded as select {', '.join(columns)} from ({source})"


def value(attribute: Attribute, place: int, document: str) -> str:
    """Return the expression for the value of an attribute: NULL where it does not fit."""
    text, cast, pointer = f"a{place}", typed(Column(f"a{place}", attribute.kind, "")), literal(attribute.pointer)
    match attribute.kind:
        case Kind.INTEGER:
            return f"if({cast} = try_cast({text} as double), {cast}, null)"
        case Kind.NUMBER:
            return f"if(isfinite({cast}), {cast}, null)"
        case Kind.TEXTS:
            whole = f"json_extract({document}, {pointer})"
            ids = f"json_extract_string({whole}, '$.instances[*].id')"
            each_has_one = f"list_count({ids}) = json_array_length({whole}, '$.instances')"
            return f"if(json_type({whole}, '$.instances') = 'ARRAY' and {each_has_one}, {ids}, null)"
        case Kind.JSON:
            return f"if({text}[1] = '[' and json_type({document}, {pointer}) = 'ARRAY', {text}, null)"
        case Kind.TEXT if attribute.data_type in _TEXT_TYPES:
            is_nested = f"{text}[1] in ('{{', '[') and json_type({document}, {pointer}) <> 'VARCHAR'"
            return f"if({is_nested}, null, {text})"
        case _:
            return cast


def literal(text: str) -> str:
    """Return a text as SQL, also one with characters that a constant cannot hold."""
    return "(" + " || chr(0) || ".join("'" + part.replace("'", "''") + "'" for part in text.split("\0")) + ")"
