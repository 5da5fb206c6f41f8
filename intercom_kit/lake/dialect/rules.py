"""What rules are: functions from a part of DuckDB's syntax tree to the same in Spark's, and the refusal of all else."""

from collections.abc import Callable

from sqlglot import exp

from intercom_kit.errors import BadQueryError

Node = exp.Expr
Rule = Callable[[Node], Node]

SPARKS_OWN = "spark"  # marks a call that is not DuckDB's
DOUBLE = "D"  # what follows a number in Spark that is no decimal


def refused(node: Node, why: str = "") -> BadQueryError:
    """Return the error for what there is no rule for: passed through, it might mean something else on Spark."""
    text = " ".join(node.sql("duckdb").split())
    shown = text if len(text) <= 200 else f"{text[:200]}…"
    return BadQueryError(
        f"There is no rule yet that says in Spark's SQL what DuckDB's `{shown}` means{why and f': {why}'}. Ask a lake "
        "that DuckDB reads, ik.open(folder), or write it in Spark's SQL for lake.sql."
    )


def call(name: str, *arguments: Node | None) -> exp.Anonymous:
    """Return a call of one of Spark's functions."""
    made = exp.Anonymous(this=name, expressions=[each for each in arguments if each is not None])
    made.meta[SPARKS_OWN] = True
    return made


def number(value: int | str) -> exp.Literal:
    """Return a number as it is written."""
    return exp.Literal(this=str(value), is_string=False)


def double(node: Node) -> exp.Cast:
    """Return a value as a double."""
    return exp.Cast(this=node, to=exp.DataType(this=exp.DType.DOUBLE))


def plus(node: Node, more: int) -> exp.Paren:
    """Return a number that is larger, or smaller, by a constant."""
    kind = exp.Add if more >= 0 else exp.Sub
    return exp.Paren(this=kind(this=exp.Paren(this=node), expression=number(abs(more))))
