"""One sandbox, one JupyterLab and one Chromium for all browser tests; skipped, saying so, where there is none."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from intercom_kit.sandbox import Sandbox, serve

from .lab import Lab, running
from .page import NotebookPage

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """A browser without a window; it ends with these tests, since others cannot run an event loop beside it."""
    if CHROMIUM is None:
        said = "needs Chromium: apt-get install chromium"
        pytest.fail(said) if os.environ.get("CI") == "true" else pytest.skip(said)
    with sync_playwright() as playwright:
        # As root, as in a container, Chromium starts only without its own sandbox; /dev/shm is small there.
        options = ["--no-sandbox", "--disable-dev-shm-usage"]
        with playwright.chromium.launch(executable_path=CHROMIUM, args=options) as browser:
            yield browser


@pytest.fixture(scope="package")
def intercom() -> Iterator[Sandbox]:
    """The stand-in for Intercom that the panels connect to."""
    with serve(conversations=40, contacts=30, companies=12) as sandbox:
        yield sandbox


@pytest.fixture(scope="package")
def lab(chromium: Browser, intercom: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A JupyterLab whose kernels know the sandbox's app, and no token."""
    home = tmp_path_factory.mktemp("lab")
    environment = {
        "INTERCOM_BASE_URL": intercom.base_url,
        "INTERCOM_CLIENT_ID": intercom.client_id,
        "INTERCOM_CLIENT_SECRET": intercom.client_secret,
        "INTERCOM_KIT_HOME": str(home / "profiles"),
    }
    with running(home, environment) as started:
        yield started


@pytest.fixture(scope="module")
def notebook(chromium: Browser) -> Iterator[NotebookPage]:
    """A page in which to open a notebook; opening takes seconds, so one is shared by a module's tests."""
    with chromium.new_context(viewport={"width": 1280, "height": 900}, device_scale_factor=2) as context:
        context.set_default_timeout(20_000)
        yield NotebookPage(context.new_page())


@pytest.fixture(scope="session")
def pictures() -> Path:
    """A folder for screenshots, to be looked at."""
    folder = Path(__file__).parents[2] / "build" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
