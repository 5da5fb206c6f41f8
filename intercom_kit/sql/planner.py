"""Find out what a query needs: which tables it scans, what it asks of their rows, and how scans are joined.

The planner is DuckDB: its optimiser has pushed every predicate as far down as it goes, through joins, common table
expressions, views and macros, with constants folded, and EXPLAIN prints the outcome. That print is no stable
interface: what is not recognised counts as true, so that more is fetched, never less, and `works` tries a query whose
needs are known.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import duckdb

from intercom_kit.sql import syntax
from intercom_kit.sql.expressions import read_predicate
from intercom_kit.sql.limits import Limit, may_stop, passes
from intercom_kit.sql.line_breaks import with_lines
from intercom_kit.sql.predicates import Predicate, Test, both
from intercom_kit.sql.printed import expressions, texts, without_misleading
from intercom_kit.sql.syntax import nodes
from intercom_kit.tables import TABLES

Node = dict[str, Any]
Parameters = dict[str, Any] | list[Any] | None

# With statistics DuckDB knows that a table is empty and leaves its scan out of the plan: nothing would be fetched. And
# long lists of values would become joins, and what stands twice in a query a table of its own, through which columns
# cannot be followed.
SETTINGS = "set global disabled_optimizers = 'statistics_propagation,late_materialization,in_clause,common_subplan'"

# The query begins in a line of its own, so that the places that errors name are the query's, one line later.
EXPLAIN, LINES_BEFORE = "explain (format json)\n", 1
_PICTURE = "explain (format graphviz)\n"

# In a join of these types, the rows of the named side (0 left, 1 right) without a partner change nothing.
_RESTRICTED_SIDES = {"INNER": (0, 1), "SEMI": (0, 1), "RIGHT_SEMI": (0, 1), "LEFT": (1,), "RIGHT": (0,)}
_RESTRICTED_SIDES |= {"ANTI": (1,), "RIGHT_ANTI": (0,)}

_REFERS_TO = {
    "contact_id": "contacts",
    "intercom_user_id": "contacts",
    "company_id": "companies",
    "conversation_id": "conversations",
    "segment_id": "segments",
    "tag_id": "tags",
    "team_assignee_id": "teams",
    "admin_assignee_id": "admins",
}

# What views of ours that unnest a list of conversations call the id of these; a query that does so itself names it.
_UNNESTED = {"conversation_id": "id"}

# Below a join, columns keep their names through these.
_TRANSPARENT = frozenset({"HASH_JOIN", "FILTER", "SEQ_SCAN"})


@dataclass(eq=False)
class Scan:
    """One scan of a table or of a frame of the caller's, what it asks of the rows, and the columns that it gives.

    `read` are the columns whose values matter, of which the filters may be more; None where that is not known. `unread`
    are filters of which something was not understood. `most` is how many rows are wanted of those that the
    predicate holds for, where that is known: the newest created, or any.
    """

    table: str
    predicate: Predicate
    columns: frozenset[str] = frozenset()
    read: frozenset[str] | None = None
    unread: tuple[str, ...] = ()
    most: int | None = None


@dataclass(frozen=True)
class Visible:
    """A scan whose columns can be told further up in the plan, and what they are called there."""

    scan: Scan
    names: Mapping[str, str]


@dataclass(frozen=True)
class Edge:
    """A join: of `scan` only those rows matter whose `column` is among the `values` of another scan's rows."""

    scan: Scan
    column: str
    source: Scan
    values: str


@dataclass
class Needs:
    """The scans of a query, and the joins by which some restrict others.

    `renamed` are the names that the query itself gives to columns; None where it may be any. It is `correlated` where a
    SELECT in it may refer to columns of one around.
    """

    scans: list[Scan] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    renamed: frozenset[str] | None = frozenset()
    correlated: bool = False

    @property
    def frames(self) -> list[Scan]:
        """List the scans of the caller's own frames, whose rows are here."""
        return [scan for scan in self.scans if scan.table not in TABLES]

    def add(self, others: "Needs") -> None:
        """Take in what another query needs, too; joins are read already, so `renamed` has done its work."""
        self.scans += others.scans
        self.edges += others.edges


def needs(cursor: duckdb.DuckDBPyConnection, query: str, parameters: Parameters = None) -> Needs:
    """Read a query's needs from its plan."""
    renamed, correlated = _written(cursor, query)
    found = Needs(renamed=renamed, correlated=correlated)

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
    """Tell whether plans still read as this module expects."""
    query = "select count(*) from conversations where state = 'open' and count_reopens > 1"
    expected = both([Test("state", "=", "open"), Test("count_reopens", ">", 1)])
    return [(scan.table, scan.predicate) for scan in needs(cursor, query).scans] == [("conversations", expected)]


def _walk(
    cursor: duckdb.DuckDBPyConnection, node: Node, above: list[str], found: Needs, limit: Limit | None = None
) -> list[Visible]:
    """Collect the scans below a node; give those whose columns can still be told by their names."""
    info, name = node["extra_info"], node["name"].strip()
    if "Table" in info:
        table = info["Table"].rsplit(".", 1)[-1].strip('"')
        filters = expressions(info.get("Filters")) + above
        if table not in TABLES:
            without_misleading(cursor, table, info, filters)
        read = [(text, *read_predicate(cursor, text)) for text in filters]
        unread = tuple(text for text, _, understood in read if not understood)
        limited = limit and not unread and limit.reaches(info, filters)
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
    # A filter right above a scan belongs to it; further up, names may mean something else.
    kept = above + expressions(info.get("Expression")) if name == "FILTER" else []
    limit = Limit.of(node) or (limit if passes(node) else None)
    sides = [_walk(cursor, child, kept, found, limit) for child in node["children"]]
    if name == "HASH_JOIN" and len(sides) == 2:
        found.edges += _edges(node, sides, found)
    seen = [each for side in sides for each in side]
    if name == "UNNEST":
        return [Visible(seen[0].scan, _UNNESTED)] if [each.scan.table for each in seen] == ["conversations"] else []
    return seen if name in _TRANSPARENT or (name == "PROJECTION" and _passes_names(info, seen)) else []


def _passes_names(info: dict[str, Any], seen: list[Visible]) -> bool:
    """Tell whether a projection leaves columns their names: DuckDB's own do, which print none, and our views'."""
    given = texts(info.get("Projections"))
    if all(re.fullmatch(r"#\d+", each) for each in given):
        return True
    return all(each.names is _UNNESTED for each in seen) and _UNNESTED.keys() <= set(given)


def _edges(node: Node, sides: list[list[Visible]], below: Needs) -> Iterator[Edge]:
    """Read a join's conditions; one whose columns cannot be told for sure restricts nothing.

    Where a SELECT refers to a column of one around it, DuckDB prints that column's name on both sides.
    """
    restricted = _RESTRICTED_SIDES.get(str(node["extra_info"].get("Join Type")), ())
    for condition in expressions(node["extra_info"].get("Conditions")):
        equal = re.fullmatch(r"([\w ]+|#\d+) = ([\w ]+|#\d+)", condition)
        if not equal:
            continue
        if below.renamed is None or not below.renamed.isdisjoint(name.lower() for name in equal.groups()):
            continue
        if below.correlated and equal[1] == equal[2] and any(len(_given(child)) != 1 for child in node["children"]):
            continue
        names = [_name(name, child) for name, child in zip(equal.groups(), node["children"], strict=True)]
        ends = [_owner(names[side], sides[side], names[1 - side], below.edges) for side in (0, 1)]
        for side in restricted:
            end, other = ends[side], ends[1 - side]
            if end and other and end.scan.table in TABLES:
                yield Edge(end.scan, end.names[names[side]], other.scan, other.names[names[1 - side]])


def _written(cursor: duckdb.DuckDBPyConnection, query: str) -> tuple[frozenset[str] | None, bool]:
    """List the names that a query gives to columns and expressions; plans print them like columns' own.

    `select email as id` makes a join by `id` one by email. None where it cannot be told. Tell also whether a SELECT
    in the query may refer to columns of one around it.
    """
    tree = syntax.read(cursor, query)
    if tree["error"]:
        return None, True
    inner = [node["subquery"] for node in nodes(tree["statements"]) if node.get("type") == "SUBQUERY"]
    correlated = not all(_stands_alone(cursor, select) for select in inner)
    names = frozenset(name.lower() for name in _given_names(tree["statements"]))
    # COLUMNS('contact_(id)') AS '\1' gives a name that is written nowhere.
    return (None if any("\\" in name for name in names) else names), correlated


def _stands_alone(cursor: duckdb.DuckDBPyConnection, select: Node) -> bool:
    """Tell whether a SELECT could be asked by itself, and so refers to nothing around it."""
    tree = json.dumps({"error": False, "statements": [select]})
    try:
        ((text,),) = cursor.execute("select json_deserialize_sql(?)", [tree]).fetchall()
        cursor.execute(EXPLAIN + text).fetchall()
    except duckdb.Error:
        return False
    return True


def _given_names(statements: list[Node]) -> Iterator[str]:
    # What the outermost SELECT calls its results is known to no join.
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
    """Give the column that a join compares; `#0` is the first that is given below, and the only one is always meant."""
    given = _given(child)
    if len(given) == 1:
        return given[0]
    if not name.startswith("#"):
        return name if name in given or not given else ""
    return given[int(name[1:])] if int(name[1:]) < len(given) else ""


def _given(node: Node) -> list[str]:
    """List the columns that a scan gives, in order, also through a projection that leaves some out."""
    names = texts(node["extra_info"].get("Projections"))
    if node["name"].strip() == "SEQ_SCAN":
        return names
    if node["name"].strip() == "FILTER":
        return _given(node["children"][0])
    if node["name"].strip() != "PROJECTION" or not all(re.fullmatch(r"#\d+", name) for name in names):
        return []
    given = _given(node["children"][0])
    return [given[int(name[1:])] if int(name[1:]) < len(given) else "" for name in names]


def _owner(name: str, side: list[Visible], other: str, edges: list[Edge]) -> Visible | None:
    """Find the one scan on a side of a join that gives a column; None where there are none or several.

    Every table has an `id`: where several give one, it is the table's that the other column refers to. A frame's may be
    anything; only where the others are joined to it by their ids has it all that they have.
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
