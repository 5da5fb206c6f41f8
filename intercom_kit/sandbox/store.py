"""Keep the objects of one kind, whether invented (rendered on demand) or loaded (served verbatim)."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from operator import attrgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from intercom_kit.sandbox.columns import NumberColumn, TextColumn
from intercom_kit.sandbox.fields import Field, read_field
from intercom_kit.sandbox.record import Record, encode

REMEMBERED_TEXTS = 10_000  # of some 3 kB each


class Collection:
    """Objects in order of creation. A row is a JSON object, or an invented thing rendered when somebody asks.

    `render` makes the whole object of an invented thing, `write` its JSON text as it stands in a list; `listed`
    makes a JSON object look as it does in a list. `readers` read single fields of invented things.
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
        self.version = 0  # counts changes, so that whatever was derived from the rows can tell it is stale
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
        """Render one object in full."""
        item = self.items[row]
        return item if isinstance(item, dict) else self._render(item)

    def item(self, row: int) -> Record:
        """Render one object as it stands in a list."""
        item = self.items[row]
        return self._listed(item) if isinstance(item, dict) else dict(json.loads(self.text(row)))

    def text(self, row: int) -> str:
        """Write one object as it stands in a list; what was written lately is remembered."""
        text = self._texts.get(row)
        if text is None:
            item = self.items[row]
            text = encode(self._listed(item)) if isinstance(item, dict) else self._write(item)
            if len(self._texts) >= REMEMBERED_TEXTS:
                del self._texts[next(iter(self._texts))]
            self._texts[row] = text
        return text

    def id_of(self, row: int) -> str:
        item = self.items[row]
        return str(item["id"] if isinstance(item, dict) else item.id)

    def row(self, id_: object) -> int | None:
        return self._rows.get(str(id_))

    def get(self, id_: object) -> Record | None:
        row = self.row(id_)
        return None if row is None else self.record(row)

    def upsert(self, record: Record) -> None:
        """Add an object, or change the given keys of the one with the same id."""
        row = self.row(record["id"])
        if row is None:
            self._rows[str(record["id"])] = len(self.items)
            self.items.append(dict(record))
        else:
            self.items[row] = {**self.record(row), **record}
        self._forget()

    def delete(self, id_: str) -> None:
        del self.items[self._rows[id_]]
        self._rows = {self.id_of(row): row for row in range(len(self.items))}
        self._forget()

    def _forget(self) -> None:
        self.version += 1
        for derived in (self._texts, self._numbers, self._text_columns, self._orders):
            derived.clear()

    def value(self, row: int, field: Field) -> object:
        """Read one field of one object without rendering the rest of it where that is possible."""
        return self._reader(field)(self.items[row])

    def _reader(self, field: Field) -> Callable[[Any], object]:
        """Find the quickest way to read a field: invented things are rendered only where nothing else helps."""
        invented = next((item for item in self.items if not isinstance(item, dict)), None)
        if invented is None:
            return lambda item: read_field(item, field)
        if field.name in self._readers:
            quick: Callable[[Any], object] = self._readers[field.name]
        elif hasattr(invented, field.name):
            quick = attrgetter(field.name)
        else:
            return lambda item: read_field(item if isinstance(item, dict) else self._render(item), field)
        if self.version == 0:
            return quick
        return lambda item: read_field(item, field) if isinstance(item, dict) else quick(item)

    def texts(self, field: Field) -> TextColumn:
        """Hold a field of all objects as text."""
        if field.name not in self._text_columns:
            self._text_columns[field.name] = TextColumn(map(self._reader(field), self.items))
        return self._text_columns[field.name]

    def numbers(self, field: Field) -> NumberColumn:
        """Hold a field of all objects as numbers."""
        if field.name not in self._numbers:
            self._numbers[field.name] = NumberColumn(list(map(self._reader(field), self.items)))
        return self._numbers[field.name]

    def order(self, field: Field) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """List the rows ascending by a field, ties in order of creation, with their sort keys by row."""
        if field.name not in self._orders:
            numeric = field.kind in ("number", "date", "boolean")
            keys = (self.numbers(field) if numeric else self.texts(field)).sort_keys
            self._orders[field.name] = (np.argsort(keys, kind="stable"), keys)
        return self._orders[field.name]
