"""The limits of filters and queries on masked data: Intercom has the values, the tables only their pseudonyms."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from intercom_kit.errors import BadFilterError, BadQueryError
from intercom_kit.metrics.subjects import Dimension
from intercom_kit.search.filters import compared
from intercom_kit.sql.needs import Needs
from intercom_kit.sql.predicates import ALWAYS, Both, Predicate, Test, both, either
from intercom_kit.tables import TABLES, Table
from intercom_kit.tables.privacy import Privacy, may_be_masked

# An object that is not listed any more, such as a deleted team, is labelled by its id.
ID = re.compile(r"\d+|[0-9a-f]{24}")

_REMEDY = "Use an id or external_id, or have whoever runs this connect with full privacy (`--pii full`)."


def check_filters(table: Table, filters: Mapping[str, Any], privacy: Privacy) -> None:
    """Raise BadFilterError for a filter by personal data: its result would reveal whose a pseudonym is."""
    for name in filters if privacy != "full" else ():
        column = compared(table, name)
        if column is not None and column.personal:
            reason = "which" if column.name == name else f"since {column.name}"
            raise BadFilterError(
                f"{table.name} cannot be filtered by {name}, {reason} is {_state(privacy)} here. {_REMEDY}"
            )


def check_text(table: Table, fields: Iterable[str], privacy: Privacy) -> None:
    """Raise BadFilterError for a search by words: Intercom would compare them with hidden data."""
    if privacy != "full" and any(column.personal for column in table.columns if column.search in fields):
        raise BadFilterError(f"Names and texts are {_state(privacy)} here, and cannot be searched. {_REMEDY}")


def check_groups(compared: Iterable[tuple[Dimension, Any]], privacy: Privacy) -> None:
    """Raise BadFilterError if a metric's filter compares personal data with anything but a pseudonym: none would match.

    Ids are allowed where they stand in for a missing label.
    """
    for dimension, value in compared if privacy != "full" else ():
        for each in value if isinstance(value, list | tuple | set) else (value,):
            label = each.partition(" (")[0] if isinstance(each, str) else each
            matches = (privacy == "masked" and may_be_masked(label)) or (dimension.names and ID.fullmatch(str(each)))
            if dimension.personal and each is not None and not matches:
                raise BadFilterError(
                    f"{dimension.name} is {_state(privacy)} here, so that comparing it with a value of yours finds "
                    f"nothing. {_REMEDY}"
                )


def notes(privacy: Privacy) -> list[str]:
    """Return the note that conditions on personal data may not have matched."""
    if privacy == "full":
        return []
    return [f"Names, email addresses, texts and the like are {_state(privacy)}: no pattern finds anything in them"]


def without_personal(needs: Needs, privacy: Privacy) -> Needs:
    """Remove personal data from the predicates and joins pushed to Intercom, so that DuckDB compares pseudonyms.

    Raises BadQueryError if a query compares personal data with anything but a pseudonym: the empty result would be
    wrong.
    """
    if privacy == "full":
        return needs
    for scan in needs.scans:
        if scan.table in TABLES:
            whole, scan.predicate = scan.predicate, _weaker(TABLES[scan.table], scan.predicate, privacy)
            scan.most = scan.most if scan.predicate == whole else None
    needs.edges = [
        edge
        for edge in needs.edges
        if not _is_personal(edge.scan.table, edge.column) and not _is_personal(edge.source.table, edge.values)
    ]
    return needs


def _weaker(table: Table, predicate: Predicate, privacy: Privacy) -> Predicate:
    if not isinstance(predicate, Test):
        join = both if isinstance(predicate, Both) else either
        return join(_weaker(table, member, privacy) for member in predicate.members)
    if not _is_personal(table.name, predicate.column):
        return predicate
    values = predicate.value if isinstance(predicate.value, tuple | list | set | frozenset) else (predicate.value,)
    if any(value is not None and not (privacy == "masked" and may_be_masked(value)) for value in values):
        raise BadQueryError(
            f"{table.name}.{predicate.column} is {_state(privacy)} here, so that comparing it with a value of yours "
            f"finds nothing. {_REMEDY}"
        )
    return ALWAYS


def _is_personal(table: str, column: str) -> bool:
    return table in TABLES and column in TABLES[table] and bool(TABLES[table].column(column).personal)


def _state(privacy: Privacy) -> str:
    return "masked" if privacy == "masked" else "left out"
