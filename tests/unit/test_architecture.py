"""The layout shows the architecture: imports run one way, and each outside library has one door."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "intercom_kit"

# A room may import what stands to its left; rooms in one group do not know each other.
ORDER = [
    {"errors", "days", "zones", "locking"},
    {"zone_names", "replacing"},
    {"tables"},
    {"metrics", "api"},
    {"live", "auth"},
    {"doctor"},
    {"opened"},
    {"workspace"},
    {"connecting"},
    {"notebook", "mcp"},
    {"cli"},
    {"__main__"},
]

# Rooms that stand apart, with what they may know of the others.
APART: dict[str, set[str]] = {"sandbox": set(), "charts": {"errors", "days", "zones"}}

# Where a library that only some need may be imported, as paths within the package.
DOORS = {
    "httpx": ("api/transport.py",),
    "ipywidgets": ("notebook/",),
    "IPython": ("notebook/",),
    "nbclient": ("notebook/",),
    "nbconvert": ("notebook/",),
    "mcp": ("mcp/",),
    "jwt": ("mcp/bearer.py",),
    "plotly": ("charts/",),
    "starlette": ("sandbox/", "mcp/"),
    "uvicorn": ("sandbox/", "mcp/"),
    "click": ("cli.py", "sandbox/", "auth/commands.py", "mcp/command.py", "notebook/commands.py"),
    "tqdm": ("live/meter.py",),
    "psutil": ("live/sql/apart/",),
    "filelock": ("locking.py",),
    "keyring": ("auth/keyrings.py",),
    "platformdirs": ("auth/storage.py",),
    "cryptography": ("auth/certificate.py",),
}

FILES = sorted(PACKAGE.rglob("*.py"))


def imports(file: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def room(module: str) -> str:
    return module.split(".")[1] if module.startswith("intercom_kit.") else ""


def name_of(file: Path) -> str:
    return file.relative_to(PACKAGE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_a_module_imports_only_what_stands_left_of_it(file: Path) -> None:
    here = name_of(file)
    others = {room(module) for module in imports(file)} - {"", here}
    if here in APART:
        assert others <= APART[here]
        return
    if here == "__init__":
        return
    place = next(place for place, rooms in enumerate(ORDER) if here in rooms)
    allowed = set().union(*ORDER[:place], APART if here in {"connecting", "cli", "notebook"} else ())
    known = {name_of(other) for other in FILES}
    assert (others & known) - allowed == set()


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_a_library_is_imported_through_its_door_only(file: Path) -> None:
    path = file.relative_to(PACKAGE).as_posix()
    for module in imports(file):
        doors = DOORS.get(module.split(".")[0])
        assert doors is None or path.startswith(doors), f"{path} imports {module}"


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_a_file_is_one_idea(file: Path) -> None:
    assert len(file.read_text().splitlines()) <= 400
    assert file.stem not in {"utils", "util", "helpers", "common", "misc"}
