"""Rules for aggregates and windows."""

from sqlglot import exp

from intercom_kit.lake.dialect.rules import DOUBLE, Node, Rule, call, number, refused


def percentiles(node: Node) -> Node:
    """Return percentiles between the values next to them."""
    return call("percentile", node.this, node.expression)


def any_value(node: Node) -> Node:
    """Return a value of the group that is not NULL."""
    if not isinstance(node.this, exp.AnyValue):
        raise refused(node)
    return call("any_value", node.this.this, exp.true())


def at_the_edge(node: Node) -> Node:
    """Return the value of the first row in an order, or of the last one; NULLs come last."""
    if not isinstance(node.this, exp.Order) or any(each.args.get("desc") for each in node.this.expressions):
        raise refused(node, "say in which order, without desc")
    keys: list[Node] = []
    for each in node.this.expressions:
        keys += [exp.Is(this=each.this.copy(), expression=exp.Null()), each.this]
    return call("min_by" if isinstance(node, exp.First) else "max_by", node.this.this, call("struct", *keys))


def window(node: Node) -> Node:
    """Return an aggregate over a window, whose filter Spark knows as a condition, and its product as logarithms."""
    aggregate = node.this
    if isinstance(aggregate, exp.Filter):
        inner = aggregate.this
        every = isinstance(inner.this, exp.Star)
        if not isinstance(inner, exp.Min | exp.Max | exp.Sum | exp.Count | exp.Avg) or (
            every and not isinstance(inner, exp.Count)
        ):
            raise refused(node)
        counted = exp.Literal.number(1) if every else inner.this
        inner.set("this", exp.If(this=aggregate.expression.this, true=counted, false=exp.Null()))
        node.set("this", inner)
    if isinstance(aggregate, exp.Anonymous) and aggregate.name == _PRODUCT:
        return _running_product(node, aggregate.expressions[0])
    return node


def _running_product(node: Node, factor: Node) -> Node:
    """Multiply along a window by adding logarithms; with a factor of 0 nothing is left."""

    def over(made: Node) -> Node:
        copied = node.copy()
        copied.set("this", made)
        return copied

    lost = exp.LTE(this=over(exp.Min(this=factor.copy())), expression=number(0))
    is_some = exp.GT(this=exp.Paren(this=factor.copy()), expression=number(0))
    logarithms = exp.Sum(this=exp.If(this=is_some, true=call("ln", factor.copy()), false=number(0)))
    return exp.If(this=lost, true=number(f"0{DOUBLE}"), false=call("exp", over(logarithms)))


def _product(node: Node) -> Node:
    if not isinstance(node.parent, exp.Window):
        raise refused(node, "a product is known over windows only")
    return call(_PRODUCT, *node.expressions)


_PRODUCT = "product"

RULES: dict[type[Node], Rule] = {
    exp.PercentileCont: percentiles,
    exp.AnyValue: lambda node: node if isinstance(node.parent, exp.IgnoreNulls) else any_value(node),
    exp.IgnoreNulls: any_value,
    exp.First: at_the_edge,
    exp.Last: at_the_edge,
    exp.Window: window,
}

FUNCTIONS: dict[str, Rule] = {_PRODUCT: _product}
