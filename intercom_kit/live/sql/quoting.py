"""Names in SQL: quoted, so that each may be of any characters; values never stand in SQL, but are its parameters."""


def identifier(name: str) -> str:
    """Quote a name."""
    return '"' + name.replace('"', '""') + '"'
