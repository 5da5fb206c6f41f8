"""A tool's answer: columns and rows within a token budget, what they are, and how to get the rest."""

import json
from collections.abc import Sequence
from typing import Annotated, Any

from mcp.types import CallToolResult, ContentBlock, ResourceLink, TextContent
from pydantic import BaseModel

# An answer has 8,000 tokens at most. Rows of ids, times and words take at least two bytes per token in any script:
# measured 2.0 characters on rows with ids, and non-ASCII characters are two to four bytes.
BYTES_PER_TOKEN = 2
BUDGET = 8_000 * BYTES_PER_TOKEN
_SHORTEST_CELL = 40


class Answer(BaseModel):
    """An answer of rows, the same as text and as structured content; fields that are None are left out."""

    about: dict[str, Any] | None = None
    as_of: str
    complete: bool
    row_count: int
    total_rows: int | None = None
    requests: int
    note: str | None = None
    next_cursor: str | None = None
    result_uri: str | None = None
    columns: list[str]
    rows: list[list[Any]]


Answered = Annotated[CallToolResult, Answer]


def answered(answer: BaseModel) -> CallToolResult:
    """Return an answer as text and as structured content: some clients pass only one of them to the assistant."""
    content = answer.model_dump(mode="json", exclude_none=True)
    blocks: list[ContentBlock] = [TextContent(text=compact(content))]
    if uri := content.get("result_uri"):
        blocks.append(ResourceLink(uri=uri, name=uri.rpartition("/")[2], title="All rows", mime_type="text/csv"))
    return CallToolResult(content=blocks, structured_content=content)


def compact(content: Any) -> str:
    """Return compact JSON."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"), default=str)


def fitting(rows: Sequence[Sequence[Any]], taken: int) -> list[list[Any]]:
    """Return the rows that fit into the budget after `taken` bytes; at least the first, if need be with cells cut."""
    chosen: list[list[Any]] = []
    for row in rows:
        cost = size(row) + 1
        if taken + cost > BUDGET:
            break
        taken += cost
        chosen.append(list(row))
    return chosen if chosen or not rows else [_shortened(list(rows[0]), BUDGET - taken)]


def size(content: Any) -> int:
    """Return the size of content as JSON, in bytes."""
    return len(compact(content).encode())


def _shortened(row: list[Any], room: int) -> list[Any]:
    """Return a row with its longest cells cut until it fits."""
    longest = room
    while size(row) > room and longest > _SHORTEST_CELL:
        longest //= 2
        row = [_cut(value, longest) for value in row]
    return row


def _cut(value: Any, longest: int) -> Any:
    text = value if isinstance(value, str) else compact(value)
    return f"{text[:longest]}… [cut to fit]" if len(text) > longest + 15 else value
