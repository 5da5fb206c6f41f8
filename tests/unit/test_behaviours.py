"""The registry of disputed behaviours: the page made of it, and the comments that point at it."""

import re
from pathlib import Path

import pytest

from intercom_kit.api.behaviours import registry
from tools.behaviour_page import page

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "intercom_kit").rglob("*.py"))
POINTING = re.compile(r"UNCONFIRMED(?P<names> \[[a-z-]+\](?:, \[[a-z-]+\])*)?")


def test_the_page_is_what_the_registry_gives() -> None:
    assert (ROOT / "docs" / "behaviours.md").read_text(encoding="utf-8") == page(), "run `make docs`"


@pytest.mark.parametrize("name", registry())
def test_the_page_tells_all_of_a_behaviour(name: str) -> None:
    behaviour = registry()[name]
    section = page().partition(f"\n## {name}\n")[2].partition("\n## ")[0]
    assert behaviour.question in section
    assert behaviour.matters in section
    for source in behaviour.sources:
        assert source in section
    for kind in behaviour.objects or ("",):
        assert behaviour.said("documented", kind) in section
        assert behaviour.said("measured", kind) in section
    assert ("Known by whom: nobody yet" in section) == (not behaviour.known)


def test_the_page_asks_for_results_and_says_how_to_come_by_them() -> None:
    assert "intercom-kit doctor --json" in page().partition("\n## ")[0]


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_what_is_unconfirmed_names_its_entry(file: Path) -> None:
    for found in POINTING.finditer(file.read_text(encoding="utf-8")):
        assert found["names"], "write UNCONFIRMED [name], with a name of behaviours.toml"
        assert set(re.findall(r"\[([a-z-]+)\]", found["names"])) <= set(registry())


def test_every_entry_is_pointed_at_or_can_be_switched() -> None:
    pointed = {name for file in FILES for name in re.findall(r"\[([a-z-]+)\]", file.read_text(encoding="utf-8"))}
    assert [each.name for each in registry().values() if not each.choices and each.name not in pointed] == []
