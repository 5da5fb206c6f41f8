"""A table that several lists hold together: where Intercom refuses one of them, the others come."""

from collections.abc import Awaitable, Callable

from intercom_kit.errors import BadRequestError, IntercomError, NotFoundError, PlanRestrictedError, ScopeMissingError
from intercom_kit.frames.receipt import Receipt
from intercom_kit.live.scheduling import together
from intercom_kit.tables import Table

# Errors that concern one list alone: the workspace's plan, the token's permissions or its API version lack it.
REFUSALS = (PlanRestrictedError, ScopeMissingError, NotFoundError, BadRequestError)


async def fetch_lists(table: Table, fetch: Callable[[Table], Awaitable[None]]) -> list[Receipt]:
    """Fetch each list of a table, and return a receipt for each that was refused; raise the error if all were."""
    refused: dict[Table, IntercomError] = {}

    async def attempt(part: Table) -> None:
        try:
            await fetch(part)
        except REFUSALS as error:
            refused[part] = error

    await together(map(attempt, table.listed_by))
    if len(refused) == len(table.listed_by):
        raise next(iter(refused.values()))
    return [_receipt(part, error) for part, error in refused.items()]


def _receipt(part: Table, error: IntercomError) -> Receipt:
    path = part.listing.path if part.listing else part.name
    receipt = Receipt(part.name, failures={path: str(error)})
    receipt.cut(f"nothing came of {path}: {error}")
    return receipt
