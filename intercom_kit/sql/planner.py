"""The planner: reads from DuckDB's plan which tables a query scans, with which predicates, and how scans are joined.

DuckDB's optimiser pushes every predicate as far down as possible, through joins, common table expressions, views and
macros, with constants folded, and EXPLAIN prints the result. That is not a stable interface: a condition that is not
recognised counts as true, so that more is fetched, never less, and `works` tests a query whose needs are known.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import duckdb

from intercom_kit.frames.attributes import HOLDERS
from intercom_kit.sql import syntax
from intercom_kit.sql.joins import edges, grouped, is_empty, joined, named, projected
from intercom_kit.sql.needs import Needs, Scan, Visible
from intercom_kit.sql.predicates import ALWAYS, NEVER, Predicate, Test, both
from intercom_kit.sql.printed.expressions import read_predicate
from intercom_kit.sql.printed.limits import CONSTANT, Limit, may_stop, passes
from intercom_kit.sql.printed.line_breaks import with_lines
from intercom_kit.sql.printed.texts import expressions, texts, without_misleading
from intercom_kit.sql.syntax import nodes
from intercom_kit.tables import CARRIED_BY, TABLES

Node = dict[str, Any]
Parameters = dict[str, Any] | list[Any] | None

# With statistics, DuckDB knows that a table is empty and leaves its scan out of the plan, so nothing would be fetched.
# The last two would turn long lists of values into joins, and repeated parts of a query into tables, through which
# columns cannot be traced.
SETTINGS = "set global disabled_optimizers = 'statistics_propagation,late_materialization,in_clause,common_subplan'"

# The query begins on its own line, so that positions in errors are those in the query, one line later.
EXPLAIN, LINES_BEFORE = "explain (format json)\n", 1
_PICTURE = "explain (format graphviz)\n"

# DuckDB's name of what it makes of the rows around a correlated subquery, which it reads several times.
_AROUND = "__duckdb_delim_"

# The name of a conversation's id in our views that unnest a list; a query with its own UNNEST names it itself.
_UNNESTED = {"conversation_id": "id"}

# Nodes that keep the names of columns.
_TRANSPARENT = frozenset({"FILTER", "SEQ_SCAN"})


def needs(
    cursor: duckdb.DuckDBPyConnection,
    query: str,
    parameters: Parameters = None,
    attributes: frozenset[str] = frozenset(),
) -> Needs:
    """Return what a query needs, read from its plan. Plans print the names of `attributes` like aliases."""
    found = _written(cursor, query, attributes)

    @cache
    def picture() -> str:
        return "\n".join(plan for _, plan in cursor.execute(_PICTURE + query, parameters or []).fetchall())

    for _, plan in cursor.execute(EXPLAIN + query, parameters or []).fetchall():
        for root in json.loads(plan):
            with_lines(root, picture)
            _walk(cursor, root, [], found)
    for scan in found.scans:
        if scan.most is not None and not may_stop(query, scan.predicate):
            scan.most = None
    return found


def works(cursor: duckdb.DuckDBPyConnection) -> bool:
    """Return whether the plans of this DuckDB version read as this module expects."""
    query = "select count(*) from conversations where state = 'open' and count_reopens > 1"
    expected = both([Test("state", "=", "open"), Test("count_reopens", ">", 1)])
    return [(scan.table, scan.predicate) for scan in needs(cursor, query).scans] == [("conversations", expected)]


def _walk(
    cursor: duckdb.DuckDBPyConnection, node: Node, above: list[str], found: Needs, limit: Limit | None = None
) -> list[Visible]:
    """Add the scans below a node to `found`, and return those whose columns can still be recognised by their names."""
    info, name = node["extra_info"], node["name"].strip()
    if "Table" in info:
        table = info["Table"].rsplit(".", 1)[-1].strip('"')
        filters = expressions(info.get("Filters")) + above
        if table not in TABLES:
            without_misleading(cursor, table, info, filters)
        read = [_read(cursor, table, text, found.attributes) for text in filters]
        unread = tuple(text for text, _, understood in read if not understood)
        # A limit on rows that come inside those of another table says nothing about how many of those to fetch.
        limited = limit and not unread and table not in CARRIED_BY and limit.reaches(info, filters)
        # A comparison with an attribute holds for more rows here than when the query runs.
        limited = limited and not (found.attributes and any(HOLDERS.get(table, "") in text for text in filters))
        found.scans.append(
            Scan(
                table=table,
                predicate=both(predicate for _, predicate, _ in read),
                columns=frozenset(texts(info.get("Projections"))),
                read=frozenset([*texts(info.get("Projections")), *re.findall(r"\w+", " ".join(filters))]),
                unread=unread,
                most=limit.rows if limit and limited else None,
            )
        )
        return [Visible(found.scans[-1], {column: column for column in found.scans[-1].columns})]
    if name == "CTE_SCAN":
        return found.around.get(info["CTE Index"], [])
    if name == "CTE" and info["CTE Name"].startswith(_AROUND):
        rows, reading = node["children"]
        found.around[info["Table Index"]] = [replace(each, shared=True) for each in _walk(cursor, rows, [], found)]
        if is_empty(rows, found):
            found.nothing.add(info["Table Index"])
        return _walk(cursor, reading, [], found)
    # A filter right above a scan belongs to it; further up, names may mean other columns.
    pushed = above + expressions(info.get("Expression")) if name == "FILTER" else []
    limit = Limit.of(node) or (limit if passes(node) else None)
    before = len(found.scans)
    sides = [_walk(cursor, child, pushed, found, limit) for child in node["children"]]
    if is_empty(node, found):
        for scan in found.scans[before:]:
            scan.predicate = NEVER
    if name == "HASH_JOIN" and len(sides) == 2:
        found.edges += edges(cursor, node, sides, found)
        return joined(node, sides)
    return _seen_above(node, [each for side in sides for each in side], found)


def _seen_above(node: Node, visible: list[Visible], found: Needs) -> list[Visible]:
    """Return the scans whose columns can be recognised above a node, of those that can be below it."""
    info, name = node["extra_info"], node["name"].strip()
    if name == "UNNEST":
        alone = [each.scan.table for each in visible] == ["conversations"]
        return [Visible(visible[0].scan, _UNNESTED)] if alone else []
    if name in _TRANSPARENT or (name in ("PROJECTION", "HASH_GROUP_BY") and _keeps_shared(info, visible)):
        return visible
    if name == "HASH_GROUP_BY":
        return grouped(node, visible, found)
    if name == "PROJECTION":
        return visible if _keeps_names(info, visible) else named(projected(node, found), visible)
    return []


def _read(
    cursor: duckdb.DuckDBPyConnection, table: str, text: str, attributes: frozenset[str]
) -> tuple[str, Predicate, bool]:
    """Return a filter with its predicate, and whether all of it was understood.

    A word in it that names both a column and an attribute might be the attribute, so that it is not understood then.
    """
    words = {word.lower() for word in re.findall(r"\w+", CONSTANT.sub("", text))} if attributes else set()
    if any(word in TABLES[table] for word in words & attributes if table in TABLES):
        return text, ALWAYS, False
    return (text, *read_predicate(cursor, text))


def _keeps_names(info: dict[str, Any], visible: list[Visible]) -> bool:
    """Return whether a projection keeps column names, as those do that print positions only, and those of our views."""
    names = texts(info.get("Projections"))
    if all(re.fullmatch(r"#\d+", each) for each in names):
        return True
    return all(each.names is _UNNESTED for each in visible) and _UNNESTED.keys() <= set(names)


def _keeps_shared(info: dict[str, Any], visible: list[Visible]) -> bool:
    """Return whether a node only chooses among the rows around a subquery, so that columns keep their names."""
    chosen = [*texts(info.get("Projections")), *texts(info.get("Groups"))]
    positions = all(re.fullmatch(r"#\d+|#\[\d+\.\d+\]", each) for each in chosen)
    return positions and not info.get("Aggregates") and all(each.shared for each in visible)


def _written(cursor: duckdb.DuckDBPyConnection, query: str, attributes: frozenset[str]) -> Needs:
    """Return what a query's text says about the names in its plan, before any scan is known.

    Plans print aliases like column names: after `select email as id`, a join by `id` is one by email.
    """
    tree = syntax.read(cursor, query)
    if tree["error"]:
        return Needs(renamed=None, correlated=True, grouped_anew=True, unnested=True, attributes=attributes)
    written = list(nodes(tree["statements"]))
    names = frozenset(name.lower() for name in _aliases(tree["statements"]))
    return Needs(
        # COLUMNS('contact_(id)') AS '\1' makes an alias that is not in the query's text.
        renamed=None if any("\\" in name for name in names) else names | attributes,
        correlated=not all(
            _stands_alone(cursor, node["subquery"]) for node in written if node.get("type") == "SUBQUERY"
        ),
        grouped_anew=any(len(node.get("group_sets") or []) > 1 for node in written),
        unnested=any(str(node.get("function_name")).lower() in ("unnest", "unlist") for node in written),
        attributes=attributes,
    )


def _stands_alone(cursor: duckdb.DuckDBPyConnection, select: Node) -> bool:
    """Return whether a subquery can be planned by itself, and so is not correlated."""
    tree = json.dumps({"error": False, "statements": [select]})
    try:
        ((text,),) = cursor.execute("select json_deserialize_sql(?)", [tree]).fetchall()
        cursor.execute(EXPLAIN + text).fetchall()
    except duckdb.Error:
        return False
    return True


def _aliases(statements: list[Node]) -> Iterator[str]:
    # Joins cannot use the aliases of the outermost SELECT list.
    results = {id(each) for statement in statements for each in statement["node"].get("select_list", [])}
    for node in nodes(statements):
        alias = node.get("alias")
        if alias and alias != (node.get("column_names") or [""])[-1] and id(node) not in results:
            yield alias
        for names in ("column_name_alias", "aliases"):
            yield from (name for name in node.get(names) or [] if isinstance(name, str))
        for renaming in ("rename_list", "replace_list"):
            for entry in node.get(renaming) or []:
                yield from texts(entry.get("value"))
                yield from texts(entry.get("key"))
