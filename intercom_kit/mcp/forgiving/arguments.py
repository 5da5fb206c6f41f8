"""One normaliser for the arguments of all tools: each name and value as the tool declares it, where that is certain."""

import re
from collections.abc import Mapping
from typing import Any

from mcp.server.mcpserver.exceptions import ToolError

from intercom_kit.mcp.answers import compact
from intercom_kit.mcp.forgiving import addresses, moments, names, values

Schema = Mapping[str, Any]

_TIMES = ("since", "until")
_WORDS = ("text", "name", "query", "sql")  # in which the word null may be meant
_IDS = ("id", "company_id", "user_id", "email")
_OBJECTS = ("custom_attributes", "contacts", "hours")  # filters whose values may be objects


def forgiven(arguments: Mapping[str, Any], takes: Mapping[str, Schema], tool: str) -> dict[str, Any]:
    """Return a call's arguments as its tool takes them; what cannot be read stays, for the check that names it.

    `takes` are the schemas of the tool's arguments. Missing values, which some clients send for all that is optional,
    are left out. Raises ToolError for what is given twice with different values.
    """
    found = _Arguments(takes, tool)
    for given, value in arguments.items():
        found.add(given, value)
    return found.read()


class _Arguments:
    """The arguments of one call, gathered under the names of its tool."""

    def __init__(self, takes: Mapping[str, Schema], tool: str) -> None:
        self._takes, self._tool = takes, tool
        self._found: dict[str, Any] = {}
        self._filters: dict[str, Any] = {}

    def add(self, given: str, value: Any) -> None:
        """Add an argument by the name under which it was given: as an argument of the tool, else as a filter."""
        name = names.meant(given, self._takes, self._tool)
        if name == "filters":
            self._add_filters(value)
        elif name is not None:
            self._put(name, values.as_declared(value, self._takes[name]))
        elif "filters" in self._takes and names.filter_meant(given, self._tool):
            if not _missing(given, value):
                self._add_filter(given, value)
        elif edges := self._edges(given, value):
            for edge, moment in edges.items():
                self._put(edge, moment)
        elif given not in names.NEEDLESS:
            self._put(given, value)

    def _edges(self, given: str, value: Any) -> dict[str, str] | None:
        """Return the edges of a span that an argument names at once; None for another argument."""
        name = names.snake(given)
        return moments.edges(name, value) if name in names.SPANS and "since" in self._takes and value else None

    def read(self) -> dict[str, Any]:
        """Return the arguments, with times and ids in their plain form."""
        if span := moments.span(self._found.get("since")) if "until" not in self._found else None:
            self._found |= span
        self._regroup()
        found = self._found | ({"filters": self._filters} if self._filters else {})
        for name in _TIMES:
            if isinstance(found.get(name), str):
                found[name] = moments.spelled(found[name])
        if self._tool == "intercom_list_companies" and isinstance(found.get("name"), str):
            found["name"] = found["name"].strip("%* ")
        for name, value in self._filters.items():
            if isinstance(value, str) and name.endswith(("during", *(f"_{edge}" for edge in _TIMES))):
                self._filters[name] = moments.spelled(value)
        if "window" in found:
            found["window"] = moments.length(found["window"])
        for name in _IDS:
            if isinstance(found.get(name), str) and name in self._takes:
                found[name] = addresses.identifier(found[name], self._tool, own=name != "id")
        if "email" in self._takes and isinstance(id := found.get("id"), str) and "@" in id:
            address = addresses.email(found.pop("id"))
            if found.setdefault("email", address) != address:
                raise _twice("email", address, found["email"])
        return found

    def _regroup(self) -> None:
        """Name groups as the metrics do, and make a group that is a period the period."""
        periods = self._takes.get("period", {}).get("enum", ())
        for each in list(self._found.get("by", ())) if periods else ():
            by = self._found["by"]
            if (period := values.as_declared(each, {"enum": periods})) in periods:
                by.remove(each)
                self._put("period", period)
            elif isinstance(each, str):
                by[by.index(each)] = names.filter_meant(each, self._tool) or each

    def _add_filters(self, value: Any) -> None:
        """Add filters; those that are arguments of the tool, such as `since` and `limit`, as these."""
        members = values.as_declared(value, self._takes["filters"])
        if not isinstance(members, dict):
            self._put("filters", members)
            return
        for given, wanted in members.items():
            if names.filter_meant(given, self._tool) or isinstance(wanted, dict):
                self._add_filter(given, wanted)
            elif given.startswith("custom_attributes.") and "custom_attributes" in names.filters(self._tool):
                self._put_filter("custom_attributes", {given.partition(".")[2]: wanted})
            elif (name := names.meant(given, self._takes, self._tool)) and name != "filters":
                self._put(name, values.as_declared(wanted, self._takes[name]))
            elif given.lower().lstrip("$") in ("or", "not", "nor", "and", "operator"):
                raise ToolError(
                    "Filters hold all at once: for any of several values of a column give them as a list; other "
                    "combinations are for intercom_query."
                )
            elif given in names.NO_FILTERS:
                raise ToolError(f"filters cannot hold {given}: give columns with values, such as {{'state': 'open'}}.")
            else:
                self._put_filter(given, wanted)

    def _add_filter(self, given: str, value: Any) -> None:
        """Add a filter; one whose value is an operator's, as {'lte': 2}, as the filters that do that."""
        name = names.filter_meant(given, self._tool)
        if value == {}:
            raise _empty(given)
        if not isinstance(value, dict) or name in _OBJECTS:
            schema = names.filters(self._tool)[name] if name else {}
            self._put_filter(name or given, values.typed(value, schema))
            return
        for operator, operand in value.items():
            plain = str(operator).lstrip("$").lower()
            if plain in values.EQUAL:
                self._add_filter(given, operand)
            elif (target := self._bounded(given, plain, operand)) is not None:
                if target[0] in _TIMES:
                    self._put(target[0], values.as_declared(target[1], self._takes[target[0]]))
                else:
                    self._put_filter(*target)
            elif name or (plain in names.BOUNDS and self._tool == "intercom_metric"):
                raise _no_operator(name or given, operator)
            else:
                self._put_filter(given, value)

    def _bounded(self, name: str, operator: str, value: Any) -> tuple[str, Any] | None:
        """Return the filter or argument that bounds as an operator does, with its bound; None where none is certain."""
        column = names.filter_meant(name, self._tool) or names.searched(self._tool).get(name, names.snake(name))
        base = column.removesuffix("_at")
        for edge in names.BOUNDS.get(operator, ()):
            own = edge if base == "created" and edge in self._takes else None
            target = own or names.filter_meant(f"{base}_{edge}", self._tool)
            bound = _bound(operator, edge, value)
            if target and bound is not None:
                return target, bound
        return None

    def _put_filter(self, name: str, value: Any) -> None:
        """Add a filter of which None is a value: what is missing."""
        if isinstance(value, str) and not value.strip():
            raise _empty(name)
        if name in self._filters and self._filters[name] != value:
            raise _twice(f"The filter {name}", self._filters[name], value)
        self._filters[name] = value

    def _put(self, name: str, value: Any) -> None:
        """Add an argument, unless its value says that there is none."""
        if _missing(name, value):
            return
        if name in self._found and self._found[name] != value:
            raise _twice(name, self._found[name], value)
        self._found[name] = value


def _missing(name: str, value: Any) -> bool:
    """Return whether a value says that there is none."""
    nothing = () if name in _WORDS else values.NOTHING
    return value is None or (isinstance(value, str) and (not value.strip() or value.strip().lower() in nothing))


def _bound(operator: str, edge: str, value: Any) -> Any:
    """Return the bound of a filter that an operator with a value sets; None where that is not certain."""
    number = isinstance(value, int) and not isinstance(value, bool)
    beyond = names.EXCLUSIVE.get(operator, 0)
    if edge == "until":  # which excludes an instant, and includes a day
        day = re.fullmatch(r"\d{4}-\d\d-\d\d", str(value).strip())
        return f"{day[0]}T00:00" if day else value if number or "T" in str(value) else None
    # "After October" is not since it began: only a day and an age begin where they say.
    plain = edge == "since" and (not beyond or re.match(r"\d{4}-\d\d-\d\d|\d+ ?[a-z]+$", str(value).strip()))
    if not number and not plain:
        return None
    return value + beyond if number else value


def _empty(name: str) -> ToolError:
    return ToolError(f"The filter {name} is empty: leave it out, or give null for what has none.")


def _no_operator(name: str, operator: object) -> ToolError:
    return ToolError(
        f"Filters do not compare {name} by {operator!r}: give the values that it equals, one or a list, or compare it "
        "in intercom_query."
    )


def _twice(what: str, one: Any, other: Any) -> ToolError:
    return ToolError(f"{what} is given twice, as {compact(one)} and as {compact(other)}: give it once.")
