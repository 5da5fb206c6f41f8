"""Tools as they are declared: a method that says what one call wants, under a title, and which verbs it stands for."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from intercom_kit.mcp.arguments import Page
from intercom_kit.tables import Table

if TYPE_CHECKING:
    import pandas as pd

    from intercom_kit.workspace import Workspace

# Gives rows of a workspace; a list gives as many as it is asked for.
Longer = Callable[["Workspace", int], "pd.DataFrame"]


@dataclass(frozen=True)
class ToolCall:
    """What one call of a tool wants: a page of what `fetch` brings, or of a frame that is `known` without asking.

    `question` holds the arguments that a cursor belongs to. A list may grow up to `most` rows as pages are asked for.
    `about` tells what the rows are of, and texts of rows that are `declared` were not written by customers.
    """

    page: Page
    fetch: Longer | None = None
    table: Table | None = None
    question: Mapping[str, Any] = field(default_factory=dict)
    most: int = 0
    about: Callable[["Workspace"], dict[str, Any]] | None = None
    declared: bool = False
    known: "pd.DataFrame | None" = None
    known_about: Mapping[str, Any] | None = None


# The tools that remedies name where they would name verbs; each tool adds its own.
TOOL_OF_VERB: dict[str, str] = {}

Method = TypeVar("Method", bound=Callable[..., ToolCall])


def tool(title: str, *verbs: str, tables: tuple[str, ...] = ()) -> Callable[[Method], Method]:
    """Declare a method as a tool, which stands for some verbs, and for those that give some tables by its SQL."""

    def declare(method: Method) -> Method:
        name = method.__name__
        TOOL_OF_VERB.update(dict.fromkeys(verbs, name) | {table: f"{table} in {name}" for table in tables})
        setattr(method, _TITLE, title)
        return method

    return declare


def tools_of(*owners: object) -> list[tuple[str, Callable[..., ToolCall]]]:
    """Return the tools that some objects declare, each with its title, in the order of their source."""
    declared = [
        (owner, name, function)
        for owner in owners
        for name, function in vars(type(owner)).items()
        if inspect.isfunction(function) and hasattr(function, _TITLE)
    ]
    return [(getattr(function, _TITLE), getattr(owner, name)) for owner, name, function in declared]


_TITLE = "title of the tool"
