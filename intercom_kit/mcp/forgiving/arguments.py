"""One normaliser for the arguments of all tools: each name and value as the tool declares it, where that is certain."""

from collections.abc import Mapping
from typing import Any

from mcp.server.mcpserver.exceptions import ToolError

from intercom_kit.mcp.forgiving import addresses, moments, names, values

Schema = Mapping[str, Any]

_TIMES = ("since", "until")
_WORDS = ("text", "name", "query", "sql")  # in which the word null may be meant
_IDS = ("id", "company_id", "user_id")


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
            self._put(self._found, name, values.as_declared(value, self._takes[name]))
        elif "filters" in self._takes and (filter := names.filter_meant(given, self._tool)):
            self._put(self._filters, filter, self._compared(filter, value))
        elif edges := self._edges(given, value):
            for edge, moment in edges.items():
                self._put(self._found, edge, moment)
        elif given not in names.NEEDLESS:
            self._put(self._found, given, value)

    def _edges(self, given: str, value: Any) -> dict[str, str] | None:
        """Return the edges of a span that an argument names at once; None for another argument."""
        name = names.snake(given)
        return moments.edges(name, value) if name in names.SPANS and "since" in self._takes and value else None

    def read(self) -> dict[str, Any]:
        """Return the arguments, with times and ids in their plain form."""
        found = self._found | ({"filters": self._filters} if self._filters else {})
        for name in _TIMES:
            if isinstance(found.get(name), str):
                found[name] = moments.spelled(found[name])
        if isinstance(found.get("by"), list):
            found["by"] = [names.GROUPS.get(str(each).lower(), each) for each in found["by"]]
        for name in _IDS:
            if isinstance(found.get(name), str) and name in self._takes:
                found[name] = addresses.identifier(found[name], self._tool, own=name != "id")
        if "email" in self._takes and "@" in str(found.get("id", "")):
            self._put(found, "email", found.pop("id"))
        return found

    def _add_filters(self, value: Any) -> None:
        """Add filters; those that are arguments of the tool, such as `since` and `limit`, as these."""
        members = values.as_declared(value, self._takes["filters"])
        if not isinstance(members, dict):
            self._put(self._found, "filters", members)
            return
        for given, wanted in members.items():
            if filter := names.filter_meant(given, self._tool):
                filter, bound = self._bounded(filter, wanted)
                self._filters_put(filter, self._compared(filter, bound))
            elif (name := names.meant(given, self._takes, self._tool)) and name != "filters":
                self._put(self._found, name, values.as_declared(wanted, self._takes[name]))
            elif given in names.NO_FILTERS:
                raise ToolError(f"filters cannot hold {given}: give columns with values, such as {{'state': 'open'}}.")
            else:
                self._filters_put(given, wanted)

    def _compared(self, filter: str, value: Any) -> Any:
        return values.as_compared(value, names.filters(self._tool).get(filter))

    def _bounded(self, name: str, value: Any) -> tuple[str, Any]:
        """Return a filter whose value is a bound, as {'lte': 2}, as the filter that bounds; others as they are."""
        if not isinstance(value, dict) or len(value) != 1:
            return name, value
        ((operator, bound),) = value.items()
        bounds = names.BOUNDS.get(str(operator).lstrip("$").lower(), ())
        found = (names.filter_meant(f"{name.removesuffix('_at')}_{edge}", self._tool) for edge in bounds)
        return next(((filter, bound) for filter in found if filter), (name, value))

    def _filters_put(self, name: str, value: Any) -> None:
        """Add a filter of which None is a value: what is missing."""
        if name in self._filters and self._filters[name] != value:
            raise _twice(f"The filter {name}", self._filters[name], value)
        self._filters[name] = value

    @staticmethod
    def _put(found: dict[str, Any], name: str, value: Any) -> None:
        missing = () if name in _WORDS else values.NOTHING
        if value is None or (isinstance(value, str) and (not value.strip() or value.strip().lower() in missing)):
            return
        if name in found and found[name] != value:
            raise _twice(name, found[name], value)
        found[name] = value


def _twice(what: str, one: Any, other: Any) -> ToolError:
    return ToolError(f"{what} is given twice, as {one!r} and as {other!r}: give it once.")
