"""The allowlist check of a SELECT: it may read only the session's tables, and call only the listed functions.

The check works on the syntax tree, before anything is looked up or run. The meaning of a name depends on the common
table expressions around it: `with x as (select * from x)` reads a table x. Anything unknown is refused, so that new
features of DuckDB are not available before they are reviewed.
"""

import difflib
from collections.abc import Collection, Iterator
from typing import Any

from intercom_kit.errors import BadQueryError
from intercom_kit.sql.functions import functions
from intercom_kit.sql.mistakes import no_table, placed
from intercom_kit.sql.syntax import too_deep

Node = dict[str, Any]

# Node types of queries: a common table expression could also change data.
_SELECTS = frozenset({"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"})
_SOURCES = frozenset({"BASE_TABLE", "EMPTY", "EXPRESSION_LIST", "JOIN", "PIVOT", "SHOW_REF", "SUBQUERY"})
_CLASSES = frozenset(
    {"BETWEEN", "CASE", "CAST", "COLLATE", "COLUMN_REF", "COMPARISON", "CONJUNCTION", "CONSTANT", "DEFAULT", "FUNCTION"}
    | {"LAMBDA", "OPERATOR", "PARAMETER", "POSITIONAL_REFERENCE", "STAR", "SUBQUERY", "TYPE", "WINDOW"}
)

# The qualifiers that a table may have: its database is called memory, its schema main.
_PLACES = frozenset({(), ("main",), ("memory",), ("memory", "main")})

# The table name in the syntax tree of SHOW TABLES.
_TABLES = '"tables"'

# DuckDB takes very long to look up a column name with very many parts.
_MAX_PARTS = 100


class Reach:
    """A check of a statement's syntax tree, which raises BadQueryError for whatever is not allowed.

    `tables` are the names that may be read. `lists_tables` is true afterwards if the statement is SHOW TABLES.
    """

    def __init__(self, text: str, tables: Collection[str]) -> None:
        self._text = text
        self._tables = tables
        self._readable = {name.lower() for name in tables}
        self._reads = False
        self.lists_tables = False

    def follow(self, tree: Any) -> None:
        """Check the whole tree."""
        left: list[tuple[Any, frozenset[str]]] = [(tree, frozenset())]
        while left:
            node, known = left.pop()
            if isinstance(node, list):
                left += [(each, known) for each in node if isinstance(each, dict | list)]
            elif isinstance(node, dict):
                left += self._node(node, known)
        if self.lists_tables and self._reads:
            raise refused("SHOW TABLES beside other tables")

    def _node(self, node: Node, known: frozenset[str]) -> Iterator[tuple[Any, frozenset[str]]]:
        """Check one node, and yield its children with the common table expressions in scope there."""
        kind, sort = node.get("type"), node.get("class")
        if sort is not None:
            self._expression(node, str(sort))
        elif kind == "TABLE_FUNCTION":
            yield from self._called_for_rows(node["function"], known)
            node = {**node, "function": None}
        elif isinstance(kind, str) and kind.endswith("_NODE") and kind not in _SELECTS:
            raise refused(kind.removesuffix("_NODE").removesuffix("_QUERY"))
        elif "query_location" in node:
            self._source(node, str(kind), known)
        if entries := (node.get("cte_map") or {}).get("map"):
            for entry in entries:
                yield entry["value"], known
                known |= {str(entry["key"]).lower()}
            node = {**node, "cte_map": None}
        if kind == "RECURSIVE_CTE_NODE":
            # The recursive name is in scope only after UNION; before it, the name is a table's.
            yield node["right"], known | {str(node["cte_name"]).lower()}
            node = {**node, "right": None}
        for each in node.values():
            if isinstance(each, dict | list):
                yield each, known

    def _expression(self, node: Node, sort: str) -> None:
        if sort not in _CLASSES:
            raise refused(f"an expression of the kind {sort}")
        if "function_name" in node:
            self._callable(node, functions().values)
        if len(node.get("column_names") or ()) > _MAX_PARTS:
            raise too_deep()

    def _called_for_rows(self, function: Node, known: frozenset[str]) -> Iterator[tuple[Any, frozenset[str]]]:
        if function.get("class") != "FUNCTION":
            raise refused("a function of an unknown kind after FROM")
        self._callable(function, functions().tables)
        yield [value for name, value in function.items() if name != "function_name"], known

    def _callable(self, node: Node, allowed: frozenset[str]) -> None:
        name = str(node["function_name"]).lower()
        if node.get("schema") or node.get("catalog"):
            raise refused(f"a schema before {name}(), which would bypass the limits on sizes")
        if name in allowed:
            return
        if name in functions().values or name in functions().tables or functions().why_refused(name):
            raise refused(f"{name}()")
        near = difflib.get_close_matches(name[:100], allowed, n=1)
        hint = f'Did you mean "{near[0]}"?' if near else "Use one of DuckDB's functions."
        raise BadQueryError(
            f"There is no function {name[:100]}{placed(self._text, node.get('query_location'))}. {hint}"
        )

    def _source(self, node: Node, kind: str, known: frozenset[str]) -> None:
        """Check a source after FROM that is not a function."""
        if kind not in _SOURCES:
            raise refused(f"{kind} after FROM")
        if kind == "SHOW_REF" and node["query"] is None:
            if (node["show_type"], node["table_name"]) != ("SHOW_SPECIAL", _TABLES):
                raise BadQueryError("Only SHOW TABLES is answered; DESCRIBE contacts lists the columns of a table.")
            self.lists_tables = True
        elif kind == "BASE_TABLE":
            self._table(node, known)

    def _table(self, node: Node, known: frozenset[str]) -> None:
        self._reads = True
        *place, name = (str(each).lower() for each in node["qualified_name"]["path"])
        if node.get("at_clause"):
            raise refused("AT")
        if name in known and (not place or place == ["recurring"]):
            return
        if name not in self._readable or tuple(place) not in _PLACES:
            written = ".".join(map(str, node["qualified_name"]["path"]))
            raise no_table(written, placed(self._text, node.get("query_location")), self._tables)


def refused(what: str) -> BadQueryError:
    """Return the error for something that queries may not do."""
    return BadQueryError(f"Only a SELECT over tables can be run, without {what}.")
