"""Resources: descriptions of tables and metrics, as the tools return them too, and complete results as CSV."""

import contextlib
import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import anyio
import anyio.to_thread
from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ResourceError, ResourceNotFoundError, ToolError
from mcp.server.mcpserver.resources import FunctionResource
from mcp.types import Completion, CompletionArgument, CompletionContext, PromptReference, ResourceTemplateReference

from intercom_kit.errors import IntercomError
from intercom_kit.mcp.desk import Desk, Desks, caller
from intercom_kit.mcp.live_desk import LiveDesk
from intercom_kit.mcp.results import LIFE, Result
from intercom_kit.tables import TABLES

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = "intercom://schema/{table}"
METRICS = "intercom://metrics"
METRIC = "intercom://metrics/{name}"
RESULT = "intercom://results/{id}.csv"


def add_resources(server: MCPServer[Any], desks: Desks) -> None:
    """Add the resources, and the completion of their names."""

    @server.resource(SCHEMA, title="A table", mime_type="application/json")
    def schema(table: str) -> dict[str, Any]:
        """Describe a table: what a row is, and its columns with types, units and meanings."""
        if table not in TABLES:
            raise ResourceNotFoundError(f"There is no table {table!r}: the tables are {', '.join(TABLES)}.")
        declared = TABLES[table]
        with _entered(desks) as desk:
            columns = _records(desk.schema(table))
        return {"table": table, "row": declared.row, "notes": list(declared.notes), "columns": columns}

    for name, declared in TABLES.items():
        server.add_resource(
            FunctionResource(
                uri=SCHEMA.format(table=name),
                name=name,
                title=f"The table {name}",
                description=f"One row is {declared.row}.",
                mime_type="application/json",
                fn=partial(schema, name),
            )
        )

    @server.resource(METRICS, title="All metrics", mime_type="application/json")
    def every_metric() -> list[dict[str, Any]]:
        """Describe every metric: the question that it answers, how it can be grouped, and what it reads."""
        from intercom_kit import metrics

        return _records(metrics.list_metrics())

    @server.resource(METRIC, title="A metric", mime_type="application/json")
    def metric(name: str) -> dict[str, Any]:
        """Describe a metric: what it means, how it can be grouped, and what it reads."""
        from intercom_kit import metrics

        if name not in metrics.METRICS:
            raise ResourceNotFoundError(f"There is no metric {name!r}: there are {', '.join(metrics.METRICS)}.")
        return next(row for row in _records(metrics.list_metrics()) if row["name"] == name)

    @server.resource(RESULT, title="A result, whole", mime_type="text/csv")
    async def result(id: str, context: Context[Any, Any]) -> str:
        """Return all rows and columns of an answer as CSV."""
        with _entered(desks) as desk:
            found = desk.results.find(id, caller())
            if found is None:
                raise ResourceNotFoundError(
                    f"There is no result {id!r}: results are kept for {LIFE // 60} minutes. Call the tool again."
                )
            return await desk.ask(context, lambda source: _whole(desk, found, source))

    @server.completion()  # type: ignore[no-untyped-call,untyped-decorator]  # the library leaves it untyped
    async def complete(
        ref: PromptReference | ResourceTemplateReference, argument: CompletionArgument, _: CompletionContext | None
    ) -> Completion | None:
        """Complete the names of tables, metrics, teams and companies."""
        from intercom_kit import metrics

        if isinstance(ref, PromptReference):
            names = await _names(desks, _NAMED.get(argument.name, ""))
        else:
            names = {SCHEMA: list(TABLES), METRIC: list(metrics.METRICS)}.get(ref.uri, [])
        begun = argument.value.casefold()
        values = [name for name in names if name.casefold().startswith(begun)]
        return Completion(values=values[:100], total=len(values), has_more=len(values) > 100)


# The tables whose names the arguments of prompts are.
_NAMED = {"team": "teams", "company": "companies"}
_LONGEST_WAIT = 10.0  # seconds; who types does not wait longer
_MOST_REQUESTS = 50


async def _names(desks: Desks, table: str) -> list[str]:
    """Return the names in a table; none where they cannot be had, since a completion is only an offer."""

    def work(desk: Desk[Any]) -> list[str]:
        query = f"select distinct name from {table} where name is not null order by name"
        bounds = {"max_requests": _MOST_REQUESTS} if isinstance(desk, LiveDesk) else {}
        return list(desk.source().sql(query, **bounds)["name"])

    if not table:
        return []
    with anyio.move_on_after(_LONGEST_WAIT), contextlib.suppress(IntercomError, ToolError), desks.entered() as desk:
        return await anyio.to_thread.run_sync(work, desk, abandon_on_cancel=True, limiter=desk.threads)
    return []


def _records(frame: "pd.DataFrame") -> list[dict[str, Any]]:
    from intercom_kit.mcp.cells import cell

    return [{str(name): cell(value) for name, value in row.items()} for row in frame.to_dict("records")]


@contextmanager
def _entered(desks: Desks) -> Iterator[Desk[Any]]:
    """Enter the caller's desk, whose refusals become those of a resource."""
    try:
        with desks.entered() as desk:
            yield desk
    except ToolError as error:
        raise ResourceError(str(error)) from error


def _whole(desk: Desk[Any], result: Result, source: Any) -> str:
    """Return all rows of a result, fetched where they are missing."""
    if desk.results_of(source).find(result.id, result.owner) is not result:
        raise ToolError(f"There is no result {result.id!r}: the connection was closed. Call the tool again.")
    result.reach(source, result.call.max_rows)
    return _csv(result.frame)


def _csv(frame: "pd.DataFrame") -> str:
    from intercom_kit.mcp.cells import cell

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(frame.columns)
    writer.writerows([cell(value) for value in row] for row in frame.itertuples(index=False))
    return text.getvalue()
