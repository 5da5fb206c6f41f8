"""The layout shows the architecture: imports run one way, and each outside library has one door."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "intercom_kit"

# A room may import what stands before it; rooms in one group do not know each other.
ORDER = [
    {"errors", "hints", "days", "zones", "locking", "numbers"},
    {"extras"},
    {"zone_names", "replacing", "values", "concurrency", "database"},
    {"tables"},
    {"metrics", "api", "frames"},
    {"paging", "sql", "auth"},
    {"apart", "search"},
    {"fetch"},
    {"live"},
    {"reports"},
    {"verbs", "doctor"},
    {"lake"},
    {"opened"},
    {"review"},
    {"subjects"},
    {"workspace"},
    {"connecting"},
    {"html"},
    {"notebook", "mcp"},
    {"console"},
    {"cli"},
    {"__main__"},
]

# Rooms that stand apart, with what they may know of the others.
APART: dict[str, set[str]] = {"sandbox": set(), "charts": {"errors", "extras", "days", "zones", "numbers"}}

LARGEST_ROOM = 2_100  # lines

# Where a library that only some need may be imported, as paths within the package.
DOORS = {
    "httpx": ("api/transport.py",),
    "ipywidgets": ("notebook/",),
    "IPython": ("notebook/", "charts/shown/renderer.py"),
    "nbclient": ("notebook/execution.py",),
    "papermill": ("notebook/execution.py",),
    "nbconvert": ("notebook/pages/",),
    "bs4": ("notebook/pages/",),
    "mcp": ("mcp/",),
    "jwt": ("mcp/over_http/bearer.py",),
    "plotly": ("charts/",),
    "starlette": ("sandbox/", "mcp/"),
    "uvicorn": ("sandbox/", "mcp/"),
    "click": (
        "cli.py",
        "console.py",
        "sandbox/",
        "auth/commands.py",
        "lake/command.py",
        "mcp/command.py",
        "mcp/tenants/options.py",
        "notebook/commands.py",
    ),
    "tqdm": ("fetch/meter.py", "fetch/notebook_bar.py"),
    "sqlglot": ("lake/dialect/", "mcp/forgiving/sql/calls.py"),
    "pyspark": ("lake/engines/cluster.py",),
    "grpc": ("lake/engines/cluster.py",),
    "pyarrow": ("lake/engines/spark.py", "frames/files/arrow.py"),
    "nanoarrow": ("frames/files/arrow.py",),
    "polars": ("frames/files/arrow.py",),
    "xlsxwriter": ("frames/files/excel.py",),
    "selectolax": ("html/",),
    "tinycss2": ("html/",),
    "psutil": ("apart/",),
    "filelock": ("locking.py",),
    "fsspec": ("lake/stores/",),
    "obstore": ("lake/stores/",),
    "keyring": ("auth/keyrings.py",),
    "platformdirs": ("auth/storage.py",),
    "cryptography": ("auth/certificate.py", "auth/sealing.py"),
}

FILES = sorted(PACKAGE.rglob("*.py"))


def module_of(file: Path) -> str:
    return ".".join(file.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")


MODULES = {module_of(file) for file in FILES}


def imports(file: Path) -> set[str]:
    """Return the modules that a file imports, also those that it imports names from."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= (names & MODULES) or {node.module}
    return found


def room(module: str) -> str:
    return [*module.split("."), ""][1] if module in MODULES else ""


IMPORTS = {module_of(file): imports(file) & MODULES for file in FILES}


@pytest.mark.parametrize("module", sorted(MODULES))
def test_a_module_imports_only_what_stands_before_it(module: str) -> None:
    here = room(module)
    others = {room(other) for other in IMPORTS[module]} - {"", here}
    if here in APART:
        assert others <= APART[here]
        return
    if here == "":
        return
    place = next(place for place, rooms in enumerate(ORDER) if here in rooms)
    allowed = set().union(*ORDER[:place], APART if here in {"connecting", "cli", "notebook", "mcp"} else ())
    assert others - allowed == set()


def test_no_modules_import_each_other_in_a_circle() -> None:
    circle = {module: set(others) for module, others in IMPORTS.items()}
    while True:
        imported = set().union(*circle.values())
        outside = {module for module, others in circle.items() if not others & circle.keys() or module not in imported}
        if not outside:
            break
        circle = {module: others - outside for module, others in circle.items() if module not in outside}
    assert not circle


@pytest.mark.parametrize("folder", sorted({file.parent for file in FILES}), ids=lambda folder: folder.name)
def test_a_room_can_be_overlooked(folder: Path) -> None:
    assert sum(len(file.read_text().splitlines()) for file in folder.glob("*.py")) <= LARGEST_ROOM


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
