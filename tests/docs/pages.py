"""The pages of the documentation, and what they quote as code."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]

# Made from the package's own declarations and docstrings, so that they name everything and prove nothing.
REFERENCE = {"api.md", "behaviours.md"}

_BLOCK = re.compile(r"^```(?P<language>\w*)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`([^`\n]+)`")


def text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def blocks(page: Path) -> list[tuple[str, str]]:
    """Give the code blocks of a page, each with its language."""
    return [(block["language"], block["code"]) for block in _BLOCK.finditer(text(page))]


def quoted(page: Path) -> list[str]:
    """Give all that a page quotes as code, in blocks and within sentences."""
    prose = _BLOCK.sub("", text(page))
    return [code for _, code in blocks(page)] + [span[1] for span in _SPAN.finditer(prose)]


def section(page: Path, heading: str) -> str:
    """Give what stands under a heading of the second level."""
    return text(page).partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def written() -> list[Path]:
    """Give the pages that people wrote."""
    return [page for page in PAGES if page.name not in REFERENCE]
