"""Message bodies, converted before they are stored, so that assistants' SQL has only the visible text of HTML."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import msgspec

from intercom_kit.api.heads import Page
from intercom_kit.tables import Table

Reader = Callable[[str], str]


def with_bodies_read(page: Page, table: Table, items: str, reader: Reader) -> Page:
    """Return a page with every message body converted by `reader`; `items` is the key of the page's objects."""
    raw = original = msgspec.Raw(page.text.encode())
    for steps in _bodies(table, items):
        raw = _replaced(raw, steps, reader)
    return page if raw is original else replace(page, text=bytes(raw).decode())


def _bodies(table: Table, items: str) -> Iterator[list[str]]:
    """Yield the paths of the message bodies in a page, also of those in the rows that a table carries."""
    outer = [*items.split("."), "[]"] if items else []
    yield from ([*outer, *column.keys] for column in table.columns if column.body)
    if table.carries:
        yield from ([*outer, *steps] for steps in _bodies(table.carries, table.carries.inside))


def _replaced(raw: msgspec.Raw, steps: list[str], reader: Reader) -> msgspec.Raw:
    """Return the JSON with the text at the end of a path converted; other kinds of values stay."""
    begins, (step, *rest) = bytes(raw).lstrip()[:1], steps or [""]
    if not steps:
        return msgspec.Raw(msgspec.json.encode(reader(msgspec.json.decode(raw)))) if begins == b'"' else raw
    if step == "[]" and begins == b"[":
        members = msgspec.json.decode(raw, type=list[msgspec.Raw])
        return msgspec.Raw(msgspec.json.encode([_replaced(each, rest, reader) for each in members]))
    if step != "[]" and begins == b"{":
        known = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
        if step in known:
            known[step] = _replaced(known[step], rest, reader)
            return msgspec.Raw(msgspec.json.encode(known))
    return raw
