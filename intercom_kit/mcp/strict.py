"""Tools that refuse unknown arguments with a clear message, and have short schemas."""

import inspect
from collections.abc import Callable, Collection
from typing import Any

from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import MCPServerError, ToolError, UnexpectedToolError
from mcp.server.mcpserver.tools import Tool
from mcp.server.mcpserver.utilities.func_metadata import FuncMetadata
from mcp.types import CallToolResult, ToolAnnotations
from pydantic import Field, ValidationError

from intercom_kit.hints import hint
from intercom_kit.mcp.declaring import ToolCall
from intercom_kit.mcp.desk import Desks
from intercom_kit.mcp.failures import unexpected
from intercom_kit.mcp.forgiving.arguments import forgiven
from intercom_kit.mcp.forgiving.names import elsewhere
from intercom_kit.mcp.forgiving.sizes import too_large
from intercom_kit.mcp.logins.asking import LoginNeeded

_CONDITIONS = "Give what columns equal, as {'state': 'open'}; intercom_query compares otherwise."
_LONGEST_ERROR = 6_000  # characters, beyond which it would fill an answer

READS_ONLY = ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=True)


class _AsGiven(FuncMetadata):
    """The arguments of a tool, of which a text that could be JSON, such as the word null, stays a text."""

    def pre_parse_json(self, data: dict[str, Any]) -> dict[str, Any]:
        """Return the arguments: `forgiven` has read what is JSON."""
        return data


class StrictTool(Tool):
    """A stricter tool: the library's drops unknown arguments silently, quotes pydantic, and hides crashes."""

    tells_values: bool = Field(default=True, exclude=True, description="Whether errors may quote rows")

    async def run(self, arguments: dict[str, Any], context: Context[Any, Any], convert_result: bool = False) -> Any:
        """Read the arguments as they are meant, check them, and run the tool."""
        problems = [f"{name} {too}." for name, value in arguments.items() if (too := too_large(name, value))]
        if not problems:
            arguments = forgiven(arguments, self.parameters["properties"], self.name)
            problems = self._problems(arguments)
        if problems:
            raise ToolError(_shortened(" ".join(problems)))
        try:
            return await super().run(arguments, context, convert_result)
        except ToolError as error:
            if isinstance(error.__cause__, LoginNeeded):
                return error.__cause__.question
            if isinstance(error, UnexpectedToolError) and not isinstance(error.__cause__, MCPServerError | None):
                crash = error.__cause__
                raise UnexpectedToolError(f"{error}: {unexpected(crash, with_values=self.tells_values)}") from crash
            error.args = (_shortened(str(error)),)
            raise

    def _problems(self, arguments: dict[str, Any]) -> list[str]:
        """Return, for every invalid argument, what would be valid."""
        known = list(self.parameters["properties"])
        problems = []
        for name in arguments:
            if name not in known:
                columns = " Conditions on columns go into filters." if "filters" in known else ""
                takes = f"it takes {', '.join(known) or 'none'}.{columns}"
                there = elsewhere(name, self.name)
                suggestion = f"{there}; {takes}" if there else hint(name, known, takes)
                problems.append(f"{self.name} has no argument {name!r}: {suggestion}")
        if problems:
            return problems
        try:
            self.fn_metadata.validate_arguments(arguments)
        except ValidationError as error:
            for found in error.errors(include_url=False, include_input=False):
                name = str(found["loc"][0])
                meaning = self.parameters["properties"].get(name, {}).get("description", "")
                if found["type"] == "missing":
                    problems.append(f"{self.name} needs {name}: {meaning}.")
                elif found["type"] == "dict_type":
                    problems.append(f"{name}: {_CONDITIONS} It is: {meaning}.")
                else:
                    wrong = found["msg"].replace("dictionary", "object")
                    problems.append(f"{name}: {wrong}. It is: {meaning}.")
        return list(dict.fromkeys(problems))


def _shortened(text: str) -> str:
    """Return an error's text without its middle where it is long, since it ends with the remedy."""
    half = _LONGEST_ERROR // 2
    return text if len(text) <= _LONGEST_ERROR else f"{text[:half]} … {text[-half:]}"


def served(
    desks: Desks, title: str, answers: Any, owner: type[Any], method: Callable[..., ToolCall[Any]]
) -> StrictTool:
    """Return a tool for a method that declares it, with trimmed schemas; each call goes to its caller's own desk."""
    name = method.__name__

    async def answer(context: Context[Any, Any], **arguments: Any) -> CallToolResult:
        with desks.entered() as desk:
            return await desk.answer(context, name, method(owner(desk), **arguments))

    signature = inspect.signature(method)
    _, *parameters = signature.parameters.values()
    answer.__signature__ = signature.replace(  # type: ignore[attr-defined]
        parameters=[_CONTEXT, *parameters], return_annotation=answers
    )
    answer.__annotations__ = {**method.__annotations__, "context": _CONTEXT.annotation, "return": answers}
    answer.__doc__ = method.__doc__
    tool = StrictTool.from_function(answer, name=name, title=title, annotations=READS_ONLY)
    assert isinstance(tool, StrictTool)  # noqa: S101 - from_function makes one of its own class
    tool.description = " ".join(tool.description.split())
    tool.parameters = {**trimmed(tool.parameters), "additionalProperties": False}
    declared = tool.fn_metadata
    tool.fn_metadata = _AsGiven(
        arg_model=declared.arg_model,
        output_schema=trimmed(declared.output_schema, {"title", "description"}),
        output_model=declared.output_model,
        wrap_output=declared.wrap_output,
    )
    return tool


_CONTEXT = inspect.Parameter("context", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=Context[Any, Any])


_SAY_NOTHING: tuple[tuple[str, Any], ...] = (("default", None), ("additionalProperties", True), ("items", {}))


def trimmed(schema: Any, unneeded: Collection[str] = ("title",)) -> Any:
    """Return a schema without what costs tokens and says nothing: titles, null defaults, unions with null."""
    if isinstance(schema, list):
        return [trimmed(each, unneeded) for each in schema]
    if not isinstance(schema, dict):
        return schema
    kept: dict[str, Any] = {}
    for key, value in schema.items():
        if key == "properties":
            kept[key] = {name: trimmed(each, unneeded) for name, each in value.items()}
        elif key == "anyOf" and {"type": "null"} in value and len(value) == 2:
            kept |= next(trimmed(each, unneeded) for each in value if each != {"type": "null"})
        elif key not in unneeded and (key, value) not in _SAY_NOTHING:
            kept[key] = trimmed(value, unneeded)
    return kept
