"""The planner: reads from DuckDB's plan which tables a query scans, with which predicates, and how scans are joined.

DuckDB's optimiser pushes every predicate as far down as possible, through joins, common table expressions, views and
macros, with constants folded, and EXPLAIN prints the result. That is not a stable interface: a condition that is not
recognised counts as true, so that more is fetched, never less, and `works` tests a query whose needs are known.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import duckdb

from intercom_kit.frames.attributes import HOLDERS
from intercom_kit.sql import syntax
from intercom_kit.sql.expressions import read_predicate
from intercom_kit.sql.limits import CONSTANT, Limit, may_stop, passes
from intercom_kit.sql.line_breaks import with_lines
from intercom_kit.sql.predicates import ALWAYS, Predicate, Test, both
from intercom_kit.sql.printed import expressions, texts, without_misleading
from intercom_kit.sql.syntax import nodes
from intercom_kit.tables import CARRIED_BY, TABLES
from intercom_kit.tables.structure import in_item

Node = dict[str, Any]
Parameters = dict[str, Any] | list[Any] | None

# With statistics, DuckDB knows that a table is empty and leaves its scan out of the plan, so nothing would be fetched.
# The last two would turn long lists of values into joins, and repeated parts of a query into tables, through which
# columns cannot be traced.
SETTINGS = "set global disabled_optimizers = 'statistics_propagation,late_materialization,in_clause,common_subplan'"

# The query begins on its own line, so that positions in errors are those in the query, one line later.
EXPLAIN, LINES_BEFORE = "explain (format json)\n", 1
_PICTURE = "explain (format graphviz)\n"

# In a join of these types, the rows of the named side (0 left, 1 right) without a partner change nothing.
_RESTRICTED_SIDES = {"INNER": (0, 1), "SEMI": (0, 1), "RIGHT_SEMI": (0, 1), "LEFT": (1,), "RIGHT": (0,)}
_RESTRICTED_SIDES |= {"ANTI": (1,), "RIGHT_ANTI": (0,), "MARK": (1,)}

# DuckDB's name of what it makes of the rows around a correlated subquery, which it reads several times.
_AROUND = "__duckdb_delim_"

_REFERS_TO = {
    "contact_id": "contacts",
    "intercom_user_id": "contacts",
    "company_id": "companies",
    "conversation_id": "conversations",
    "segment_id": "segments",
    "tag_id": "tags",
    "team_assignee_id": "teams",
    "admin_assignee_id": "admins",
    "ticket_id": "tickets",
}

# The name of a conversation's id in our views that unnest a list; a query with its own UNNEST names it itself.
_UNNESTED = {"conversation_id": "id"}

_EQUAL = re.compile(r"([\w ]+?|#\d+) (=|IS NOT DISTINCT FROM) ([\w ]+|#\d+)")

# Nodes that keep the names of columns.
_TRANSPARENT = frozenset({"HASH_JOIN", "FILTER", "SEQ_SCAN"})


@dataclass(eq=False)
class Scan:
    """One scan of a table or of a caller's frame, with the predicate that was pushed down to it.

    `columns` is its projection. `read` adds the columns of its filters; None if it is not known. `unread` are filters
    that were not understood completely. `most` is the number of rows that are enough, the newest or any, where a LIMIT
    was pushed down.
    """

    table: str
    predicate: Predicate
    columns: frozenset[str] = frozenset()
    read: frozenset[str] | None = None
    unread: tuple[str, ...] = ()
    most: int | None = None


@dataclass(frozen=True)
class Visible:
    """A scan whose columns can be recognised further up in the plan, by the `names` that they have there.

    One that is `shared` is read several times, so that no join restricts it.
    """

    scan: Scan
    names: Mapping[str, str]
    shared: bool = False


@dataclass(frozen=True)
class Edge:
    """A join: only those rows of `scan` are needed whose `column` is among the `values` of the `source` scan's rows."""

    scan: Scan
    column: str
    source: Scan
    values: str


@dataclass
class Needs:
    """The scans of a query, and the joins by which some restrict others.

    `renamed` are the aliases that the query gives to columns; None if they may be any. It is `correlated` if a subquery
    may refer to columns of the SELECT around it. `attributes` are the names of attributes that it reads by `attr`, and
    `around` the scans of rows around correlated subqueries, by DuckDB's number of them.
    """

    scans: list[Scan] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    renamed: frozenset[str] | None = frozenset()
    correlated: bool = False
    attributes: frozenset[str] = frozenset()
    around: dict[str, list["Visible"]] = field(default_factory=dict)

    @property
    def frames(self) -> list[Scan]:
        """Return the scans of the caller's frames, for which nothing is fetched."""
        return [scan for scan in self.scans if scan.table not in TABLES]

    def add(self, others: "Needs") -> None:
        """Add the needs of another query; `renamed` is left out, since it only matters for reading joins."""
        self.scans += others.scans
        self.edges += others.edges


def needs(
    cursor: duckdb.DuckDBPyConnection,
    query: str,
    parameters: Parameters = None,
    attributes: frozenset[str] = frozenset(),
) -> Needs:
    """Return what a query needs, read from its plan. Plans print the names of `attributes` like aliases."""
    renamed, correlated = _written(cursor, query)
    found = Needs(
        renamed=None if renamed is None else renamed | attributes, correlated=correlated, attributes=attributes
    )

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
        return _walk(cursor, reading, [], found)
    # A filter right above a scan belongs to it; further up, names may mean other columns.
    pushed = above + expressions(info.get("Expression")) if name == "FILTER" else []
    limit = Limit.of(node) or (limit if passes(node) else None)
    sides = [_walk(cursor, child, pushed, found, limit) for child in node["children"]]
    if name == "HASH_JOIN" and len(sides) == 2:
        found.edges += _edges(node, sides, found)
    visible = [each for side in (sides[:1] if info.get("Join Type") == "MARK" else sides) for each in side]
    if name == "HASH_GROUP_BY":
        return visible if _keeps_shared(info, visible) else []
    if name == "UNNEST":
        alone = [each.scan.table for each in visible] == ["conversations"]
        return [Visible(visible[0].scan, _UNNESTED)] if alone else []
    return visible if name in _TRANSPARENT or (name == "PROJECTION" and _keeps_names(info, visible)) else []


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
    projected = texts(info.get("Projections"))
    if all(re.fullmatch(r"#\d+", each) for each in projected) or _keeps_shared(info, visible):
        return True
    return all(each.names is _UNNESTED for each in visible) and _UNNESTED.keys() <= set(projected)


def _keeps_shared(info: dict[str, Any], visible: list[Visible]) -> bool:
    """Return whether a node only chooses among the rows around a subquery, so that columns keep their names."""
    chosen = [*texts(info.get("Projections")), *texts(info.get("Groups"))]
    positions = all(re.fullmatch(r"#\d+|#\[\d+\.\d+\]", each) for each in chosen)
    return positions and not info.get("Aggregates") and all(each.shared for each in visible)


def _edges(node: Node, sides: list[list[Visible]], below: Needs) -> Iterator[Edge]:
    """Yield the edges of a join's conditions; a condition with an ambiguous column restricts nothing.

    For a correlated subquery, DuckDB prints the name of the outer column on both sides.
    """
    kind, children = str(node["extra_info"].get("Join Type")), node["children"]
    for condition in expressions(node["extra_info"].get("Conditions")):
        equal = _EQUAL.fullmatch(condition)
        if not equal or (equal[2] != "=" and kind != "MARK"):
            continue
        compared = (equal[1], equal[3])
        if below.renamed is None or not below.renamed.isdisjoint(name.lower() for name in compared):
            continue
        # On the left of a mark are the rows around the subquery, whose name is right.
        marked = kind == "MARK" and not equal[1].startswith("#")
        unsure = children[1:] if marked else children
        if below.correlated and equal[1] == equal[3] and any(len(_projected(child)) != 1 for child in unsure):
            continue
        names = [_name(name, child) for name, child in zip(compared, children, strict=True)]
        names[0] = equal[1] if marked else names[0]
        ends = [_owner(names[side], sides[side], names[1 - side], below.edges) for side in (0, 1)]
        for side in _RESTRICTED_SIDES.get(kind, ()):
            end, other = ends[side], ends[1 - side]
            if not end or not other or end.shared or end.scan.table not in TABLES:
                continue
            edge = Edge(end.scan, end.names[names[side]], other.scan, other.names[names[1 - side]])
            if kind != "MARK" or _leaves_marks(edge, null_counts=equal[2] == "="):
                yield edge


def _leaves_marks(edge: Edge, *, null_counts: bool) -> bool:
    """Return whether a subquery marks the same rows if only those of its rows are there that an edge needs.

    A NULL among its values matches another NULL in EXISTS, and in IN it makes whatever is not found unknown, as any
    row does for a NULL that is looked for.
    """
    if edge.scan.table not in TABLES or edge.column not in TABLES[edge.scan.table]:
        return False
    excluded = {f"({edge.column} = {edge.column})", f"({edge.column} IS NOT NULL)"}
    is_requested = not in_item(TABLES[edge.scan.table].column(edge.column))  # the key, which is in every row
    is_key = edge.source.table in TABLES and TABLES[edge.source.table].key == edge.values
    has_no_null = is_requested or not excluded.isdisjoint(edge.scan.unread)
    return has_no_null and (is_key or not null_counts)


def _written(cursor: duckdb.DuckDBPyConnection, query: str) -> tuple[frozenset[str] | None, bool]:
    """Return the aliases that a query gives to columns and expressions, and whether a subquery may be correlated.

    Plans print aliases like column names: after `select email as id`, a join by `id` is one by email. None if they are
    not known.
    """
    tree = syntax.read(cursor, query)
    if tree["error"]:
        return None, True
    inner = [node["subquery"] for node in nodes(tree["statements"]) if node.get("type") == "SUBQUERY"]
    correlated = not all(_stands_alone(cursor, select) for select in inner)
    names = frozenset(name.lower() for name in _aliases(tree["statements"]))
    # COLUMNS('contact_(id)') AS '\1' makes an alias that is not in the query's text.
    return (None if any("\\" in name for name in names) else names), correlated


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


def _name(name: str, child: Node) -> str:
    """Return the column that a join compares: its child's only one, the one at a position such as `#0`, or `name`."""
    projected = _projected(child)
    if len(projected) == 1:
        return projected[0]
    if not name.startswith("#"):
        return name if name in projected or not projected else ""
    return projected[int(name[1:])] if int(name[1:]) < len(projected) else ""


def _projected(node: Node) -> list[str]:
    """Return the columns of a scan in order, even through a projection that leaves some out."""
    names = texts(node["extra_info"].get("Projections"))
    if node["name"].strip() == "SEQ_SCAN":
        return names
    if node["name"].strip() == "FILTER":
        return _projected(node["children"][0])
    if node["name"].strip() != "PROJECTION" or not all(re.fullmatch(r"#\d+", name) for name in names):
        return []
    columns = _projected(node["children"][0])
    return [columns[int(name[1:])] if int(name[1:]) < len(columns) else "" for name in names]


def _owner(name: str, side: list[Visible], other: str, edges: list[Edge]) -> Visible | None:
    """Return the scan on one side of a join that has a column; None if there are none or several.

    Every table has an `id`: of several, it is that of the table to which the other column refers. A frame's `id` may be
    anything, so the frame counts only if all others with an `id` are joined to it by that.
    """
    owners = [each for each in side if name in each.names]
    if len(owners) > 1 and name == "id":
        frames = [each for each in owners if each.scan.table not in TABLES]
        if frames:
            own = (frames[0].scan, "id", "id")
            joined = [edge.scan for edge in edges if (edge.source, edge.column, edge.values) == own]
            return frames[0] if all(each.scan in joined for each in owners if each is not frames[0]) else None
        owners = [each for each in owners if each.scan.table == _REFERS_TO.get(other)]
    return owners[0] if len(owners) == 1 else None
