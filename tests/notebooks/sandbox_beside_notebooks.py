"""A pytest plugin that gives the notebooks, which nbmake runs as tests, one sandbox.

Kernels inherit this process's environment, and so do pytest-xdist's workers: only their controller starts one.
"""

import os
from tempfile import TemporaryDirectory

import pytest

from intercom_kit.notebook.environment import beside
from intercom_kit.sandbox import serve


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):
        return
    sandbox = serve()
    config.add_cleanup(sandbox.close)
    home = TemporaryDirectory()
    config.add_cleanup(home.cleanup)
    os.environ.update(beside(sandbox, home.name))
