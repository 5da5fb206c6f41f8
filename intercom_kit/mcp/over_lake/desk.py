"""The lake that tool calls are answered from, opened at the first one that needs it."""

from pathlib import Path
from typing import TYPE_CHECKING

from intercom_kit.mcp.desk import Desk

if TYPE_CHECKING:
    from intercom_kit.lake.opened import Lake
    from intercom_kit.tables.privacy import Privacy


class LakeDesk(Desk["Lake"]):
    """The lake of a server."""

    def __init__(self, folder: Path, privacy: "Privacy", memory: str) -> None:
        super().__init__(privacy, memory)
        self._folder = folder

    def open(self) -> "Lake":
        """Open the lake."""
        from intercom_kit.lake.opened import open_lake

        lake = open_lake(self._folder, memory_limit=self.memory)
        lake._engine.warm(self.memory)
        return lake
