"""Quoting of names in SQL, which may have any characters; values are never quoted, but passed as parameters."""

from pathlib import Path


def identifier(name: str) -> str:
    """Return a name in quotes."""
    return '"' + name.replace('"', '""') + '"'


def location(path: Path | str) -> str:
    """Return a file's path or URL in quotes, since statements about files do not take it as a parameter."""
    return "'" + str(path).replace("'", "''") + "'"
