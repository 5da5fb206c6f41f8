"""Rules for numbers, texts and JSON."""

from sqlglot import exp

from intercom_kit.lake.dialect.rules import DOUBLE, Node, Rule, call, double, number, refused

_INTEGERS = (exp.DType.BIGINT, exp.DType.INT)
_TYPES = {
    **{kind: kind for kind in (*_INTEGERS, exp.DType.DOUBLE, exp.DType.DATE, exp.DType.BOOLEAN)},
    exp.DType.TIMESTAMPTZ: exp.DType.TIMESTAMPTZ,
    exp.DType.TIMESTAMPNTZ: exp.DType.TIMESTAMPTZ,
    exp.DType.TIMESTAMP: exp.DType.TIMESTAMPTZ,
}
_NUMBER = r"\\s*[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?\\s*"


def literal(node: Node) -> Node:
    """Return a number with a point as a double: to Spark it is a decimal, whose arithmetic rounds elsewhere."""
    return node if node.is_string or node.name.isdigit() else number(node.name + DOUBLE)


def cast(node: Node) -> Node:
    """Return a value as another type; as a whole number, half is rounded to the even one, and not cut off."""
    wanted = node.args["to"]
    if wanted.this not in _TYPES or wanted.expressions:
        raise refused(node, "known types are bigint, integer, double, boolean, date and timestamps")
    value = node.this
    if wanted.this in _INTEGERS and not isinstance(value, exp.Null):
        value = call("bround", value)
    return exp.Cast(this=value, to=exp.DataType(this=_TYPES[wanted.this]))


def number_of_text(node: Node) -> Node:
    """Return the number that a text is, NULL if it is none; to Spark `5d` would be one."""
    if node.args["to"].this is not exp.DType.DOUBLE:
        raise refused(node, "known is try_cast(… as double)")
    is_number = call("regexp_like", node.this.copy(), exp.Literal.string(f"^{_NUMBER}$".replace("\\\\", "\\")))
    return exp.If(this=is_number, true=exp.TryCast(this=node.this, to=node.args["to"].copy()), false=exp.Null())


def rounded(node: Node) -> Node:
    """Return a rounded number; Spark would round what is written of it, and not the number."""
    places = node.args.get("decimals")
    if places is None:
        return call("round", double(node.this))
    if not places.is_int:
        raise refused(node)
    scale = number(f"{10 ** int(places.name)}{DOUBLE}")
    product = exp.Mul(this=exp.Paren(this=node.this), expression=scale)
    return exp.Paren(this=exp.Div(this=call("round", product), expression=scale.copy()))


def floor(node: Node) -> Node:
    """Return the next lower whole number, as a double."""
    return double(call("floor", node.this))


def like(node: Node) -> Node:
    """Return whether a text has a pattern, in which Spark knows a backslash as more than that."""
    if not node.expression.is_string or "\\" in node.expression.name or node.args.get("escape"):
        raise refused(node, "a pattern is a constant without a backslash")
    return node


def member(node: Node) -> Node:
    """Return the member of a JSON object as text."""
    path = node.expression
    if isinstance(path, exp.JSONPath):
        _, *keys = path.expressions
        if len(keys) != 1 or not isinstance(keys[0], exp.JSONPathKey):
            raise refused(node, "only a member of the object itself is read")
        name = keys[0].name
    elif path.is_string and path.name.startswith("/") and "/" not in path.name[1:]:
        name = path.name[1:].replace("~1", "/").replace("~0", "~")
    elif path.is_string and not path.name.startswith("$"):
        name = path.name
    else:
        raise refused(node, "only a member of the object itself is read")
    if "'" in name or "?" in name:  # which Spark's paths cannot hold
        members = call("from_json", node.this, exp.Literal.string("map<string,string>"))
        return call("try_element_at", members, exp.Literal.string(name))
    return call("get_json_object", node.this, exp.Literal.string(f"$['{name}']"))


RULES: dict[type[Node], Rule] = {
    exp.Literal: literal,
    exp.Cast: cast,
    exp.TryCast: number_of_text,
    exp.Round: rounded,
    exp.Floor: floor,
    exp.Like: like,
    exp.ILike: like,
    exp.JSONExtractScalar: member,
}

FUNCTIONS: dict[str, Rule] = {}
