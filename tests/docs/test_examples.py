"""Every code block of the documentation runs, on the demo workspace."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell

from intercom_kit.sandbox import Sandbox

from .pages import PAGES, blocks
from .running import NOT_RUN, RUN_ALL_THE_SAME, SERVING, new_shell, parse

LANGUAGES = {"python", "pycon", "sh", "json", "toml", "text"}

# Pages whose examples are not run here, each with the reason.
ELSEWHERE = {
    "gallery": "the site's build runs its examples, and test_site.py builds the site",
    "cookbook": "test_cookbook.py runs its examples, and looks at their answers",
    "spark": "its examples need a cluster, which make test-spark starts",
    "behaviours": "its command asks a person before it begins; tests/doctor answers",
}
RUN_HERE = [page for page in PAGES if page.stem not in ELSEWHERE]


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[InteractiveShell]:
    """IPython, in which the workspaces that a page opened are closed at its end."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    made = new_shell()
    yield made
    for name in ("ws", "panel"):
        if hasattr(opened := made.user_ns.get(name), "close"):
            opened.close()
    made.user_ns.clear()


@pytest.mark.skipif(sys.platform == "win32", reason="the commands are written for a POSIX shell")
@pytest.mark.parametrize("page", RUN_HERE, ids=lambda page: page.stem)
def test_the_examples_of_a_page_run(page: Path, shell: InteractiveShell, beside: Sandbox) -> None:
    for example in parse(page, shell, beside.token).examples():
        example.evaluate()


@pytest.mark.parametrize("page", RUN_HERE, ids=lambda page: page.stem)
def test_every_block_says_its_language(page: Path) -> None:
    assert {language for language, _ in blocks(page)} <= LANGUAGES


@pytest.mark.parametrize("command", [*NOT_RUN, *RUN_ALL_THE_SAME, *SERVING])
def test_an_exception_is_still_needed(command: str) -> None:
    everything = [line.strip() for page in PAGES for _, code in blocks(page) for line in code.splitlines()]
    assert any(line.startswith(command) for line in everything)
