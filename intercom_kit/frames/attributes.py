"""Attributes of objects as columns of their own, each of its declared type, read by DuckDB from a frame's JSON.

UNCONFIRMED [attribute-dates]: whether dates come as unix seconds or ISO text, so both are read.
"""

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

# Every value as JSON in `raw`, and in `texts` those that are neither objects nor lists.
_EXPANDED = """
    create temp table expanded as select {columns} from (select raw, {texts} from (
        select raw, list_transform(raw, lambda value: if(value[1] in ('{{', '['), null, value::json->>'$')) as texts
        from (
            select list_transform(
                json_extract(if(json_type(document) = 'OBJECT', document, null), $pointers::varchar[]),
                lambda value: nullif(value::varchar, 'null')
            ) as raw
            from given
        )
    ))
"""
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
            self._cursor.execute(_expanded(attributes), {"pointers": [each.pointer for each in attributes]})
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


def _expanded(attributes: Sequence[Attribute]) -> str:
    """Return the statement that creates the table of values, with what every attribute `has` beside its column."""
    texts = [f"texts[{place + 1}] as a{place}" for place in range(len(attributes))]
    columns = [
        f"{_value(each, place)} as a{place}, raw[{place + 1}] is not null as has{place}"
        for place, each in enumerate(attributes)
    ]
    return _EXPANDED.format(columns=", ".join(columns), texts=", ".join(texts))


def _value(attribute: Attribute, place: int) -> str:
    """Return the expression for the value of an attribute: NULL where it does not fit."""
    text, raw, cast = f"a{place}", f"raw[{place + 1}]", typed(Column(f"a{place}", attribute.kind, ""))
    match attribute.kind:
        case Kind.INTEGER:
            return f"if({cast} = try_cast({text} as double), {cast}, null)"
        case Kind.NUMBER:
            return f"if(isfinite({cast}), {cast}, null)"
        case Kind.TEXTS:
            ids = f"json_extract_string({raw}, '$.instances[*].id')"
            each_has_one = f"list_count({ids}) = json_array_length({raw}, '$.instances')"
            return f"if(json_type({raw}, '$.instances') = 'ARRAY' and {each_has_one}, {ids}, null)"
        case Kind.JSON:
            return f"if({raw}[1] = '[', {raw}, null)"
        case Kind.TEXT if attribute.data_type not in _TEXT_TYPES:
            return f"coalesce({text}, {raw})"
        case _:
            return cast
