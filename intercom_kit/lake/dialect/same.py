"""What means the same in DuckDB's SQL and in Spark's, and is passed on: kinds of nodes, with the parts they may have.

A node of another kind needs a rule, and so does one with another part, such as a join that is ASOF.
"""

from sqlglot import exp

_BOTH = "this expression"
_AGGREGATE = "this"

_PARTS: dict[type[exp.Expr], str] = {
    # queries
    exp.Select: "expressions with_ from_ joins where group having order windows distinct limit",
    exp.Union: "this expression distinct with_ order",
    exp.Subquery: "this alias joins",
    exp.With: "expressions",
    exp.CTE: "this alias",
    exp.From: "this",
    exp.Join: "this side kind on using",
    exp.Table: "this alias joins",
    exp.TableAlias: "this columns",
    exp.Values: "expressions alias",
    exp.Tuple: "expressions",
    exp.Where: "this",
    exp.Group: "expressions",
    exp.Having: "this",
    exp.Order: "this expressions",
    exp.Ordered: "this desc nulls_first",
    exp.Limit: "expression",
    exp.Distinct: "expressions",
    exp.Alias: "this alias",
    exp.Star: "except_",
    exp.Column: "this table",
    exp.Identifier: "this quoted",
    # windows; without a frame both take the rows up to the current one and its equals
    exp.Window: "this partition_by order spec over",
    exp.WindowSpec: "kind start start_side end end_side",
    exp.RowNumber: "",
    exp.DenseRank: "",
    exp.Lag: "this",
    exp.Lead: "this",
    exp.LastValue: "this",
    exp.FirstValue: "this",
    # aggregates, which leave NULL out
    exp.Count: "this big_int",
    exp.Sum: _AGGREGATE,
    exp.Avg: _AGGREGATE,
    exp.Min: _AGGREGATE,
    exp.Max: _AGGREGATE,
    exp.Median: _AGGREGATE,
    exp.LogicalOr: _AGGREGATE,
    exp.LogicalAnd: _AGGREGATE,
    exp.Filter: _BOTH,
    # conditions
    exp.And: _BOTH,
    exp.Or: _BOTH,
    exp.Not: "this",
    exp.EQ: _BOTH,
    exp.NEQ: _BOTH,
    exp.GT: _BOTH,
    exp.GTE: _BOTH,
    exp.LT: _BOTH,
    exp.LTE: _BOTH,
    exp.Is: _BOTH,
    exp.NullSafeEQ: _BOTH,
    exp.NullSafeNEQ: _BOTH,
    exp.Between: "this low high",
    exp.In: "this expressions query",
    exp.Case: "this ifs default",
    exp.If: "this true false",
    exp.Coalesce: "this expressions",
    exp.Nullif: _BOTH,
    exp.Greatest: "this expressions ignore_nulls",
    exp.Least: "this expressions ignore_nulls",
    # numbers; both divide whole numbers into fractions, and Spark raises an error where one is too large
    exp.Add: _BOTH,
    exp.Sub: _BOTH,
    exp.Mul: _BOTH,
    exp.Div: _BOTH,
    exp.IntDiv: _BOTH,
    exp.Mod: _BOTH,
    exp.Neg: "this",
    exp.Paren: "this",
    exp.Abs: "this",
    exp.Sqrt: "this",
    exp.Ln: "this",
    exp.Exp: "this",
    exp.Pow: _BOTH,
    # texts
    exp.Length: "this",
    exp.Lower: "this",
    exp.DPipe: "this expression safe",
    # values, times and lists
    exp.Null: "",
    exp.Boolean: "this",
    exp.Literal: "this is_string",
    exp.DataType: "this",
    exp.Interval: "this unit",
    exp.Var: "this",
    exp.TimestampTrunc: "this unit",
    exp.Hour: "this",
    exp.Array: "expressions",
    exp.Explode: "this",
    exp.ArrayContains: _BOTH,
    # paths into JSON, as their rule reads them
    exp.JSONPath: "expressions",
    exp.JSONPathRoot: "",
    exp.JSONPathKey: "this",
}

SAME: dict[type[exp.Expr], frozenset[str]] = {kind: frozenset(parts.split()) for kind, parts in _PARTS.items()}


def other_parts(node: exp.Expr) -> list[str]:
    """Return the parts of a node that nodes of its kind must not have, if these are named."""
    known = SAME.get(type(node), node.args)
    return [name for name, part in node.args.items() if part not in (None, False, []) and name not in known]
