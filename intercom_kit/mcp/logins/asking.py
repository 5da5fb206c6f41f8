"""Ask the client's user during a call: to open a page, or for a code."""

from typing import Any, Protocol

from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import (
    ElicitRequest,
    ElicitRequestFormParams,
    ElicitRequestURLParams,
    ElicitResult,
    InputRequiredResult,
)
from pydantic import BaseModel, Field

# From this protocol version on, a server asks the client by its result, and is called again with the answer; earlier
# versions ask during the call.
_ASKS_BY_RESULT = "2026-07-28"
_PAGE, _CODE = "login", "code"  # the names of the questions


class LoginNeeded(ToolError):  # noqa: N818 - not an error, but control flow
    """The request that the client asks its user, and calls again."""

    def __init__(self, name: str, question: ElicitRequest) -> None:
        super().__init__(question.params.message)
        self.question = InputRequiredResult(input_requests={name: question}, request_state=name)


class Connecting(Protocol):
    """A way to connect during a call."""

    async def connect(self, context: Context[Any, Any]) -> bool:
        """Connect through the client, and return whether that is possible; raise ToolError where it failed."""


class CodeForm(BaseModel):
    """The form for a code."""

    code: str = Field(description="code shown on the page")


def opens_pages(context: Context[Any, Any]) -> bool:
    """Return whether the client can ask its user to open a page."""
    capabilities = context.client_capabilities
    return bool(capabilities and capabilities.elicitation and capabilities.elicitation.url)


def takes_answers(context: Context[Any, Any]) -> bool:
    """Return whether the client can ask its user for a few words; a capability without a mode means that."""
    capabilities = context.client_capabilities
    asks = capabilities.elicitation if capabilities else None
    return asks is not None and (asks.form is not None or asks.url is None)


def page_answer(context: Context[Any, Any]) -> ElicitResult | None:
    """Return the answer to the request to open a page, with which the client calls again."""
    return _answer(context, _PAGE)


def code_answer(context: Context[Any, Any]) -> ElicitResult | None:
    """Return the answer to the question for a code, with which the client calls again."""
    return _answer(context, _CODE)


async def ask_to_open(context: Context[Any, Any], message: str, url: str) -> str:
    """Return what the user does when asked to open a page: accept, decline or cancel."""
    if _asks_during_the_call(context):
        return (await context.elicit_url(message, url, _PAGE)).action
    if answer := page_answer(context):
        return answer.action
    raise LoginNeeded(_PAGE, ElicitRequest(params=ElicitRequestURLParams(message=message, url=url)))


async def ask_for_code(context: Context[Any, Any], message: str) -> str:
    """Return the code that the user enters; empty where the user enters none."""
    if _asks_during_the_call(context):
        result = await context.elicit(message, CodeForm)
        return result.data.code if result.action == "accept" else ""
    if answer := code_answer(context):
        return str((answer.content or {}).get("code") or "") if answer.action == "accept" else ""
    schema = CodeForm.model_json_schema()
    raise LoginNeeded(_CODE, ElicitRequest(params=ElicitRequestFormParams(message=message, requested_schema=schema)))


def _asks_during_the_call(context: Context[Any, Any]) -> bool:
    return (context.protocol_version or "") < _ASKS_BY_RESULT


def _answer(context: Context[Any, Any], name: str) -> ElicitResult | None:
    if _asks_during_the_call(context):
        return None
    answer = (context.input_responses or {}).get(name)
    return answer if isinstance(answer, ElicitResult) else None
