"""Keep the objects of one kind, whether invented (rendered on demand) or loaded (served verbatim)."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from operator import attrgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from intercom_kit.sandbox.columns import NumberColumn, TextColumn
from intercom_kit.sandbox.fields import Field, read_path

Record = dict[str, Any]
Column = NumberColumn | TextColumn


class Collection:
    """Objects in order of creation. A row is a JSON object or an invented thing that `render` turns into one."""

    def __init__(
        self,
        items: Iterable[Any] = (),
        render: Callable[[Any], Record] | None = None,
        render_item: Callable[[Any], Record] | None = None,
        readers: Mapping[str, Callable[[Any], object]] | None = None,
    ) -> None:
        self.items = list(items)
        self.version = 0  # counts changes, so that whatever was derived from the rows can tell it is stale
        self._render = render or dict
        self._render_item = render_item or self._render
        self._readers = readers or {}
        self._columns: dict[tuple[str, str], Column] = {}
        self._orders: dict[str, tuple[NDArray[np.int64], NDArray[np.float64]]] = {}
        self._rows = {self._id(item): row for row, item in enumerate(self.items)}

    def __len__(self) -> int:
        """Count the objects."""
        return len(self.items)

    def records(self) -> Iterator[Record]:
        """Render all objects one after another."""
        return (self.record(row) for row in range(len(self)))

    def record(self, row: int) -> Record:
        """Render one object in full."""
        item = self.items[row]
        return item if isinstance(item, dict) else self._render(item)

    def item(self, row: int) -> Record:
        """Render one object as it stands in a list."""
        item = self.items[row]
        return item if isinstance(item, dict) else self._render_item(item)

    def row(self, id_: object) -> int | None:
        """Find an object's row."""
        return self._rows.get(str(id_))

    def get(self, id_: object) -> Record | None:
        """Find an object."""
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

    def delete(self, id_: object) -> Record:
        """Remove an object and return what it was."""
        row = self._rows[str(id_)]
        record = self.record(row)
        del self.items[row]
        self._rows = {self._id(item): number for number, item in enumerate(self.items)}
        self._forget()
        return record

    def value(self, row: int, field: Field) -> object:
        """Read one field of one object without rendering the rest of it where that is possible."""
        return self._reader(field)(self.items[row])

    def values(self, field: Field) -> list[object]:
        """Read one field of all objects."""
        return list(map(self._reader(field), self.items))

    def _reader(self, field: Field) -> Callable[[Any], object]:
        """Find the quickest way to read a field: invented things are rendered only where nothing else helps."""
        invented = next((item for item in self.items if not isinstance(item, dict)), None)
        if invented is None:
            return lambda item: read_path(item, field.path)
        if field.name in self._readers:
            quick: Callable[[Any], object] = self._readers[field.name]
        elif hasattr(invented, field.name):
            quick = attrgetter(field.name)
        else:
            return lambda item: read_path(item if isinstance(item, dict) else self._render_item(item), field.path)
        if not self._changed:
            return quick
        return lambda item: read_path(item, field.path) if isinstance(item, dict) else quick(item)

    def texts(self, field: Field) -> TextColumn:
        """Hold a field of all objects as text."""
        key = (field.name, "text")
        if key not in self._columns:
            self._columns[key] = TextColumn(self.values(field))
        column = self._columns[key]
        assert isinstance(column, TextColumn)  # noqa: S101  (narrows the type for mypy)
        return column

    def numbers(self, field: Field) -> NumberColumn:
        """Hold a field of all objects as numbers."""
        key = (field.name, "number")
        if key not in self._columns:
            self._columns[key] = NumberColumn(self.values(field))
        column = self._columns[key]
        assert isinstance(column, NumberColumn)  # noqa: S101  (narrows the type for mypy)
        return column

    def order(self, field: Field) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """List the rows ascending by a field, ties in order of creation, with their sort keys by row."""
        if field.name not in self._orders:
            numeric = field.kind in ("number", "date", "boolean")
            keys = (self.numbers(field) if numeric else self.texts(field)).sort_keys
            self._orders[field.name] = (np.argsort(keys, kind="stable"), keys)
        return self._orders[field.name]

    @property
    def _changed(self) -> bool:
        return self.version > 0

    def _forget(self) -> None:
        self.version += 1
        self._columns.clear()
        self._orders.clear()

    @staticmethod
    def _id(item: object) -> str:
        return str(item["id"] if isinstance(item, dict) else item.id)  # type: ignore[attr-defined]
