"""Every tool converts to what other makers' models take: OpenAI's strict schemas, and Gemini's subset."""

from typing import Any

import pytest

from .asking import connected

pytestmark = pytest.mark.anyio

# What Gemini's function declarations know of JSON Schema.
GEMINI = {
    *("type", "format", "title", "description", "nullable", "enum", "items", "properties", "required", "minItems"),
    *("maxItems", "minimum", "maximum", "minLength", "maxLength", "pattern", "anyOf", "default", "propertyOrdering"),
}
# What OpenAI's strict mode takes; the rest of a schema is refused.
STRICT = {
    *("type", "description", "enum", "items", "properties", "required", "additionalProperties", "anyOf", "minimum"),
    *("maximum", "pattern", "format", "minItems", "maxItems", "title", "const"),
}


def strict(schema: dict[str, Any]) -> dict[str, Any]:
    """Convert a schema as clients do for strict mode: everything is required, what was optional may be null."""
    found = {name: value for name, value in schema.items() if name != "default"}
    if "items" in found:
        found["items"] = strict(found["items"])
    if found.get("type") == "object":
        required = found.get("required", [])
        properties = {name: strict(each) for name, each in found.get("properties", {}).items()}
        found["properties"] = {
            name: each if name in required else {"anyOf": [each, {"type": "null"}]} for name, each in properties.items()
        }
        found |= {"required": list(properties), "additionalProperties": False}
    return found


def gemini(schema: dict[str, Any]) -> dict[str, Any]:
    """Convert a schema as clients do for Gemini."""
    found = {name: value for name, value in schema.items() if name != "additionalProperties"}
    if "properties" in found:
        found["properties"] = {name: gemini(each) for name, each in found["properties"].items()}
    if "items" in found:
        found["items"] = gemini(found["items"])
    return found


def is_open(schema: dict[str, Any]) -> bool:
    """Return whether a schema is that of an object with members of any name, which neither maker takes."""
    return schema.get("type") == "object" and "properties" not in schema


def objects(schema: Any) -> list[dict[str, Any]]:
    """Return a schema with all that are inside it."""
    if isinstance(schema, list):
        return [found for each in schema for found in objects(each)]
    if not isinstance(schema, dict):
        return []
    inside = [*schema.get("properties", {}).values(), *schema.get("anyOf", ()), schema.get("items")]
    return [schema, *objects(inside)]


async def tools(server: Any) -> dict[str, dict[str, Any]]:
    async with connected(server) as client:
        return {tool.name: tool.input_schema for tool in (await client.list_tools()).tools}


async def test_no_argument_is_a_choice_of_types(server: Any) -> None:
    """Some clients refuse these."""
    for name, schema in (await tools(server)).items():
        for each in objects(schema):
            assert isinstance(each.get("type"), str), name
            assert not each.keys() & {"anyOf", "oneOf", "allOf"}, name


async def test_every_tool_converts_to_openais_strict_schema(server: Any) -> None:
    for name, schema in (await tools(server)).items():
        for each in objects(strict(schema)):
            assert each.keys() <= STRICT, name
            assert "type" in each or each.get("anyOf"), name
            if each.get("type") == "object":
                assert each["additionalProperties"] is False
                assert each["required"] == list(each["properties"])
        assert not any(is_open(each) for each in objects(strict(schema))[1:]), f"{name} has an object of any members"


async def test_every_tool_converts_to_geminis_subset(server: Any) -> None:
    for name, schema in (await tools(server)).items():
        for each in objects(gemini(schema)):
            assert each.keys() <= GEMINI, name
            assert isinstance(each.get("type", ""), str), f"{name} has several types at once"
            assert all(isinstance(value, str) for value in each.get("enum", ())), name
            assert each.get("anyOf") != [], name
        assert not any(is_open(each) for each in objects(gemini(schema))[1:]), f"{name} has an object of any members"
