"""A server for the conformance suite: the product's own, plus what the suite calls by fixed names.

`python -m tests.mcp.conformance PORT` serves it over HTTP, over made-up data.
"""

import json
import sys
from typing import Any

import anyio
from mcp import MCPError
from mcp import types as protocol
from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ElicitRequest, InputRequiredResult, TextContent

from intercom_kit import connect
from intercom_kit.mcp.server import make_server
from intercom_kit.sandbox import serve

PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
SOUND = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQAAAAA="

FIXTURE = "Called by the conformance suite."

Call = Context[Any, Any]
Asking = dict[str, Any]

NAME = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}


def form(message: str, schema: dict[str, Any]) -> Any:
    return ElicitRequest(params=protocol.ElicitRequestFormParams(message=message, requested_schema=schema))


def sample(prompt: str, tokens: int = 100) -> Any:
    message = protocol.SamplingMessage(role="user", content=TextContent(text=prompt))
    return protocol.CreateMessageRequest(
        params=protocol.CreateMessageRequestParams(messages=[message], max_tokens=tokens)
    )


ROOTS = protocol.ListRootsRequest()
YOUR_NAME = form("What is your name?", NAME)
CONFIRM = form("Please confirm", {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"]})


def answers(context: Call) -> str:
    return json.dumps({key: answer.model_dump(mode="json") for key, answer in (context.input_responses or {}).items()})


def add_content(server: MCPServer[Any]) -> None:
    """Tools that give each kind of content."""
    image = protocol.ImageContent(data=PICTURE, mime_type="image/png")

    @server.tool(description=FIXTURE)
    def test_simple_text() -> str:
        return "This is a simple text response for testing."

    @server.tool(description=FIXTURE)
    def test_image_content() -> protocol.ImageContent:
        return image

    @server.tool(description=FIXTURE)
    def test_audio_content() -> protocol.AudioContent:
        return protocol.AudioContent(data=SOUND, mime_type="audio/wav")

    @server.tool(description=FIXTURE)
    def test_embedded_resource() -> protocol.EmbeddedResource:
        return embedded("test://embedded-resource", "text/plain", "This is an embedded resource content.")

    @server.tool(description=FIXTURE)
    def test_multiple_content_types() -> list[TextContent | protocol.ImageContent | protocol.EmbeddedResource]:
        mixed = embedded("test://mixed-content-resource", "application/json", '{"test":"data","value":123}')
        return [TextContent(text="Multiple content types test:"), image, mixed]

    @server.tool(description=FIXTURE)
    def test_error_handling() -> str:
        raise ToolError("This tool intentionally returns an error for testing")


def embedded(uri: str, mime: str, text: str) -> protocol.EmbeddedResource:
    return protocol.EmbeddedResource(resource=protocol.TextResourceContents(uri=uri, mime_type=mime, text=text))


def add_notices(server: MCPServer[Any]) -> None:
    """Tools that tell something while they run."""

    @server.tool(description=FIXTURE)
    async def test_tool_with_progress(context: Call) -> str:
        for step in (0, 50, 100):
            await context.report_progress(step, 100)
            await anyio.sleep(0.05)
        return "done"

    @server.tool(description=FIXTURE)
    async def test_tool_with_logging(context: Call) -> str:
        for line in ("Tool execution started", "Tool processing data", "Tool execution completed"):
            await context.session.send_log_message("info", line, related_request_id=context.request_id)
            await anyio.sleep(0.05)
        return "done"

    server.add_tool(test_tool_with_logging, name="test_logging_tool", description=FIXTURE)

    @server.tool(description=FIXTURE)
    async def test_trigger_tool_change(context: Call) -> str:
        await context.notify_tools_changed()
        return "done"

    @server.tool(description=FIXTURE)
    async def test_trigger_prompt_change(context: Call) -> str:
        await context.notify_prompts_changed()
        return "done"


def add_questions(server: MCPServer[Any]) -> None:
    """Tools that ask the client on the way, as servers did before 2026-07-28."""

    async def elicited(context: Call, message: str, properties: dict[str, Any], required: list[str]) -> str:
        schema = {"type": "object", "properties": properties, "required": required}
        answer = await context.session.elicit_form(message, schema, related_request_id=context.request_id)
        return f"action={answer.action}, content={json.dumps(answer.content)}"

    @server.tool(description=FIXTURE)
    async def test_sampling(context: Call, prompt: str) -> str:
        request = sample(prompt)
        answer = await context.session.create_message(request.params.messages, max_tokens=100)
        return f"LLM response: {getattr(answer.content, 'text', '')}"

    @server.tool(description=FIXTURE)
    async def test_elicitation(context: Call, message: str) -> str:
        properties = {
            "username": {"type": "string", "description": "User's response"},
            "email": {"type": "string", "description": "User's email address"},
        }
        return "User response: " + await elicited(context, message, properties, ["username", "email"])

    @server.tool(description=FIXTURE)
    async def test_elicitation_sep1034_defaults(context: Call) -> str:
        properties = {
            "name": {"type": "string", "default": "John Doe"},
            "age": {"type": "integer", "default": 30},
            "score": {"type": "number", "default": 95.5},
            "status": {"type": "string", "enum": ["active", "inactive", "pending"], "default": "active"},
            "verified": {"type": "boolean", "default": True},
        }
        return "Elicitation completed: " + await elicited(context, "Defaults", properties, [])

    @server.tool(description=FIXTURE)
    async def test_elicitation_sep1330_enums(context: Call) -> str:
        plain = ["option1", "option2", "option3"]
        titled = [{"const": f"value{n}", "title": title} for n, title in ((1, "First"), (2, "Second"), (3, "Third"))]
        properties = {
            "untitledSingle": {"type": "string", "enum": plain},
            "titledSingle": {"type": "string", "oneOf": titled},
            "legacyEnum": {
                "type": "string",
                "enum": ["opt1", "opt2", "opt3"],
                "enumNames": ["Option One", "Option Two", "Option Three"],
            },
            "untitledMulti": {"type": "array", "items": {"type": "string", "enum": plain}},
            "titledMulti": {"type": "array", "items": {"anyOf": titled}},
        }
        return "Elicitation completed: " + await elicited(context, "Enums", properties, [])


def add_rounds(server: MCPServer[Any]) -> None:
    """Tools that ask by their result, and are called again with the answers, as from 2026-07-28 on."""
    asking: dict[str, Asking] = {
        "elicitation": {"user_name": YOUR_NAME},
        "sampling": {"capital_question": sample("What is the capital of France?")},
        "list_roots": {"client_roots": ROOTS},
        "request_state": {"confirm": CONFIRM},
        "tampered_state": {"confirm": CONFIRM},
        "multiple_inputs": {
            "user_name": YOUR_NAME,
            "greeting": sample("Generate a greeting", 50),
            "client_roots": ROOTS,
        },
    }

    def asks(name: str, requests: Asking) -> None:
        async def tool(context: Call) -> Any:
            if not context.input_responses:
                return InputRequiredResult(input_requests=requests, request_state="begun")
            return f"state-ok {answers(context)}" if context.request_state else answers(context)

        name = f"test_input_required_result_{name}"
        server.add_tool(tool, name=name, description=FIXTURE, structured_output=False)

    for name, requests in asking.items():
        asks(name, requests)

    @server.tool(description=FIXTURE, structured_output=False)
    async def test_streaming_elicitation(context: Call) -> Any:
        if not context.input_responses:
            return InputRequiredResult(input_requests={"user_name": YOUR_NAME})
        return answers(context)

    @server.tool(description=FIXTURE, structured_output=False)
    async def test_input_required_result_multi_round(context: Call) -> Any:
        if context.request_state is None:
            first = form("Step 1: What is your name?", NAME)
            return InputRequiredResult(input_requests={"step1": first}, request_state="1")
        if context.request_state == "1":
            color = {"type": "object", "properties": {"color": {"type": "string"}}, "required": ["color"]}
            second = form("Step 2: What is your favorite color?", color)
            return InputRequiredResult(input_requests={"step2": second}, request_state="2")
        return answers(context)

    @server.tool(description=FIXTURE, structured_output=False)
    async def test_input_required_result_capabilities(context: Call) -> Any:
        able = context.client_capabilities
        requests: Asking = {}
        if able and able.elicitation:
            requests["user_name"] = YOUR_NAME
        if able and able.sampling:
            requests["greeting"] = sample("Generate a greeting")
        return InputRequiredResult(input_requests=requests) if requests else "nothing to ask"

    @server.tool(description=FIXTURE)
    async def test_missing_capability(context: Call) -> str:
        if context.client_capabilities is None or context.client_capabilities.sampling is None:
            needed = {"requiredCapabilities": {"sampling": {}}}
            raise MCPError(protocol.MISSING_REQUIRED_CLIENT_CAPABILITY, "This needs sampling", needed)
        return "done"

    @server.prompt(description=FIXTURE)
    async def test_input_required_result_prompt(context: Call) -> Any:
        if not context.input_responses:
            schema = {"type": "object", "properties": {"context": {"type": "string"}}, "required": ["context"]}
            asked = form("What context should the prompt use?", schema)
            return InputRequiredResult(input_requests={"user_context": asked})
        return answers(context)


def add_reading(server: MCPServer[Any]) -> None:
    """Resources and prompts."""
    from base64 import b64decode

    from mcp.server.mcpserver.prompts.base import UserMessage

    @server.resource("test://static-text", mime_type="text/plain")
    def static_text() -> str:
        return "This is the content of the static text resource."

    @server.resource("test://static-binary", mime_type="image/png")
    def static_binary() -> bytes:
        return b64decode(PICTURE)

    @server.resource("test://watched-resource", mime_type="text/plain")
    def watched() -> str:
        return "watched"

    @server.resource("test://template/{id}/data", mime_type="application/json")
    def template(id: str) -> str:
        return json.dumps({"id": id, "templateTest": True, "data": f"Data for ID: {id}"})

    @server.prompt(description=FIXTURE)
    def test_simple_prompt() -> str:
        return "This is a simple prompt for testing."

    @server.prompt(description=FIXTURE)
    def test_prompt_with_arguments(arg1: str, arg2: str) -> str:
        return f"Prompt with arguments: arg1='{arg1}', arg2='{arg2}'"

    @server.prompt(description=FIXTURE)
    def test_prompt_with_embedded_resource(resourceUri: str) -> Any:  # noqa: N803 - the suite's name
        shown = embedded(resourceUri, "text/plain", "Embedded resource content for testing.")
        return [UserMessage(shown), UserMessage("Please process the embedded resource above.")]

    @server.prompt(description=FIXTURE)
    def test_prompt_with_image() -> Any:
        image = protocol.ImageContent(data=PICTURE, mime_type="image/png")
        return [UserMessage(image), UserMessage("Please analyze the image above.")]

    async def accept(_: Any, __: Any) -> protocol.EmptyResult:
        return protocol.EmptyResult()

    # What the suite scores for 2025-11-25, and this product leaves out: it has nothing to log or to watch.
    inner = server._lowlevel_server
    inner.add_request_handler("logging/setLevel", protocol.SetLevelRequestParams, accept)
    inner.add_request_handler("resources/subscribe", protocol.SubscribeRequestParams, accept)
    inner.add_request_handler("resources/unsubscribe", protocol.UnsubscribeRequestParams, accept)


def conforming(connected: Any) -> MCPServer[Any]:
    """Make the server."""
    server = make_server(connected)
    for add in (add_content, add_notices, add_questions, add_rounds, add_reading):
        add(server)
    return server


if __name__ == "__main__":
    with serve(conversations=40, contacts=30, companies=12) as sandbox:
        server = conforming(lambda: connect(sandbox.token, base_url=sandbox.base_url))
        server.run("streamable-http", host="127.0.0.1", port=int(sys.argv[1]))
