"""Joins in a plan: which columns of which scans they compare, and which scans they restrict to the values of others."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import duckdb

from intercom_kit.sql.needs import Edge, Needs, Visible
from intercom_kit.sql.predicates import conjuncts
from intercom_kit.sql.printed.expressions import never_null
from intercom_kit.sql.printed.texts import expressions, texts
from intercom_kit.tables import TABLES
from intercom_kit.tables.structure import in_item

Node = dict[str, Any]

# In a join of these types, the rows of the named side (0 left, 1 right) without a partner change nothing.
_RESTRICTED_SIDES = {"INNER": (0, 1), "SEMI": (0, 1), "RIGHT_SEMI": (0, 1), "LEFT": (1,), "RIGHT": (0,)}
_RESTRICTED_SIDES |= {"ANTI": (1,), "RIGHT_ANTI": (0,), "MARK": (1,)}

# The sides of which no row is made up of NULLs, in a join of these types; in all others, both may have such rows.
_WITHOUT_NULLS = {"INNER": (0, 1), "LEFT": (0,), "RIGHT": (1,), "SEMI": (0,), "ANTI": (0,), "MARK": (0,)}
_WITHOUT_NULLS |= {"RIGHT_SEMI": (1,), "RIGHT_ANTI": (1,)}

# Joins of which nothing is left if one side has no rows.
_NEEDS_BOTH = frozenset({"INNER", "SEMI", "RIGHT_SEMI"})

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

_EQUAL = re.compile(r"([\w ]+?|#\d+) (=|IS NOT DISTINCT FROM) ([\w ]+|#\d+)")
_POSITION = re.compile(r"#(\d+)")
_NAME = re.compile(r"\w+")


def edges(cursor: duckdb.DuckDBPyConnection, node: Node, sides: list[list[Visible]], below: Needs) -> Iterator[Edge]:
    """Yield the edges of a join's conditions; a condition with an ambiguous column restricts nothing.

    For a correlated subquery, DuckDB prints the name of the outer column on both sides.
    """
    kind, children = str(node["extra_info"].get("Join Type")), node["children"]
    for condition in expressions(node["extra_info"].get("Conditions")):
        equal = _EQUAL.fullmatch(condition)
        if not equal or any(below.is_alias(name) for name in (equal[1], equal[3])):
            continue
        # On the left of these are the rows around the subquery, whose name is right.
        around = kind in ("MARK", "ANTI") and not equal[1].startswith("#")
        unsure = children[1:] if around else children
        if below.correlated and equal[1] == equal[3] and any(len(projected(child, below)) != 1 for child in unsure):
            continue
        names = [_name(name, child, below) for name, child in zip((equal[1], equal[3]), children, strict=True)]
        names[0] = equal[1] if around else names[0]
        ends = [_owner(names[side], sides[side], names[1 - side], below.edges) for side in (0, 1)]
        for side in _RESTRICTED_SIDES.get(kind, ()):
            end, other = ends[side], ends[1 - side]
            if not end or not other or end.shared or end.scan.table not in TABLES:
                continue
            edge = Edge(end.scan, end.names[names[side]], other.scan, other.names[names[1 - side]])
            if kind == "MARK":
                is_edge = not end.nullable and _leaves_marks(cursor, edge, null_counts=equal[2] == "=")
            else:
                is_edge = equal[2] == "=" or (not end.nullable and _has_no_null(cursor, edge))
            if is_edge:
                yield edge


def joined(node: Node, sides: list[list[Visible]]) -> list[Visible]:
    """Return the scans that are visible above a join, of those on its sides."""
    kind = str(node["extra_info"].get("Join Type"))
    whole = _WITHOUT_NULLS.get(kind, ())
    return [
        replace(each, nullable=each.nullable or number not in whole)
        for number, side in enumerate(sides[:1] if kind == "MARK" else sides)
        for each in side
    ]


def is_empty(node: Node, found: Needs) -> bool:
    """Return whether a part of a plan certainly has no rows, as where a condition contradicts another.

    A GROUP BY of the query's own may have a row of totals even then.
    """
    name, children = node["name"].strip(), node["children"]
    if name == "CTE_SCAN":
        return node["extra_info"]["CTE Index"] in found.nothing
    if name == "HASH_JOIN":
        return node["extra_info"].get("Join Type") in _NEEDS_BOTH and any(is_empty(each, found) for each in children)
    if name == "HASH_GROUP_BY" and (found.grouped_anew or not node["extra_info"].get("Groups")):
        return False
    return name == "EMPTY_RESULT" or (
        name in ("PROJECTION", "FILTER", "HASH_GROUP_BY") and is_empty(children[0], found)
    )


def grouped(node: Node, visible: list[Visible], below: Needs) -> list[Visible]:
    """Return the scans below a GROUP BY, of which only the columns that it groups by are visible above.

    A group depends on no other rows than those with its values, so that a join restricts them as it does groups.
    """
    return [] if below.grouped_anew else named(projected(node, below), visible)


def named(columns: list[str], visible: list[Visible]) -> list[Visible]:
    """Return the scans of which some columns are visible under their names, which must be those of one scan only."""
    names = {name for name in columns if sum(name in each.names for each in visible) == 1}
    kept = [replace(each, names={name: each.names[name] for name in names & each.names.keys()}) for each in visible]
    return [each for each in kept if each.names]


def projected(node: Node, below: Needs) -> list[str]:
    """Return the columns of a node in order, an empty text for one that is not known; none if nothing is known.

    Projections print an expression in place of a column, and an alias or the outer column of a correlated subquery
    like a column: there, only the one column that there is below counts.
    """
    name, info = node["name"].strip(), node["extra_info"]
    if name == "SEQ_SCAN":
        return texts(info.get("Projections"))
    if name not in ("FILTER", "PROJECTION", "HASH_GROUP_BY"):
        return []
    columns = projected(node["children"][0], below)
    if name == "FILTER":
        return columns
    if name == "HASH_GROUP_BY":
        found = [_at(each, columns) for each in texts(info.get("Groups"))] + [""] * len(texts(info.get("Aggregates")))
    else:
        found = [_at(each, columns) or _same(each, columns, below) for each in texts(info.get("Projections"))]
    return found if any(found) else []


def _at(text: str, columns: list[str]) -> str:
    """Return the column at a position such as `#0`."""
    position = _POSITION.fullmatch(text)
    return columns[int(position[1])] if position and int(position[1]) < len(columns) else ""


def _same(text: str, columns: list[str], below: Needs) -> str:
    """Return the column below that a projection prints, if it can be no other."""
    if not _NAME.fullmatch(text) or below.is_alias(text) or below.unnested:
        return ""
    if len(columns) == 1:
        return columns[0]
    return "" if below.correlated or (columns and text not in columns) else text


def _name(name: str, child: Node, below: Needs) -> str:
    """Return the column that a join compares: its child's only one, the one at a position such as `#0`, or `name`."""
    columns = projected(child, below)
    if len(columns) == 1:
        return columns[0]
    if not name.startswith("#"):
        return name if name in columns or not columns else ""
    return _at(name, columns)


def _leaves_marks(cursor: duckdb.DuckDBPyConnection, edge: Edge, *, null_counts: bool) -> bool:
    """Return whether a subquery marks the same rows if only those of its rows are there that an edge needs.

    A NULL among its values matches another NULL in EXISTS, and in IN it makes whatever is not found unknown, as any
    row does for a NULL that is looked for.
    """
    is_key = edge.source.table in TABLES and TABLES[edge.source.table].key == edge.values
    return _has_no_null(cursor, edge) and (is_key or not null_counts)


def _has_no_null(cursor: duckdb.DuckDBPyConnection, edge: Edge) -> bool:
    """Return whether no row that a scan lets through has a NULL in the column of an edge."""
    table = TABLES[edge.scan.table]
    if edge.column not in table:
        return False
    if not in_item(table.column(edge.column)):  # the key of a request, which is in every row
        return True
    if edge.column in {test.column for test in conjuncts(edge.scan.predicate) if not test.attribute}:
        return True
    return any(edge.column in never_null(cursor, text) for text in edge.scan.unread)


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
