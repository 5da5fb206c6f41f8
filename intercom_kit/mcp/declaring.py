"""Declarations of tools: a method that returns what one call fetches, its title, and the verbs that it replaces."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeAlias, TypeVar

from pydantic import BaseModel

from intercom_kit.mcp.answers import Answered
from intercom_kit.mcp.arguments import PageRequest
from intercom_kit.tables import Table

if TYPE_CHECKING:
    import pandas as pd

    from intercom_kit.workspace import Workspace


class Opened(Protocol):
    """What a server answers from: a workspace or a lake."""

    def schema(self, table: str | None = None) -> "pd.DataFrame": ...

    def close(self) -> None: ...


Source = TypeVar("Source", bound=Opened)


@dataclass(frozen=True)
class ToolCall(Generic[Source]):
    """One call of a tool: a page of what `fetch` returns, or of a frame that is `known` without a request.

    `fetch` gets the source of rows, and for a list how many to fetch at most.

    `question` holds the arguments that a cursor is bound to. A list may grow to `max_rows` rows as pages are requested.
    `about` describes what the rows belong to. Rows that are `declared` contain no text written by customers. A call
    that `answers_unconnected` says why nothing is connected, and asks nobody to log in. A `document` is the answer
    instead of rows. Rows that can be drawn say by `picture` whether a picture is wanted.
    """

    page: PageRequest
    fetch: Callable[[Source, int], "pd.DataFrame"] | None = None
    table: Table | None = None
    question: Mapping[str, Any] = field(default_factory=dict)
    max_rows: int = 0
    about: Callable[[Source], dict[str, Any]] | None = None
    declared: bool = False
    answers_unconnected: bool = False
    known: "pd.DataFrame | None" = None
    known_about: Mapping[str, Any] | None = None
    document: Callable[[Source], BaseModel] | None = None
    picture: bool | None = None


LiveCall: TypeAlias = "ToolCall[Workspace]"

# The tool that an error's remedy names in place of each verb; every tool adds its own.
TOOL_OF_VERB: dict[str, str] = {}
_TITLES: dict[object, tuple[str, Any]] = {}

Method = TypeVar("Method", bound=Callable[..., ToolCall[Any]])


def tool(title: str, *verbs: str, tables: tuple[str, ...] = (), answers: Any = Answered) -> Callable[[Method], Method]:
    """Return the decorator for a tool, which replaces some verbs, and whose SQL replaces the verbs of `tables`.

    `answers` is what it returns where that is not rows.
    """

    def declare(method: Method) -> Method:
        name = method.__name__
        TOOL_OF_VERB.update(dict.fromkeys(verbs, name) | {table: f"{table} in {name}" for table in tables})
        _TITLES[method] = title, answers
        return method

    return declare


# A tool's title, what it answers, the class that it belongs to, which takes the caller's desk, and its method.
Declared: TypeAlias = "tuple[str, Any, type[Any], Callable[..., ToolCall[Any]]]"


def tools_of(*owners: type[Any]) -> list[Declared]:
    """Return the tools that some classes declare, in source order."""
    declared = [(owner, method) for owner in owners for method in vars(owner).values() if callable(method)]
    return [(*_TITLES[method], owner, method) for owner, method in declared if method in _TITLES]
