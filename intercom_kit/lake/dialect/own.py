"""Queries in Spark's own SQL, which are run as they are: which tables they read, if they are one SELECT."""

from collections.abc import Collection

from sqlglot import exp, parse
from sqlglot.dialects.spark import Spark
from sqlglot.errors import SqlglotError

from intercom_kit.errors import BadQueryError

_ONE_SELECT = "a lake on Spark answers one SELECT in Spark's SQL"


def tables_of(query: str, known: Collection[str]) -> frozenset[str]:
    """Return the tables that a query reads, in lower case; raise BadQueryError for anything but one SELECT over known.

    Everything that is read has to be named, so that receipts tell what is missing in it.
    """
    try:
        statements = [each for each in parse(query, dialect=Spark) if each is not None]
    except SqlglotError as error:
        raise BadQueryError(f"{_ONE_SELECT.capitalize()}, and this cannot be read: {error}") from error
    if (
        len(statements) != 1
        or not isinstance(statements[0], exp.Query)
        or statements[0].find(exp.DML, exp.DDL, exp.Command)
    ):
        raise BadQueryError(f"This is not what can be asked: {_ONE_SELECT}.")
    (tree,) = statements
    steps = {step.alias.lower() for step in tree.find_all(exp.CTE)}
    found = set()
    for table in tree.find_all(exp.Table):
        name = table.name.lower()
        if isinstance(table.this, exp.Identifier) and table.db:
            raise BadQueryError(f"{table.sql('spark')} is not a table of this lake: name its tables alone.")
        if isinstance(table.this, exp.Identifier) and name not in steps:
            found.add(name)
    if others := sorted(found - {name.lower() for name in known}):
        raise BadQueryError(f"There is no table {', '.join(others)}: lake.schema() lists those of this lake.")
    return frozenset(found)
