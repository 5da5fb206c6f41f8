"""Predicates parsed from the filters that DuckDB prints in a plan."""

import json
import re
from datetime import UTC, datetime
from typing import Any, cast

import duckdb

from intercom_kit.sql.predicates import ALWAYS, Predicate, Test, both, either

Node = dict[str, Any]

_OPERATORS = {
    "COMPARE_EQUAL": "=",
    "COMPARE_NOTEQUAL": "!=",
    "COMPARE_LESSTHAN": "<",
    "COMPARE_GREATERTHAN": ">",
    "COMPARE_LESSTHANOREQUALTO": "<=",
    "COMPARE_GREATERTHANOREQUALTO": ">=",
}
_TURNED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "=": "=", "!=": "!="}
_NEGATED = {"<": ">=", ">": "<=", "<=": ">", ">=": "<", "=": "!=", "!=": "="}

# Annotations that EXPLAIN adds to the SQL of a filter, except inside quotes, where they are the query's own text.
_MARKS = re.compile(r"('(?:[^']|'')*')|(Dynamic Filter \([^()]*\))|\boptional: ")

_UNKNOWN = object()


def read_predicate(cursor: duckdb.DuckDBPyConnection, text: str) -> tuple[Predicate, bool]:
    """Return a filter's text as a predicate, and whether all of it was understood; what was not counts as true.

    An `optional` filter is implied by the query, so it may be pushed down; a dynamic filter is known at run time only.
    Both are only hints, so they become `true`, which is never negated. A text with a line break is not read, since
    plans leave out the empty lines of constants.
    """
    expression = _parsed(cursor, text)
    if expression is None:
        return ALWAYS, False
    missed: list[Node] = []
    return _where(expression, True, missed), not missed


def never_null(cursor: duckdb.DuckDBPyConnection, text: str) -> frozenset[str]:
    """Return the columns of which a filter's text says that they are not NULL, as `(a = a)` and `a IS NOT NULL` do."""
    expression = _parsed(cursor, text)
    return frozenset(map(_said_present, _conjuncts(expression))) - {""} if expression else frozenset()


def _parsed(cursor: duckdb.DuckDBPyConnection, text: str) -> Node | None:
    """Return a filter's text as a syntax tree, without hints; None if it cannot be read."""
    if "\n" in text:
        return None
    text = _MARKS.sub(lambda mark: mark[1] or ("true" if mark[2] else "true and "), text)
    ((serialized,),) = cursor.execute("select json_serialize_sql(?)", [f"select {text}"]).fetchall()
    tree = json.loads(serialized)
    if tree["error"] or len(selected := tree["statements"][0]["node"]["select_list"]) != 1:
        return None
    return cast("Node", selected[0])


def _conjuncts(node: Node) -> list[Node]:
    """Return the conditions that an expression joins by AND."""
    if node["type"] != "CONJUNCTION_AND":
        return [node]
    return [each for child in node["children"] for each in _conjuncts(child)]


def _said_present(node: Node) -> str:
    """Return the column that a condition excludes the NULLs of; an empty text if it is another condition."""
    if node["type"] == "COMPARE_EQUAL" and _column(node["left"]) == _column(node["right"]):
        return _column(node["left"])
    return _column(node["children"][0]) if node["type"] == "OPERATOR_IS_NOT_NULL" else ""


def _where(node: Node, outcome: bool, missed: list[Node]) -> Predicate:
    """Return the predicate under which an expression is true, or false; for other rows it may be NULL.

    What is not understood is added to `missed` and counts as true for either outcome. That makes the predicate weaker
    than the text, so a NOT never negates it, but reads the expression below for the opposite outcome.
    """
    found = _understood(node, outcome, missed)
    if found is None:
        missed.append(node)
    return ALWAYS if found is None else found


def _understood(node: Node, outcome: bool, missed: list[Node]) -> Predicate | None:
    kind, children = node["type"], node.get("children") or []
    if node["class"] == "CONJUNCTION":
        together = (kind == "CONJUNCTION_AND") is outcome
        return (both if together else either)(_where(child, outcome, missed) for child in children)
    if kind == "OPERATOR_NOT":
        return _where(children[0], not outcome, missed)
    if node["class"] == "COMPARISON" and kind in _OPERATORS:
        return _comparison(node["left"], _OPERATORS[kind], node["right"], outcome)
    if kind == "COMPARE_BETWEEN":
        ends = ((">=", node["lower"]), ("<=", node["upper"]))
        bounds = [_comparison(node["input"], operator, end, outcome) for operator, end in ends]
        if None in bounds:
            missed.append(node)
        return (both if outcome else either)(ALWAYS if bound is None else bound for bound in bounds)
    if kind == "COMPARE_IN":
        column, values = _column(children[0]), [_constant(child) for child in children[1:]]
        return _among(column, values, outcome) if column and _UNKNOWN not in values else None
    if column := _column(node):
        return Test(column, "=", outcome)
    return ALWAYS if outcome and _constant(node) is True else None


def _among(column: str, values: list[Any], outcome: bool) -> Predicate:
    if outcome:
        return Test(column, "in", tuple(values))
    return both(Test(column, "!=", value) for value in values)


def _comparison(left: Node, operator: str, right: Node, outcome: bool) -> Predicate | None:
    if _column(right) or _member(right):
        left, operator, right = right, _TURNED[operator], left
    if not outcome:
        operator = _NEGATED[operator]
    value = _constant(right)
    if value is _UNKNOWN:
        return None
    if column := _column(left):
        return Test(column, operator, value)
    if member := _member(left):
        return Test(member[0], operator, value, member[1])
    return None


def _column(node: Node) -> str:
    names = node["column_names"] if node["class"] == "COLUMN_REF" else []
    return str(names[0]) if len(names) == 1 else ""


def _member(node: Node) -> tuple[str, str] | None:
    """Return the column and name in `column ->> 'name'`, a member of a JSON object as text; None for all else."""
    if node["class"] != "FUNCTION" or node.get("function_name") != "->>":
        return None
    left, right = (argument["expression"] for argument in node["arguments"])
    name = _constant(right)
    return (_column(left), name) if _column(left) and isinstance(name, str) else None


def _constant(node: Node) -> Any:
    """Return a constant's value, or `_UNKNOWN`; instants are printed in UTC whatever the session's timezone."""
    if node["class"] == "CONSTANT":
        kind, text = node["literal"]["kind"], node["literal"].get("text")
        if kind == "INTEGER":
            return int(text)
        if kind == "BOOLEAN":
            return text.lower() == "true"
        return text if kind == "STRING" else _UNKNOWN
    if node["class"] == "FUNCTION" and node.get("function_name") in ("chr", "||"):
        return _pieced(node)
    if node["class"] == "CAST" and isinstance(text := _constant(node["child"]), str):
        return _instant(text) if node["type_expr"]["type_name"] == "TIMESTAMP WITH TIME ZONE" else _UNKNOWN
    return _UNKNOWN


def _pieced(node: Node) -> Any:
    """Return a text printed in pieces, since it has a character that SQL constants cannot hold: `'a' || chr(0)`."""
    pieces = [_constant(argument["expression"]) for argument in node["arguments"]]
    if node["function_name"] == "chr":
        return chr(pieces[0]) if len(pieces) == 1 and isinstance(pieces[0], int) else _UNKNOWN
    return "".join(pieces) if all(isinstance(each, str) for each in pieces) else _UNKNOWN


def _instant(text: str) -> Any:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        return _UNKNOWN
