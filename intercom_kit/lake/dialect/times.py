"""Rules for times: on Spark, whose clock is set to UTC, instants and local times are TIMESTAMPs alike."""

from sqlglot import exp

from intercom_kit.lake.dialect.rules import DOUBLE, Node, Rule, call, number, plus, refused

_FORMATS = {"%a": "EEE", "%m-%d": "MM-dd", "%Y-%m-%d": "yyyy-MM-dd", "%Y-%m": "yyyy-MM"}
_MICROSECONDS = number(f"1000000{DOUBLE}")
_TIME = exp.DataType(this=exp.DType.TIMESTAMPTZ)


def epoch(node: Node) -> Node:
    """Return the seconds since 1970 with their fractions, which Spark's own function drops."""
    return exp.Paren(this=exp.Div(this=call("unix_micros", node.this), expression=_MICROSECONDS.copy()))


def local_time(node: Node) -> Node:
    """Return the time of microseconds or seconds since 1970."""
    scale = node.args.get("scale")
    if scale is None:
        return call("timestamp_seconds", node.this)
    if scale.name != "6":
        raise refused(node)
    return call("timestamp_micros", node.this)


def weekday(node: Node) -> Node:
    """Return the number of a day of the week, from 1 for Monday."""
    from_monday = exp.Mod(this=plus(call("dayofweek", node.this), 5), expression=number(7))  # Spark's 1 is Sunday
    return plus(from_monday, 1)


def formatted(node: Node) -> Node:
    """Return a time as text, in one of the formats that both can write alike."""
    form = node.args["format"].name
    if form not in _FORMATS:
        raise refused(node, f"known formats are {', '.join(_FORMATS)}")
    return call("date_format", node.this, exp.Literal.string(_FORMATS[form]))


def series(node: Node) -> Node:
    """Return the list of what a series gives; an empty one where it ends before it begins, which Spark refuses."""
    start, end, step = node.args["start"] or number(0), node.args["end"], node.args.get("step")
    if node.args.get("is_end_exclusive"):
        if step is not None and step.name != "1":
            raise refused(node)
        step, end = None, exp.Cast(this=plus(end, -1), to=exp.DataType(this=exp.DType.INT))
    elif not isinstance(step, exp.Interval):
        raise refused(node, "a series of numbers is written as range()")
    if step is not None:
        start, end = (exp.Cast(this=each, to=_TIME.copy()) for each in (start, end))
    listed = call("sequence", start, end, step)
    return exp.If(this=exp.GTE(this=end.copy(), expression=start.copy()), true=listed, false=call("array"))


RULES: dict[type[Node], Rule] = {
    exp.TimeToUnix: epoch,
    exp.UnixToTime: local_time,
    exp.DayOfWeekIso: weekday,
    exp.TimeToStr: formatted,
    exp.GenerateSeries: series,
}

FUNCTIONS: dict[str, Rule] = {
    "epoch_us": lambda node: call("unix_micros", *node.expressions),
    "to_minutes": lambda node: call("make_dt_interval", number(0), number(0), *node.expressions),
    "to_seconds": lambda node: call("make_dt_interval", number(0), number(0), number(0), *node.expressions),
}
