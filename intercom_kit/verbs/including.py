"""The option `include` of verbs about conversations: reviews, which Intercom adds to its answers on request."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from intercom_kit.errors import BadFilterError
from intercom_kit.fetch.gathering import Gathering, Work
from intercom_kit.fetch.session import Session
from intercom_kit.search.filters import Selection
from intercom_kit.tables import CONVERSATIONS, REVIEWS, Table
from intercom_kit.values.plain import plain


@dataclass(frozen=True)
class Inclusion:
    """What a call includes beside the columns of conversations; nothing where `include` was not given."""

    names: tuple[str, ...] = ()

    @property
    def query(self) -> dict[str, str]:
        """Return the parameters by which Intercom adds what is included."""
        return {f"include_{name}": "true" for name in self.names}

    @property
    def filters(self) -> dict[str, Any]:
        """Return what the receipt shows."""
        return {"include": list(self.names)} if self.names else {}

    @property
    def table(self) -> Table:
        """Return the table of conversations with further columns."""
        if not self.names:
            return CONVERSATIONS
        assert CONVERSATIONS.search is not None  # noqa: S101 - declared
        columns = CONVERSATIONS.columns + tuple(REVIEWS[name] for name in self.names)
        return replace(CONVERSATIONS, columns=columns, search=replace(CONVERSATIONS.search, query=self.query))

    def checked(self, work: Work) -> Work:
        """Return the work, after which the receipt says what came without that which is included."""

        async def gather(gathering: Gathering) -> None:
            await work(gathering)
            for column in (REVIEWS[name].name for name in self.names):
                where = [*gathering.selection.where, f'"{column}" is null']
                lacking = Selection(where=where, parameters=gathering.selection.parameters)
                if count := await asyncio.to_thread(gathering.landing.rows, lacking):
                    gathering.receipt.cut(
                        f"{count:,} conversations came without {column}, which Intercom has since API version 2.16"
                    )

        return gather


def inclusion(session: Session, include: Iterable[str]) -> Inclusion:
    """Return what is to be included; raise BadFilterError for anything else, and where personal data is left out."""
    names = plain(include)
    names = names if isinstance(names, list) else [names]
    for name in names:
        if name not in REVIEWS:
            raise BadFilterError(f"Conversations cannot include {name!r}: valid are {', '.join(REVIEWS)}.")
    if names and session.privacy != "full":
        raise BadFilterError(
            f"Conversations cannot include {' and '.join(names)} here, since what these say of people is hidden. Have "
            "whoever runs this connect with full privacy (`--pii full`)."
        )
    return Inclusion(tuple(dict.fromkeys(names)))
