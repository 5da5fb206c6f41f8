"""Tables whose rows come inside those of another, such as parts of tickets: who brings them, and what is missing."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

from intercom_kit.live.joins import Joins
from intercom_kit.sql.needs import Edge, Needs, Scan
from intercom_kit.sql.predicates import ALWAYS, Both, Predicate, Test, both, either
from intercom_kit.tables import CARRIED_BY, TABLES, Table

# How many rows a receipt names whose carried rows are not all there.
_NAMED = 3


def with_carriers(needs: Needs) -> None:
    """Join scans of tables whose rows come inside those of another to a scan of that one, which brings them."""
    for scan in [scan for scan in needs.scans if scan.table in CARRIED_BY]:
        carrier, column = CARRIED_BY[scan.table], TABLES[scan.table].every_key.column
        own = [edge for edge in needs.edges if edge.scan is scan and edge.column == column]
        carriers = [edge.source for edge in own if (edge.source.table, edge.values) == (carrier.name, carrier.key)]
        if not carriers:
            carriers = [Scan(carrier.name, _of_carrier(scan.predicate, column, carrier.key))]
            needs.scans += carriers
            needs.edges += [Edge(carriers[0], carrier.key, edge.source, edge.values) for edge in own]
            needs.edges.append(Edge(scan, column, carriers[0], carrier.key))
        needs.edges = [edge for edge in needs.edges if not (edge.source is scan and edge.scan in carriers)]


def _of_carrier(predicate: Predicate, column: str, key: str) -> Predicate:
    """Return a predicate as one on the carrying table's rows: comparisons of anything but its key hold for all."""
    if isinstance(predicate, Test):
        return replace(predicate, column=key) if predicate.column == column and not predicate.attribute else ALWAYS
    join = both if isinstance(predicate, Both) else either
    return join(_of_carrier(member, column, key) for member in predicate.members)


def incomplete(joins: Joins) -> Iterator[str]:
    """Yield why carried rows that a query reads are missing: Intercom has more of them than it returned."""
    for scan in joins.needs.scans:
        carrier = CARRIED_BY.get(scan.table)
        for edge in joins.needs.edges if carrier else ():
            if edge.scan is scan and carrier and edge.source.table == carrier.name:
                yield from _incomplete(joins, carrier, TABLES[scan.table], edge.source)


def _incomplete(joins: Joins, carrier: Table, carried: Table, source: Scan) -> Iterator[str]:
    key, parameters = carried.every_key, dict[str, Any]()
    came = f'select "{key.column}" as came_with, count(*) as came from "{carried.name}" group by "{key.column}"'
    query = (
        f'select "{carrier.key}", "{carrier.carried_count}", coalesce(came, 0) '
        f"from (from {joins.rows(source, carrier.key, parameters)}) "
        f'left join ({came}) on came_with = "{carrier.key}" where "{carrier.carried_count}" > coalesce(came, 0)'
    )
    with joins.database.cursor() as cursor:
        found = cursor.execute(query, parameters).fetchall()
    rows = carried.name.removeprefix(f"{key.noun}_")
    for id, total, count in islice(found, _NAMED):
        yield f"{key.noun} {id} has {total:,} {rows}, of which Intercom returns {count:,}"
    if len(found) > _NAMED:
        yield f"and so on for {len(found) - _NAMED:,} more {key.nouns}"
