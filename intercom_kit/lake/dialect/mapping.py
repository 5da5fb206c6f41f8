"""The mapping from DuckDB's SQL to Spark's: each part by its rule, or as it is; what is neither known is refused."""

from sqlglot import exp, parse_one
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.dialects.spark import Spark
from sqlglot.errors import SqlglotError
from sqlglot.generators.spark import SparkGenerator
from sqlglot.parsers.duckdb import DuckDBParser

from intercom_kit.errors import BadQueryError
from intercom_kit.lake.dialect import aggregates, lists, queries, times, values
from intercom_kit.lake.dialect.rules import SPARKS_OWN, Node, Rule, refused
from intercom_kit.lake.dialect.same import SAME, other_parts

RULES: dict[type[Node], Rule] = times.RULES | values.RULES | lists.RULES | aggregates.RULES | queries.RULES
FUNCTIONS: dict[str, Rule] = (
    times.FUNCTIONS | values.FUNCTIONS | lists.FUNCTIONS | aggregates.FUNCTIONS | queries.FUNCTIONS
)


class _Source(DuckDB):
    """DuckDB's SQL as it is written: places in lists count from 1, and `len` is not the length of a text."""

    INDEX_OFFSET = 0

    class Parser(DuckDBParser):
        """The parser without `len`."""

        FUNCTIONS = {name: made for name, made in DuckDBParser.FUNCTIONS.items() if name != "LEN"}  # noqa: RUF012


class _Target(Spark):
    """Spark's SQL, in which queries are written as they are, and not taken apart once more."""

    class Generator(SparkGenerator):
        """The generator without what takes queries apart."""

        TRANSFORMS = {kind: made for kind, made in SparkGenerator.TRANSFORMS.items() if kind is not exp.Select}  # noqa: RUF012


def to_spark(sql: str) -> str:
    """Return in Spark's SQL what a query of DuckDB means; raise BadQueryError for what has no rule."""
    try:
        whole = exp.Paren(this=parse_one(sql, dialect=_Source))  # so that the query itself can be replaced
    except SqlglotError as error:
        raise BadQueryError(
            f"This cannot be put into Spark's SQL ({error}): ask a lake that DuckDB reads, ik.open(folder)."
        ) from error
    for change in queries.BEFORE:
        change(whole)
    for node in list(whole.dfs())[:0:-1]:  # what is within a part is changed before it
        mapped = _mapped(node)
        if mapped is not node:
            node.replace(mapped)
    text: str = whole.this.sql(dialect=_Target, identify=True)
    return text


def _mapped(node: Node) -> Node:
    if isinstance(node, exp.Anonymous):
        name = node.name.lower()
        if node.meta.get(SPARKS_OWN):
            return node
        if name not in FUNCTIONS:
            raise refused(node)
        return FUNCTIONS[name](node)
    kind = type(node)
    if other_parts(node) or not (kind in RULES or kind in SAME):
        raise refused(node)
    return RULES[kind](node) if kind in RULES else node
