"""Declarations of tools: a method that returns what one call fetches, its title, and the verbs that it replaces."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from intercom_kit.mcp.arguments import PageRequest
from intercom_kit.tables import Table

if TYPE_CHECKING:
    import pandas as pd

    from intercom_kit.workspace import Workspace

# Fetches rows from a workspace; a list fetches at most the given number.
Longer = Callable[["Workspace", int], "pd.DataFrame"]


@dataclass(frozen=True)
class ToolCall:
    """One call of a tool: a page of what `fetch` returns, or of a frame that is `known` without a request.

    `question` holds the arguments that a cursor is bound to. A list may grow to `max_rows` rows as pages are requested.
    `about` describes what the rows belong to. Rows that are `declared` contain no text written by customers.
    """

    page: PageRequest
    fetch: Longer | None = None
    table: Table | None = None
    question: Mapping[str, Any] = field(default_factory=dict)
    max_rows: int = 0
    about: Callable[["Workspace"], dict[str, Any]] | None = None
    declared: bool = False
    known: "pd.DataFrame | None" = None
    known_about: Mapping[str, Any] | None = None


# The tool that an error's remedy names in place of each verb; every tool adds its own.
TOOL_OF_VERB: dict[str, str] = {}
_TITLES: dict[str, str] = {}

Method = TypeVar("Method", bound=Callable[..., ToolCall])


def tool(title: str, *verbs: str, tables: tuple[str, ...] = ()) -> Callable[[Method], Method]:
    """Return the decorator for a tool, which replaces some verbs, and whose SQL replaces the verbs of `tables`."""

    def declare(method: Method) -> Method:
        name = method.__name__
        TOOL_OF_VERB.update(dict.fromkeys(verbs, name) | {table: f"{table} in {name}" for table in tables})
        _TITLES[name] = title
        return method

    return declare


def tools_of(*owners: object) -> list[tuple[str, Callable[..., ToolCall]]]:
    """Return the tools of some objects, each with its title, in source order."""
    declared = [(owner, name) for owner in owners for name in vars(type(owner)) if name in _TITLES]
    return [(_TITLES[name], getattr(owner, name)) for owner, name in declared]
