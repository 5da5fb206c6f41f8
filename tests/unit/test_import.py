"""Importing the package is quick, and loads nothing that only some need."""

import subprocess
import sys

import intercom_kit

HEAVY = (
    "pandas",
    "duckdb",
    "httpx",
    "plotly",
    "ipywidgets",
    "IPython",
    "jupyterlab",
    "mcp",
    "starlette",
    "uvicorn",
    "nbclient",
    "hypothesis",
)


def test_importing_loads_nothing_that_only_some_need() -> None:
    program = "import sys, intercom_kit; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert not set(HEAVY) & set(loaded)


def test_every_public_name_is_there_and_nothing_else() -> None:
    assert dir(intercom_kit) == sorted(set(intercom_kit.__all__))
    assert all(getattr(intercom_kit, name) is not None for name in intercom_kit.__all__)


def test_the_sandbox_loads_nothing_of_the_rest() -> None:
    program = "import sys, intercom_kit.sandbox; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert not {"pandas", "duckdb", "httpx"} & set(loaded)


def test_every_error_is_public() -> None:
    from intercom_kit import errors

    classes = [
        name for name, each in vars(errors).items() if isinstance(each, type) and each.__module__ == errors.__name__
    ]
    assert errors.__all__ == sorted(classes)
    assert set(errors.__all__) <= set(intercom_kit.__all__)
