"""Rules for what makes up a query: joins, windows with names, lists that are taken apart, and marks of periods.

Those of `BEFORE` change a query before its parts are read, and those of `RULES` after.
"""

from collections.abc import Callable

from sqlglot import exp

from intercom_kit.lake.dialect.rules import Node, Rule, call, refused

_KINDS, _SIDES = ("", "INNER", "CROSS", "SEMI", "ANTI"), ("", "LEFT")
_NEXT, _QUALIFIES = "next_one", "qualifies"


def in_any_order(tree: Node) -> None:
    """Leave out how DuckDB is to proceed, which does not change the answer."""
    for step in tree.find_all(exp.CTE):
        step.set("materialized", None)


def windows(tree: Node) -> None:
    """Write out windows with names: Spark knows none to which a frame is added."""
    for select in tree.find_all(exp.Select):
        named = {each.name: each for each in select.args.get("windows") or ()}
        for window in list(select.find_all(exp.Window)):
            if window.arg_key != "windows" and window.alias in named and window.find_ancestor(exp.Select) is select:
                known = named[window.alias]
                window.set("alias", None)
                window.set("partition_by", [each.copy() for each in known.args.get("partition_by") or ()])
                window.set("order", known.args["order"].copy() if known.args.get("order") else None)
        select.set("windows", None)


def latest(tree: Node) -> None:
    """Join the latest row before another as the one after which the next row comes later."""
    for join in list(tree.find_all(exp.Join)):
        if join.args.get("method") == "ASOF":
            _join_until_the_next(join)


def _join_until_the_next(join: exp.Join) -> None:
    conditions = list(join.args["on"].flatten()) if isinstance(join.args["on"], exp.And) else [join.args["on"]]
    equal = [each for each in conditions if isinstance(each, exp.EQ)]
    (later,) = [each for each in conditions if not isinstance(each, exp.EQ)]
    table, name = join.this, join.this.alias_or_name
    columns = [later.expression, *(each.expression for each in equal)]
    is_known = isinstance(table, exp.Table) and all(isinstance(each, exp.Column) for each in columns)
    if not is_known or {each.table for each in columns} != {name} or not isinstance(later, exp.GT | exp.GTE):
        raise refused(join, "the later time stands on the left, and the joined table's on the right")
    select = join.find_ancestor(exp.Select)
    if select is None or any(isinstance(each, exp.Star) for each in select.expressions):
        raise refused(join, "name the columns of what is selected")
    began, *keys = (exp.column(each.this.copy()) for each in columns)
    order = exp.Order(expressions=[exp.Ordered(this=began.copy(), nulls_first=False)])
    following = exp.Window(this=exp.Lead(this=began), partition_by=keys, order=order, over="OVER")
    rows = exp.select(exp.Star(), exp.alias_(following, _NEXT)).from_(exp.table_(table.this.copy()))
    next_one = exp.column(_NEXT, name)
    before = (exp.LT if isinstance(later, exp.GTE) else exp.LTE)(this=later.this.copy(), expression=next_one)
    open_ended = exp.Or(this=exp.Is(this=next_one.copy(), expression=exp.Null()), expression=before)
    join.set("this", exp.Subquery(this=rows, alias=exp.TableAlias(this=exp.to_identifier(name))))
    join.set("method", None)
    join.set("on", exp.And(this=join.args["on"], expression=exp.Paren(this=open_ended)))


def qualified(tree: Node) -> None:
    """Choose rows by their windows in a query around; Spark knows QUALIFY from 4.2 only."""
    for select in list(tree.find_all(exp.Select)):
        condition = select.args.get("qualify")
        if condition is None:
            continue
        if select.args.get("order") or select.args.get("distinct") or select.args.get("with_"):
            raise refused(condition, "sort the rows in a query around")
        inner = select.copy()
        inner.set("qualify", None)
        inner.select(exp.alias_(condition.this.copy(), _QUALIFIES), append=True, copy=False)
        chosen: list[Node] = [exp.column(each.alias_or_name) for each in select.expressions]
        if any(each.find(exp.Star) for each in select.expressions):
            chosen = [exp.Star(except_=[exp.to_identifier(_QUALIFIES)])]
        around = exp.select(*chosen).from_(inner.subquery("qualified")).where(exp.column(_QUALIFIES))
        select.replace(around)


def marks(tree: Node) -> None:
    """Collect the numbers of periods, where DuckDB sets marks at their places."""
    for mark in list(tree.find_all(exp.Anonymous)):
        if mark.name.lower() == "set_bit":
            bits, place, one = mark.expressions
            if not isinstance(bits, exp.Cast) or not isinstance(bits.this, exp.Repeat) or one.name != "1":
                raise refused(mark)
            mark.replace(place)
    for numbers in list(tree.find_all(exp.ArrayFilter)):
        read = numbers.expression.find(exp.Getbit)
        if read is not None:
            numbers.replace(read.this.copy())


def marked(node: Node) -> Node:
    """Return the sorted numbers of a group's marks, NULL for none."""
    return call("nullif", call("array_sort", call("collect_set", node.this)), call("array"))


def join(node: Node) -> Node:
    """Return a join of a kind that both know."""
    if (node.args.get("kind") or "") not in _KINDS or (node.args.get("side") or "") not in _SIDES:
        raise refused(node)
    return node


def table(node: Node) -> Node:
    """Return a table, or the rows of a series as a query of its own."""
    alias = node.args.get("alias")
    if isinstance(node.this, exp.Identifier):
        return node
    if not isinstance(node.this, exp.If) or alias is None or len(alias.columns) != 1:
        raise refused(node)
    rows = exp.select(exp.alias_(exp.Explode(this=node.this), alias.columns[0].name))
    return exp.Subquery(this=rows, alias=exp.TableAlias(this=alias.this))


def several_lists(node: Node) -> Node:
    """Return a query that takes several lists apart at once; shorter ones end with NULLs."""
    taken = [each for each in node.expressions if isinstance(each.unalias(), exp.Explode)]
    if len(taken) < 2:
        return node
    kept = node.expressions[: -len(taken)]
    if node.expressions[-len(taken) :] != taken:
        raise refused(node, "several lists are taken apart in the last columns")
    lists = [call("coalesce", each.unalias().this, call("array")) for each in taken]
    rows = call("inline", call("arrays_zip", *lists))
    names = [exp.to_identifier(each.alias) for each in taken]
    node.set("expressions", [*kept, exp.Aliases(this=rows, expressions=names)])
    return node


BEFORE: tuple[Callable[[Node], None], ...] = (in_any_order, windows, qualified, latest, marks)

RULES: dict[type[Node], Rule] = {
    exp.BitwiseOrAgg: marked,
    exp.Join: join,
    exp.Table: table,
    exp.Select: several_lists,
}

FUNCTIONS: dict[str, Rule] = {"bit_count": lambda node: call("array_size", *node.expressions)}
