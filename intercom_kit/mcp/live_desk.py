"""The workspace that tool calls are answered from, connected at the first one that needs it."""

import contextlib
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from intercom_kit.errors import ScopeMissingError
from intercom_kit.mcp import MEMORY
from intercom_kit.mcp.arguments import PageRequest
from intercom_kit.mcp.declaring import LiveCall, ToolCall
from intercom_kit.mcp.desk import Desk
from intercom_kit.mcp.foreign.texts import read_once
from intercom_kit.mcp.logins.asking import Connecting
from intercom_kit.mcp.results import Result
from intercom_kit.tables import TABLES, Table

if TYPE_CHECKING:
    import pandas as pd

    from intercom_kit.tables.privacy import Privacy
    from intercom_kit.workspace import Workspace

_NAMES_LIFE = 600  # seconds


class LiveDesk(Desk["Workspace"]):
    """The workspace of a server."""

    def __init__(
        self,
        connect: Callable[[], "Workspace"],
        logins: Connecting | None = None,
        privacy: "Privacy" = "full",
        memory: str = MEMORY,
    ) -> None:
        super().__init__(privacy, memory)
        self.logins = logins
        self._connect = connect
        self._names: tuple[float, Workspace, dict[tuple[str, str], str]] | None = None

    def open(self) -> "Workspace":
        """Connect to the workspace."""
        from intercom_kit import apart

        workspace = self._connect()
        workspace.read_bodies(read_once)
        apart.within(self.memory).warm()
        return workspace

    def described(
        self, workspace: "Workspace", frame: "pd.DataFrame", table: Table, page: PageRequest
    ) -> dict[str, Any]:
        """Return the only row of a frame as a dict, with the columns and values of an answer."""
        from intercom_kit.mcp.shaping import shaped

        call: LiveCall = ToolCall(page, table=table)
        answer = shaped(Result("", "", call, frame), 0, page, lambda: self.names(workspace))
        return dict(zip(answer.columns, answer.rows[0], strict=True))

    def names(self, workspace: "Workspace") -> dict[tuple[str, str], str]:
        """Return the names for columns of ids, by table and id; a request per table, cached for ten minutes."""
        kept = self._names
        if kept is None or kept[1] is not workspace or time.monotonic() - kept[0] > _NAMES_LIFE:
            names: dict[tuple[str, str], str] = {}
            tables = (name for table in TABLES.values() for column in table.columns for name in column.names)
            for table in dict.fromkeys(tables):
                with contextlib.suppress(ScopeMissingError):  # ids then stay without names
                    frame = getattr(workspace, table)()
                    names |= {(table, id): name for id, name in zip(frame["id"], frame["name"], strict=True)}
            self._names = kept = time.monotonic(), workspace, names
        return kept[2]

    def close(self) -> None:
        """Close the workspace, and drop what was read from it."""
        super().close()
        self._names = None
