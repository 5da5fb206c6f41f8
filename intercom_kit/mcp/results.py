"""Results that are held for paging and for reading whole, each for its caller and for a stated time."""

import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mcp.server.mcpserver.exceptions import ToolError

from intercom_kit.mcp.declaring import ToolCall

if TYPE_CHECKING:
    import pandas as pd

    from intercom_kit.workspace import Workspace

LIFE = 15 * 60  # seconds since a result was last asked for
MOST = 30


@dataclass
class Result:
    """What a call of a tool brought; a list can still grow as further pages are asked for."""

    tool: str
    owner: str
    wanted: ToolCall
    frame: "pd.DataFrame"
    about: dict[str, Any] | None = None
    id: str = field(default_factory=lambda: secrets.token_urlsafe(9))
    used: float = field(default_factory=time.monotonic)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def receipt(self) -> dict[str, Any]:
        """Give the account of the fetch that brought the rows."""
        return dict(self.frame.attrs["intercom"])

    @property
    def can_grow(self) -> bool:
        """Tell whether a longer list may bring more."""
        return not self.receipt["complete"] and len(self.frame) < self.wanted.most

    def reach(self, workspace: "Workspace", rows: int) -> None:
        """Hold so many rows, if there are: twice as many are asked for each time, so that all costs twice at most.

        Rows that are held keep their places, though new ones came in front meanwhile.
        """
        import pandas as pd

        with self.lock:
            while self.wanted.fetch and self.can_grow and len(self.frame) < rows:
                brought = self.wanted.fetch(workspace, min(self.wanted.most, max(rows, 2 * len(self.frame))))
                before = len(self.frame)
                new = brought[~brought["id"].isin(self.frame["id"])]
                receipt = dict(brought.attrs["intercom"])
                receipt["requests"] += self.receipt["requests"]
                self.frame = pd.concat([self.frame, new], ignore_index=True)
                self.frame.attrs["intercom"] = receipt
                if len(self.frame) == before:
                    return


class Results:
    """The latest results."""

    def __init__(self) -> None:
        self._held: dict[str, Result] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._held)

    def hold(self, result: Result) -> Result:
        """Hold a result; the one that was used the longest ago makes room."""
        with self._lock:
            self._forget()
            self._held[result.id] = result
            if len(self._held) > MOST:
                del self._held[min(self._held, key=lambda id: self._held[id].used)]
        return result

    def find(self, id: str, owner: str) -> Result | None:
        """Find a result of this caller's."""
        with self._lock:
            self._forget()
            result = self._held.get(id)
            if result is None or result.owner != owner:
                return None
            result.used = time.monotonic()
            return result

    def page(self, cursor: str, tool: str, question: Mapping[str, Any], owner: str) -> tuple[Result, int]:
        """Find the result that a cursor pages through, and the row at which its page begins."""
        id, _, start = cursor.rpartition(".")
        result = self.find(id, owner)
        if result is None or not start.isdecimal():
            raise ToolError(
                f"This cursor is unknown or has expired: cursors live {LIFE // 60} minutes. Call {tool} again without "
                "cursor, for the first page."
            )
        different = [name for name, value in question.items() if value != result.wanted.question.get(name)]
        if result.tool != tool or different:
            asked = ", ".join(
                f"{name}={value!r}" for name, value in result.wanted.question.items() if value is not None
            )
            raise ToolError(
                f"This cursor belongs to {result.tool}({asked}): give the same arguments with it, or no cursor."
            )
        return result, int(start)

    def _forget(self) -> None:
        oldest = time.monotonic() - LIFE
        self._held = {id: result for id, result in self._held.items() if result.used > oldest}
