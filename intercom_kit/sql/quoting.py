"""Names in SQL: quoted, so that each may be of any characters; values never stand in SQL, but are its parameters."""

from pathlib import Path


def identifier(name: str) -> str:
    """Quote a name."""
    return '"' + name.replace('"', '""') + '"'


def location(path: Path) -> str:
    """Quote the path of a file, which statements about files do not take as a parameter."""
    return "'" + str(path).replace("'", "''") + "'"
