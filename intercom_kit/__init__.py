"""Live Intercom data as pandas DataFrames, fetched on demand and kept for the session only.

    >>> import intercom_kit as ik
    >>> ws = ik.demo()              # an embedded sandbox, no account needed
    >>> ws.contacts(limit=3)

`connect()` does the same on a real workspace.
"""

import importlib
import sys
from typing import TYPE_CHECKING, Any

from intercom_kit import errors
from intercom_kit.errors import *  # noqa: F403 - every error, as errors.__all__ lists them

if TYPE_CHECKING:
    from intercom_kit import charts
    from intercom_kit.connecting import connect, demo
    from intercom_kit.lake.opened import Lake
    from intercom_kit.lake.opened import open_lake as open
    from intercom_kit.notebook.panel import ConnectPanel
    from intercom_kit.reports.reading import read_report
    from intercom_kit.values.office_hours import OfficeHours
    from intercom_kit.workspace import Workspace

    __version__: str

__all__ = ["ConnectPanel", "Lake", "OfficeHours", "Workspace", "charts", "connect", "demo", "open", "read_report"]
__all__ += errors.__all__


def __getattr__(name: str) -> Any:
    """Return a public name that is imported on first use, since it needs pandas, DuckDB, widgets or plotly."""
    if name == "ConnectPanel":
        from intercom_kit.extras import brought_by

        with brought_by("notebook"):
            from intercom_kit.notebook.panel import ConnectPanel

        return ConnectPanel
    if name in ("Workspace", "connect", "demo"):
        from intercom_kit import connecting

        _complete_calls()
        return getattr(connecting, name)
    if name in ("Lake", "open"):
        from intercom_kit.lake import opened

        return opened.open_lake if name == "open" else opened.Lake
    if name == "read_report":
        from intercom_kit.reports.reading import read_report

        return read_report
    if name == "OfficeHours":
        from intercom_kit.values.office_hours import OfficeHours

        return OfficeHours
    if name == "charts":
        return importlib.import_module("intercom_kit.charts")
    if name == "__version__":
        from importlib.metadata import version

        return version(__name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _complete_calls() -> None:
    """Complete the arguments of verbs, where IPython runs."""
    if (ipython := sys.modules.get("IPython")) and (shell := ipython.get_ipython()):
        from intercom_kit.notebook import calls, magic

        magic.offer(shell, calls.complete)


def load_ipython_extension(shell: Any) -> None:
    """Register the magic `%%intercom`, for `%load_ext intercom_kit`."""
    from intercom_kit.notebook import magic

    magic.load(shell)


def unload_ipython_extension(shell: Any) -> None:
    """Undo `%load_ext intercom_kit`."""
    from intercom_kit.notebook import magic

    magic.unload(shell)


def __dir__() -> list[str]:
    return sorted(__all__)
