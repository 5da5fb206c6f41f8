"""The site is built without a warning, links nothing that is missing, and loads nothing from the network."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import intercom_kit as ik
from tools.site_pages import loaded

from .pages import ROOT


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, as `make site` builds it."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    built = subprocess.run(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    return folder


def test_the_gallery_shows_every_chart(site: Path) -> None:
    gallery = (site / "gallery.html").read_text(encoding="utf-8")
    charts = set(ik.charts.__all__) - {"Chart", "use"}
    assert gallery.count('class="plotly-graph-div"') == len(charts)


def test_the_reference_describes_every_verb_and_error(site: Path) -> None:
    reference = (site / "api.html").read_text(encoding="utf-8")
    verbs = [name for name in dir(ik.Workspace) if not name.startswith("_")]
    assert [name for name in verbs if f'id="intercom_kit.Workspace.{name}"' not in reference] == []
    errors = [name for name in ik.__all__ if name.endswith("Error")]
    assert [name for name in errors if f'id="intercom_kit.errors.{name}"' not in reference] == []


def test_the_reference_shows_the_arguments_of_a_verb(site: Path) -> None:
    reference = (site / "api.html").read_text(encoding="utf-8")
    section = reference.partition('id="intercom_kit.Workspace.company_contacts"')[2].partition("</pre>")[0]
    assert "companies" in section


def test_the_reference_has_a_section_per_command_table_and_metric(site: Path) -> None:
    assert 'id="intercom-kit-doctor"' in (site / "commands.html").read_text(encoding="utf-8")
    assert 'id="conversation_parts"' in (site / "tables.html").read_text(encoding="utf-8")
    assert 'id="first_response_time"' in (site / "definitions.html").read_text(encoding="utf-8")


def test_the_first_page_is_the_readme(site: Path) -> None:
    first = (site / "index.html").read_text(encoding="utf-8")
    assert 'href="connecting.html"' in first
    assert 'src="first_response_time.png"' in first


@pytest.mark.parametrize(
    "element",
    [
        '<script src="https://example.com/it.js"></script>',
        '<link rel="stylesheet" href="//example.com/it.css">',
        '<img src="http://example.com/it.png">',
    ],
)
def test_what_is_loaded_from_the_network_is_found(element: str, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(f'<a href="https://example.com">a link is followed by people only</a>{element}')
    assert len(list(loaded(page))) == 1
