"""What Intercom's API says of conversations that differ: whether it has them, since when, and who wrote in them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pandas as pd

from intercom_kit.api.asking import Request
from intercom_kit.api.counting import counting
from intercom_kit.concurrency import loop
from intercom_kit.errors import BadRequestError, PlanRestrictedError, RefusedError, ScopeMissingError
from intercom_kit.fetch.gathering import Gathering
from intercom_kit.fetch.listing import read
from intercom_kit.fetch.session import Session
from intercom_kit.frames.frame import receipt_of
from intercom_kit.metrics.support.sources import WITHOUT_STATISTICS, begun_by_customer
from intercom_kit.paging.paths import filled
from intercom_kit.reports.ours import Ours
from intercom_kit.reports.report import ID
from intercom_kit.search.conditions import EVERY
from intercom_kit.tables import CONVERSATIONS, DELETED_CONVERSATIONS, TICKETS

LOOKED_UP = 3_000  # conversations that are looked up in all
ONE_BY_ONE = 100  # conversations that are fetched one by one, since a search does not find them or may lag

_FACTS = f"""
    select id, created_at, updated_at, first_contact_reply_at, rating_requested_at, count_conversation_parts as parts,
        {WITHOUT_STATISTICS} as without_statistics, {begun_by_customer("conversation")} as by_customer
    from conversations as conversation
    where id in (select id from wanted)
"""
_WRITTEN = """
    select conversation_id as id, count(*) as parts,
        count(*) filter (where author_type in ('user', 'lead', 'contact')) as by_customer
    from conversation_parts
    where conversation_id in (select id from wanted)
    group by conversation_id
"""


@dataclass(frozen=True)
class Fact:
    """One conversation as the API has it."""

    created_at: datetime
    updated_at: datetime
    written_at: datetime | None  # when a customer first wrote
    rating_requested_at: datetime | None
    parts: int
    silent: bool  # no customer wrote in it
    searched: bool = True  # found by a search, not only by its id

    def moment(self, name: str) -> datetime | None:
        """Return one of the moments by which a conversation may be counted."""
        return {"created_at": self.created_at, "written_at": self.written_at}.get(name, self.rating_requested_at)


@dataclass
class Evidence:
    """What is known of the conversations that differ; each kind of evidence is fetched when it is first needed."""

    session: Session
    ours: Ours
    facts: dict[str, Fact] = field(default_factory=dict)
    deleted: dict[str, datetime] = field(default_factory=dict)
    tickets_refused: str = ""
    fresher: dict[str, datetime] = field(default_factory=dict)  # last changes that the search does not show yet
    notes: list[str] = field(default_factory=list)

    def look_up(self, ids: Iterable[str], tickets: Iterable[str]) -> None:
        """Look up conversations by a search, and those that it does not find by id and among the deleted ones.

        `tickets` are those of which the report says that they are tickets.
        """
        wanted = sorted(set(ids))
        if len(wanted) > LOOKED_UP:
            self.notes.append(f"{len(wanted) - LOOKED_UP:,} conversations that differ were not looked up.")
            wanted = wanted[:LOOKED_UP]
        if not wanted:
            return
        self.facts = self._facts(wanted)
        if missing := [id for id in wanted if id not in self.facts]:
            self._deleted()
            if missing := [id for id in missing if id not in self.deleted]:
                self._by_id(missing)
            if set(missing) & set(tickets) - self.facts.keys():
                self._tickets()

    def look_closer(self, ids: Iterable[str]) -> None:
        """Fetch conversations one by one, since a search may show them as they were minutes ago."""
        known = [id for id in ids if id in self.facts]
        for id, changed in self._one_by_one(known[:ONE_BY_ONE]).items():
            if changed > self.facts[id].updated_at:
                self.fresher[id] = changed

    def _facts(self, wanted: list[str]) -> dict[str, Fact]:
        frames = {"wanted": pd.DataFrame({ID: pd.array(wanted, dtype="str")})}
        rows = records(self.ours.sql(_FACTS, frames=frames))
        unsure = [row[ID] for row in rows if row["without_statistics"] and not row["by_customer"]]
        silent = self._silent(unsure)
        return {row[ID]: _fact(row, row[ID] in silent) for row in rows}

    def _silent(self, unsure: list[str]) -> set[str]:
        """Return which conversations without statistics have no message of a customer, by their parts."""
        if not unsure:
            return set()
        frames = {"wanted": pd.DataFrame({ID: pd.array(unsure[: LOOKED_UP // 10], dtype="str")})}
        found = self.ours.sql(_WRITTEN, frames=frames)
        return set(found[ID][found["by_customer"] == 0])

    def _deleted(self) -> None:
        """List the deleted conversations; versions before 2.16 cannot."""
        try:
            found = self.session.fetch(
                DELETED_CONVERSATIONS, lambda gathering: read(gathering, DELETED_CONVERSATIONS.listing, None)
            )
        except (BadRequestError, RefusedError) as error:
            self.notes.append(f"Deleted conversations cannot be listed: {error}")
            return
        self.ours.receipt.add(receipt_of(found))
        self.deleted = dict(zip(found[ID], found["deleted_at"], strict=True))

    def _by_id(self, missing: list[str]) -> None:
        for id, changed in self._one_by_one(missing[:ONE_BY_ONE]).items():
            self.facts[id] = Fact(changed, changed, None, None, 0, silent=False, searched=False)

    def _one_by_one(self, ids: list[str]) -> dict[str, datetime]:
        """Return when conversations changed last, of those that Intercom finds by their id."""
        if not ids:
            return {}

        async def work(gathering: Gathering) -> None:
            for id in ids:
                await gathering.one_if_any(filled(CONVERSATIONS.one, id))

        found = self.session.fetch(CONVERSATIONS, work, items="")
        self.ours.receipt.add(receipt_of(found))
        return dict(zip(found[ID], found["updated_at"], strict=True))

    def _tickets(self) -> None:
        """Ask for one ticket, to see whether the token may read any."""
        assert TICKETS.search is not None  # noqa: S101 - declared
        request = Request("POST", TICKETS.search.path, body={"query": EVERY, "pagination": {"per_page": 1}})

        def sent() -> None:
            self.ours.receipt.requests += 1

        try:
            with self.session.translated_errors(), counting(sent):
                loop.run(self.session.transport.send(request))
        except (ScopeMissingError, PlanRestrictedError) as error:
            self.tickets_refused = str(error)


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a frame, each by the names of its columns."""
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def _fact(row: dict[str, Any], silent: bool) -> Fact:
    written = _moment(row["first_contact_reply_at"]) or (row["created_at"] if row["by_customer"] else None)
    requested = _moment(row["rating_requested_at"])
    nobody = not row["without_statistics"] and written is None
    parts = 0 if pd.isna(row["parts"]) else int(row["parts"])
    return Fact(row["created_at"], row["updated_at"], written, requested, parts, silent=bool(silent or nobody))


def _moment(value: Any) -> datetime | None:
    return None if pd.isna(value) else value
