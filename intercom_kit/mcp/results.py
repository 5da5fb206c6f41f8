"""A cache of results, for paging and for reading them completely, each for its caller and a limited time."""

import re
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mcp.server.mcpserver.exceptions import ToolError

from intercom_kit.mcp.answers import compact
from intercom_kit.mcp.declaring import ToolCall

if TYPE_CHECKING:
    import pandas as pd

LIFE = 15 * 60  # seconds since a result was last used
MAX_RESULTS = 30


@dataclass
class Result:
    """The result of a tool call; a list can still grow as further pages are requested."""

    tool: str
    owner: str
    call: ToolCall[Any]
    frame: "pd.DataFrame"
    about: dict[str, Any] | None = None
    id: str = field(default_factory=lambda: secrets.token_urlsafe(9))
    used: float = field(default_factory=time.monotonic)
    lock: threading.Lock = field(default_factory=threading.Lock)
    _measured: tuple[int, int] = (-1, 0)

    @property
    def receipt(self) -> dict[str, Any]:
        """Return the receipt of the fetch."""
        return dict(self.frame.attrs["intercom"])

    @property
    def bytes(self) -> int:
        """Return the memory of its rows, measured again where it has grown."""
        if self._measured[0] != len(self.frame):
            self._measured = len(self.frame), int(self.frame.memory_usage(deep=True).sum())
        return self._measured[1]

    @property
    def can_grow(self) -> bool:
        """Return whether more rows can be fetched."""
        return not self.receipt["complete"] and len(self.frame) < self.call.max_rows

    @property
    def beyond(self) -> bool:
        """Return whether Intercom has more rows than the list may grow to, all pages together."""
        receipt, most = self.receipt, self.call.max_rows
        return bool(most and not receipt["complete"] and (receipt["total"] or 0) > most)

    def reach(self, source: Any, rows: int) -> None:
        """Grow to at least `rows` rows, if there are as many.

        Each fetch doubles the limit, so that all together cost at most twice the last. Cached rows keep their places,
        even if new ones precede them in Intercom's list.
        """
        import pandas as pd

        from intercom_kit.frames.frame import receipt_of, with_receipt

        with self.lock:
            while self.call.fetch and self.can_grow and len(self.frame) < rows:
                fetched = self.call.fetch(source, min(self.call.max_rows, max(rows, 2 * len(self.frame))))
                before = len(self.frame)
                new = fetched[~fetched["id"].isin(self.frame["id"])]
                receipt = receipt_of(fetched)
                receipt.requests += self.receipt["requests"]
                self.frame = with_receipt(pd.concat([self.frame, new], ignore_index=True), receipt)
                if len(self.frame) == before:
                    return


class Results:
    """A cache of the latest results: at most so many, and where `bytes` limits them, at most so large together."""

    def __init__(self, most: int = MAX_RESULTS, bytes: int | None = None) -> None:
        self._most = most
        self._bytes = bytes
        self._held: dict[str, Result] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._held)

    def hold(self, result: Result) -> Result:
        """Cache and return a result; the least recently used ones are evicted."""
        if self._bytes is not None:
            for each in (result, *list(self._held.values())):
                each.bytes  # noqa: B018 - measured now, since it may take seconds, for which nobody else should wait
        with self._lock:
            self._forget()
            self._held[result.id] = result
            while len(self._held) > 1 and self._are_too_many():
                del self._held[min(self._held, key=lambda id: self._held[id].used)]
        return result

    def _are_too_many(self) -> bool:
        if len(self._held) > self._most or self._bytes is None:
            return len(self._held) > self._most
        return sum(result.bytes for result in self._held.values()) > self._bytes

    def find(self, id: str, owner: str) -> Result | None:
        """Return a result of this caller; None where it is unknown or has expired."""
        with self._lock:
            self._forget()
            result = self._held.get(id)
            if result is None or result.owner != owner:
                return None
            result.used = time.monotonic()
            return result

    def page(self, cursor: str, tool: str, question: Mapping[str, Any], owner: str) -> tuple[Result, int]:
        """Return the result that a cursor belongs to, and the row at which its page begins."""
        id, _, start = cursor.strip().rpartition(".")
        result = self.find(id, owner)
        if result is None or not re.fullmatch("[0-9]{1,9}", start) or int(start) > len(result.frame):
            raise ToolError(
                f"This cursor is unknown or has expired: cursors live {LIFE // 60} minutes. Call {tool} again without "
                "cursor, for the first page."
            )
        different = [name for name, value in question.items() if value != result.call.question.get(name)]
        if result.tool != tool or different:
            arguments = ", ".join(
                f"{name}={compact(value)}" for name, value in result.call.question.items() if value is not None
            )
            raise ToolError(
                f"This cursor belongs to {result.tool}({arguments}): give the same arguments with it, or no cursor."
            )
        return result, int(start)

    def _forget(self) -> None:
        oldest = time.monotonic() - LIFE
        self._held = {id: result for id, result in self._held.items() if result.used > oldest}
