"""Collections of objects, generated (rendered on demand) or loaded (served verbatim)."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import count
from operator import attrgetter
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from intercom_kit.sandbox.contents.columns import NumberColumn, TextColumn
from intercom_kit.sandbox.contents.fields import Field, read_field
from intercom_kit.sandbox.contents.record import Record, encode

REMEMBERED_TEXTS = 10_000  # about 3 kB each
_versions = count()  # unique across collections, unlike id()


class ChangedRecord(dict[str, Any]):
    """The JSON object that replaces a changed generated object; unchanged fields are still read from the original."""

    def __init__(self, record: Record, origin: Any, keys: frozenset[str]) -> None:
        super().__init__(record)
        self.origin = origin
        self.keys_changed = keys

    def has_original(self, field: Field) -> bool:
        """Return whether a field has its generated value."""
        head = "email" if field.name == "email_domain" else field.path.partition(".")[0].removesuffix("[]")
        return head not in self.keys_changed


class Collection:
    """The objects of one kind in order of creation. A row is a JSON object, or a generated object rendered on demand.

    `render` returns the full record of a generated object, `write` its JSON text in lists; `listed` returns a record
    as it appears in lists. `readers` return single fields of generated objects.
    """

    def __init__(
        self,
        items: Iterable[Any] = (),
        listed: Callable[[Record], Record] = dict,
        render: Callable[[Any], Record] = dict,
        write: Callable[[Any], str] | None = None,
        readers: Mapping[str, Callable[[Any], object]] | None = None,
    ) -> None:
        self.items = list(items)
        self.version = next(_versions)  # new after each change, to invalidate caches
        # Called before each change with the id and the new object, or None before a deletion.
        self.watchers: list[Callable[[str, Any], None]] = []
        self._changed = any(isinstance(item, dict) for item in self.items)
        self._listed = listed
        self._render = render
        self._write = write or (lambda item: encode(render(item)))
        self._readers = readers or {}
        self._rows = {self.id_of(row): row for row in range(len(self.items))}
        self._texts: dict[int, str] = {}
        self._numbers: dict[str, NumberColumn] = {}
        self._text_columns: dict[str, TextColumn] = {}
        self._orders: dict[str, tuple[NDArray[np.int64], NDArray[np.float64]]] = {}

    def __len__(self) -> int:
        return len(self.items)

    def records(self) -> Iterator[Record]:
        return (self.record(row) for row in range(len(self)))

    def record(self, row: int) -> Record:
        """Return one object in full."""
        item = self.items[row]
        return item if isinstance(item, dict) else self._render(item)

    def item(self, row: int) -> Record:
        """Return one object as it appears in lists."""
        item = self.items[row]
        return self._listed(item) if isinstance(item, dict) else dict(json.loads(self.text(row)))

    def text(self, row: int) -> str:
        """Return one object's JSON text as it appears in lists; recent texts are cached."""
        text = self._texts.get(row)
        if text is None:
            item = self.items[row]
            text = encode(self._listed(item)) if isinstance(item, dict) else self._write(item)
            if len(self._texts) >= REMEMBERED_TEXTS:
                del self._texts[next(iter(self._texts))]
            self._texts[row] = text
        return text

    def origin(self, row: int) -> Any:
        """Return the generated object of a row, as it was before any change."""
        item = self.items[row]
        return item.origin if isinstance(item, ChangedRecord) else item

    def id_of(self, row: int) -> str:
        item = self.items[row]
        return str(item["id"] if isinstance(item, dict) else item.id)

    def row(self, id_: object) -> int | None:
        return self._rows.get(str(id_))

    def get(self, id_: object) -> Record | None:
        row = self.row(id_)
        return None if row is None else self.record(row)

    def upsert(self, record: Record) -> None:
        """Add an object, or update the given keys of the object with the same id."""
        row = self.row(record["id"])
        self.put(str(record["id"]), dict(record) if row is None else self._merged(row, record))

    def _merged(self, row: int, record: Record) -> Record:
        item, keys = self.items[row], frozenset(record)
        merged = {**self.record(row), **record}
        if isinstance(item, ChangedRecord):
            return ChangedRecord(merged, item.origin, item.keys_changed | keys)
        return merged if isinstance(item, dict) else ChangedRecord(merged, item, keys)

    def put(self, id_: str, item: Any) -> None:
        """Add an object, or replace the object with the same id."""
        self._notify(id_, item)
        row = self.row(id_)
        if row is None:
            self._rows[id_] = len(self.items)
            self.items.append(item)
        else:
            self.items[row] = item
        self._invalidate()

    def delete(self, id_: str) -> None:
        row = self._rows[id_]
        self._notify(id_, None)
        del self.items[row]
        self._rows = {self.id_of(row): row for row in range(len(self.items))}
        self._invalidate()

    def copy(self) -> Self:
        """Return an independent collection of the same objects."""
        other = type(self)((), self._listed, self._render, self._write, self._readers)
        other.items, other._rows, other._changed = list(self.items), dict(self._rows), self._changed
        other._numbers, other._text_columns, other._orders = (
            dict(self._numbers),
            dict(self._text_columns),
            dict(self._orders),
        )
        return other

    def _notify(self, id_: str, item: Any) -> None:
        for watch in self.watchers:
            watch(id_, item)

    def _invalidate(self) -> None:
        self.version = next(_versions)
        self._changed = True
        for derived in (self._texts, self._numbers, self._text_columns, self._orders):
            derived.clear()

    def value(self, row: int, field: Field) -> object:
        """Return one field of one object, without rendering the rest where possible."""
        return self._reader(field)(self.items[row])

    def _reader(self, field: Field) -> Callable[[Any], object]:
        """Return the fastest reader of a field: generated objects are rendered only as a last resort."""
        generated = next((item for item in map(self._generated, self.items) if item is not None), None)
        if generated is None:
            return lambda item: read_field(item, field)
        if field.name in self._readers:
            quick: Callable[[Any], object] = self._readers[field.name]
        elif hasattr(generated, field.name):
            quick = attrgetter(field.name)
        else:
            return lambda item: read_field(item if isinstance(item, dict) else self._render(item), field)
        if not self._changed:
            return quick
        return lambda item: _read(item, field, quick)

    @staticmethod
    def _generated(item: Any) -> Any:
        return getattr(item, "origin", None) if isinstance(item, dict) else item

    def texts(self, field: Field) -> TextColumn:
        """Return a field of all objects as text."""
        if field.name not in self._text_columns:
            self._text_columns[field.name] = TextColumn(map(self._reader(field), self.items))
        return self._text_columns[field.name]

    def numbers(self, field: Field) -> NumberColumn:
        """Return a field of all objects as numbers."""
        if field.name not in self._numbers:
            self._numbers[field.name] = NumberColumn(list(map(self._reader(field), self.items)))
        return self._numbers[field.name]

    def order(self, field: Field) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return the rows ascending by a field, ties in order of creation, and the sort key of each row."""
        if field.name not in self._orders:
            numeric = field.type in ("number", "date", "boolean")
            keys = (self.numbers(field) if numeric else self.texts(field)).sort_keys
            self._orders[field.name] = (np.argsort(keys, kind="stable"), keys)
        return self._orders[field.name]


def _read(item: Any, field: Field, quick: Callable[[Any], object]) -> object:
    if not isinstance(item, dict):
        return quick(item)
    if isinstance(item, ChangedRecord) and item.has_original(field):
        return quick(item.origin)
    return read_field(item, field)
