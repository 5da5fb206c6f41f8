"""Importing the package is quick, and loads nothing that only some need."""

import subprocess
import sys

import intercom_kit

HEAVY = ("plotly", "ipywidgets", "jupyterlab", "mcp", "starlette", "uvicorn", "nbclient", "hypothesis")


def test_importing_loads_nothing_that_only_some_need() -> None:
    program = "import sys, intercom_kit; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert not set(HEAVY) & set(loaded)


def test_every_public_name_is_there_and_nothing_else() -> None:
    assert sorted(intercom_kit.__all__) == intercom_kit.__all__
    public = {name for name in vars(intercom_kit) if not name.startswith("_")}
    rooms = {"errors", "tables", "api", "auth", "live", "workspace", "notebook", "sandbox", "cli", "metrics", "mcp"}
    assert public - rooms == set(intercom_kit.__all__)


def test_every_error_is_public() -> None:
    from intercom_kit import errors

    assert set(errors.__all__) <= set(intercom_kit.__all__)
