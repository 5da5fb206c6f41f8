"""Rules for lists, whose members DuckDB counts from 1, and which Spark collects in any order."""

from sqlglot import exp

from intercom_kit.lake.dialect.rules import Node, Rule, call, number, plus, refused

_IN_ORDER = "array_sort"


def at(node: Node) -> Node:
    """Return the member of a list at a place, from 1; a part of the list from a place on, or up to one from its end."""
    (place,) = node.expressions
    if isinstance(place, exp.Slice):
        return _part(node, place)
    if isinstance(place, exp.Neg):
        return call("try_element_at", node.this, place)
    zero_based = exp.Cast(this=plus(place, -1), to=exp.DataType(this=exp.DType.INT))
    return call("get", node.this, zero_based)


def _part(node: Node, place: exp.Slice) -> Node:
    first, last, size = place.this, place.expression, call("array_size", node.this.copy())
    if first is not None and first.is_int and last is None:
        return call("slice", node.this, first, size)
    if first is None and isinstance(last, exp.Neg) and last.this.is_int:
        length = exp.Sub(this=size, expression=number(int(last.this.name) - 1))
        return call("slice", node.this, number(1), call("greatest", length, number(0)))
    raise refused(node)


def with_places(node: Node) -> Node:
    """Return a function over members and their places, which Spark counts from 0."""
    if len(node.expressions) == 2:
        place = node.expressions[1].name
        for found in list(node.this.find_all(exp.Column, exp.Identifier)):
            alone = isinstance(found, exp.Column) or not isinstance(found.parent, exp.Column)
            if alone and found.name == place and not (isinstance(found, exp.Column) and found.table):
                found.replace(plus(found.copy(), 1))
    return node


def distinct(node: Node) -> Node:
    """Return the different members of a list without NULL, which is one to Spark."""
    return call("array_distinct", call("array_compact", node.this))


def overlap(node: Node) -> Node:
    """Return whether two lists have a member in common; NULL is none."""
    lists = (call("array_compact", each) for each in (node.this, node.expression))
    return call("arrays_overlap", *lists)


def collected(node: Node) -> Node:
    """Return the list of a group's values, sorted where DuckDB's is in any order; Spark leaves NULLs out."""
    value = node.this
    if isinstance(value, exp.Order):
        value, order = node.this.this, node.this.expressions
        if [each.this for each in order] != [value] or order[0].args.get("desc"):
            raise refused(node, "a list is sorted by its own values")
    if not _never_null(node, value):
        raise refused(node, f"say that {value.sql('duckdb')} is not null")
    return in_order(call("collect_list", value))


def _never_null(node: Node, value: Node) -> bool:
    """Return whether a condition of the aggregate, or of its query, does not hold where a value is NULL."""
    select = node.find_ancestor(exp.Select)
    conditions = [node.parent.expression.this] if isinstance(node.parent, exp.Filter) else []
    if select is not None and select.args.get("where"):
        conditions.append(select.args["where"].this)
    for join in (select.args.get("joins") or ()) if select is not None else ():
        if join.args.get("on") and not join.side:
            conditions.append(join.args["on"])
    known = [value, *(value.expressions if value.name == "unix_micros" else ())]
    parts = [each for whole in conditions for each in (whole.flatten() if isinstance(whole, exp.And) else [whole])]
    return any(_holds_not(each, known) for each in parts)


def _holds_not(condition: Node, known: list[Node]) -> bool:
    """Return whether a condition does not hold where one of the known values is NULL."""
    if isinstance(condition, exp.Not) and isinstance(condition.this, exp.Is):
        return isinstance(condition.this.expression, exp.Null) and condition.this.this in known
    return isinstance(condition, exp.EQ | exp.GT | exp.GTE | exp.LT | exp.LTE) and condition.this in known


def filtered(node: Node) -> Node:
    """Return an aggregate of some rows; the filter of a list stands within what sorts it."""
    aggregate = node.this
    if not isinstance(aggregate, exp.Anonymous) or aggregate.name != _IN_ORDER:
        return node
    kept = exp.Filter(this=aggregate.expressions[0], expression=node.expression)
    return call("nullif", in_order(kept), call("array"))


def in_order(listed: Node) -> Node:
    """Return a list sorted, with NULLs at its end."""
    return call(_IN_ORDER, listed)


def joined(node: Node) -> Node:
    """Return a list after another; NULL counts as an empty one."""
    lists = (node.this, *node.expressions)
    return call("concat", *(call("coalesce", each, call("array")) for each in lists))


def prepended(node: Node) -> Node:
    """Return a list with one more member before its first."""
    return call("concat", call("array", node.expression), node.this)


RULES: dict[type[Node], Rule] = {
    exp.Bracket: at,
    exp.Slice: lambda node: node,  # as `at` reads it
    exp.Lambda: with_places,
    exp.ArrayDistinct: distinct,
    exp.ArrayOverlaps: overlap,
    exp.ArrayAgg: collected,
    exp.ArraySort: lambda node: in_order(node.this),
    exp.ArrayFilter: lambda node: call("filter", node.this, node.expression),
    exp.Transform: lambda node: call("transform", node.this, node.expression),
    exp.ArrayMin: lambda node: call("array_min", node.this),
    exp.ArrayConcat: joined,
    exp.ArrayPrepend: prepended,
    exp.Filter: filtered,
}

FUNCTIONS: dict[str, Rule] = {
    "len": lambda node: call("array_size", *node.expressions),
    "list_min": lambda node: call("array_min", *node.expressions),
}
