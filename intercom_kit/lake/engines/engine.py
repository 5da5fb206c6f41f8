"""What every engine does: check queries, and answer them over the files that the manifest names now."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable
from dataclasses import dataclass

import pandas as pd

from intercom_kit.concurrency import stopping
from intercom_kit.errors import BadLakeError, BadRequestError
from intercom_kit.frames.frame import Frame
from intercom_kit.frames.receipt import Receipt
from intercom_kit.lake.held import Held
from intercom_kit.lake.together.queries import Together
from intercom_kit.live import masking
from intercom_kit.live.query import Queries
from intercom_kit.live.query_call import QueryCall
from intercom_kit.sql import plans as planners
from intercom_kit.sql.attributes.mentions import Defined
from intercom_kit.sql.own_frames import OwnFrames
from intercom_kit.sql.plans import Reading
from intercom_kit.sql.running import interrupted_after


@dataclass(frozen=True)
class Asked:
    """A checked query: the tables that it reads, and what DuckDB says of it, if it is in DuckDB's SQL."""

    tables: frozenset[str]
    reading: Reading | None = None


class Engine(ABC):
    """An engine that answers queries over what a lake holds."""

    def __init__(self, held: Held) -> None:
        self.held = held
        self.plans = planners.take()

    def close(self) -> None:
        """Close what the engine has opened; the lake stays."""
        planners.put_back(self.plans)
        self.held.close()

    def look(self) -> bool:
        """Read the manifest again; return whether it has changed since the last look."""
        return self.held.look()

    def read(self, call: QueryCall, own: OwnFrames, cost: Receipt, known: Defined | None = None) -> Asked:
        """Return a query in DuckDB's SQL, checked; where it names `attr`, with the definitions of attributes."""
        with own.beside(self.plans.database) as cursor, interrupted_after(call.timeout, cursor):
            reading = stopping.interruptible(
                lambda: self.plans.read(cursor, call.query, call.parameters, own, known), cursor.interrupt
            )
        if reading.undefined:
            return self.read(call, own, cost, self.defined(reading.undefined, cost))
        masking.without_personal(reading.needs, self.held.manifest.privacy)
        return Asked(frozenset(scan.table for scan in reading.needs.scans), reading)

    def read_own(self, call: QueryCall, own: OwnFrames, cost: Receipt) -> Asked:
        """Return a query in the engine's own SQL, checked; raise BadQueryError for more than a SELECT."""
        return self.read(call, own, cost)

    def notes(self) -> Collection[str]:
        """Return what receipts have to say of the engine."""
        return ()

    def warm(self, memory: str) -> None:  # noqa: B027 - not every engine has something to start
        """Start what queries that run apart need, so that the first of them does not wait for it."""

    def apart(self, call: QueryCall, memory: str) -> Frame:  # noqa: ARG002 - as DuckDB has it
        """Return the result of a query that runs in a process of its own; raise BadRequestError without such."""
        raise BadRequestError("Only DuckDB runs queries apart, within an amount of memory: leave apart= out here.")

    def beside(self, queries: Queries) -> Together:  # noqa: ARG002 - as DuckDB has it
        """Return the queries of a workspace over the lake and live rows; raise BadLakeError where there are none."""
        raise BadLakeError("Live rows come together with a lake in DuckDB alone: give lake=ik.open(folder).")

    @abstractmethod
    def schema(self, table: str | None) -> pd.DataFrame:
        """Describe the tables, or the columns of one."""

    @abstractmethod
    def defined(self, tables: Iterable[str], cost: Receipt) -> Defined:
        """Return the attributes of tables whose `attr` a query names; raise BadQueryError where they are unknown."""

    @abstractmethod
    def answer(self, asked: Asked, call: QueryCall, own: OwnFrames, receipt: Receipt) -> Frame:
        """Return the result of a checked query, within its limits."""
