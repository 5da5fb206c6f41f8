"""Keep the objects of one kind, whether invented (rendered on demand) or loaded (served verbatim)."""

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

REMEMBERED_TEXTS = 10_000  # of some 3 kB each
_versions = count()  # unlike an id(), never the same for two versions of two collections


class Changed(dict[str, Any]):
    """The JSON object that an invented thing has become by a change; what was not changed is still read from that."""

    def __init__(self, record: Record, origin: Any, keys: frozenset[str]) -> None:
        super().__init__(record)
        self.origin = origin
        self.keys_changed = keys

    def keeps(self, field: Field) -> bool:
        """Say whether a field is as it was invented."""
        head = "email" if field.name == "email_domain" else field.path.partition(".")[0].removesuffix("[]")
        return head not in self.keys_changed


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
        self.version = next(_versions)  # another after each change, so that whatever was derived can tell it is stale
        self.watchers: list[Callable[[str, Any], None]] = []  # told of an object that is about to change, or None
        self._changed = False
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

    def origin(self, row: int) -> Any:
        """Give the invented thing that a row is, or was before it was changed."""
        item = self.items[row]
        return item.origin if isinstance(item, Changed) else item

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
        self.put(str(record["id"]), dict(record) if row is None else self._merged(row, record))

    def _merged(self, row: int, record: Record) -> Record:
        item, keys = self.items[row], frozenset(record)
        merged = {**self.record(row), **record}
        if isinstance(item, Changed):
            return Changed(merged, item.origin, item.keys_changed | keys)
        return merged if isinstance(item, dict) else Changed(merged, item, keys)

    def put(self, id_: str, item: Any) -> None:
        """Add an object, or put it in the place of the one with the same id."""
        self._tell(id_, item)
        row = self.row(id_)
        if row is None:
            self._rows[id_] = len(self.items)
            self.items.append(item)
        else:
            self.items[row] = item
        self._forget()

    def delete(self, id_: str) -> None:
        row = self._rows[id_]
        self._tell(id_, None)
        del self.items[row]
        self._rows = {self.id_of(row): row for row in range(len(self.items))}
        self._forget()

    def copy(self) -> Self:
        """Make a collection of the same objects that changes on its own."""
        other = type(self)((), self._listed, self._render, self._write, self._readers)
        other.items, other._rows, other._changed = list(self.items), dict(self._rows), self._changed
        other._numbers, other._text_columns, other._orders = (
            dict(self._numbers),
            dict(self._text_columns),
            dict(self._orders),
        )
        return other

    def _tell(self, id_: str, item: Any) -> None:
        for watch in self.watchers:
            watch(id_, item)

    def _forget(self) -> None:
        self.version = next(_versions)
        self._changed = True
        for derived in (self._texts, self._numbers, self._text_columns, self._orders):
            derived.clear()

    def value(self, row: int, field: Field) -> object:
        """Read one field of one object without rendering the rest of it where that is possible."""
        return self._reader(field)(self.items[row])

    def _reader(self, field: Field) -> Callable[[Any], object]:
        """Find the quickest way to read a field: invented things are rendered only where nothing else helps."""
        invented = next((item for item in map(self._invented, self.items) if item is not None), None)
        if invented is None:
            return lambda item: read_field(item, field)
        if field.name in self._readers:
            quick: Callable[[Any], object] = self._readers[field.name]
        elif hasattr(invented, field.name):
            quick = attrgetter(field.name)
        else:
            return lambda item: read_field(item if isinstance(item, dict) else self._render(item), field)
        if not self._changed:
            return quick
        return lambda item: _read(item, field, quick)

    @staticmethod
    def _invented(item: Any) -> Any:
        return getattr(item, "origin", None) if isinstance(item, dict) else item

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


def _read(item: Any, field: Field, quick: Callable[[Any], object]) -> object:
    if not isinstance(item, dict):
        return quick(item)
    return quick(item.origin) if isinstance(item, Changed) and item.keeps(field) else read_field(item, field)
