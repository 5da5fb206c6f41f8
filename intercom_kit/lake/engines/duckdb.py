"""DuckDB as the engine: it reads the lake's files as views, here, in a process apart, or together with live rows."""

from collections.abc import Iterable
from functools import partial
from weakref import WeakKeyDictionary

import duckdb
import pandas as pd

from intercom_kit.concurrency import stopping
from intercom_kit.errors import MemoryLimitError
from intercom_kit.frames.frame import Frame
from intercom_kit.frames.receipt import Receipt
from intercom_kit.lake import defined
from intercom_kit.lake.agreement import require_agreement
from intercom_kit.lake.engines.engine import Asked, Engine
from intercom_kit.lake.separate import Separate
from intercom_kit.lake.stores.store import Store
from intercom_kit.lake.together.queries import Together
from intercom_kit.lake.views import Views
from intercom_kit.live.query import Queries
from intercom_kit.live.query_call import QueryCall
from intercom_kit.sql.attributes.fitting import misfits, with_misfits
from intercom_kit.sql.attributes.mentions import Defined
from intercom_kit.sql.own_frames import OwnFrames
from intercom_kit.sql.prepared import table_names
from intercom_kit.sql.running import Running


class DuckDB(Engine):
    """The engine of one machine, within a limit of memory."""

    def __init__(self, store: Store, memory_limit: str) -> None:
        self.views = Views(store, memory_limit)
        super().__init__(self.views)
        self._limit = memory_limit
        self._separate = Separate(self.views)
        self._beside: WeakKeyDictionary[Queries, Together] = WeakKeyDictionary()

    def close(self) -> None:
        """Close the databases, and delete what was spilled."""
        for together in list(self._beside.values()):
            together.close()
        self._separate.close()
        super().close()

    def schema(self, table: str | None) -> pd.DataFrame:
        """Describe the tables, or the columns of one with its attributes."""
        with self.views.database.cursor() as cursor:
            return defined.schema(self.held.manifest, cursor, table)

    def defined(self, tables: Iterable[str], cost: Receipt) -> Defined:
        """Return the attributes of tables whose `attr` a query names; raise BadQueryError where they are unknown."""
        with self.views.database.cursor() as cursor:
            return defined.for_query(self.held.manifest, cursor, tables, cost)

    def answer(self, asked: Asked, call: QueryCall, own: OwnFrames, receipt: Receipt) -> Frame:
        """Return the result of a query; raise QueryTimeoutError, BadQueryError or MemoryLimitError."""
        assert asked.reading is not None  # noqa: S101 - it is in DuckDB's SQL
        question, attributes = asked.reading.question, asked.reading.attributes
        with own.beside(self.views.database if question.reads else self.plans.database) as cursor:
            names = [*table_names(), *own.names]
            running = Running(cursor, call.timeout, call.max_rows, names, attributes=attributes)
            try:
                answer = running.answer(question, call.parameters, receipt)
                if not attributes:
                    return answer
                count = partial(misfits, cursor, attributes, asked.reading.needs)
                return with_misfits(answer, stopping.interruptible(count, cursor.interrupt))
            except duckdb.OutOfMemoryException as error:
                raise MemoryLimitError(
                    f"This needs more memory than the lake's queries may use ({self._limit}), even with what they may "
                    "spill: ask for fewer rows or columns, or allow more, as in ik.open(folder, memory_limit='8GB')."
                ) from error

    def warm(self, memory: str) -> None:
        """Start a process for queries that run apart."""
        self._separate.within(memory).warm()

    def apart(self, call: QueryCall, memory: str) -> Frame:
        """Return the result of a query that runs in a process of its own, which reads only the lake's files."""
        return self._separate.answer(call, memory)

    def beside(self, queries: Queries) -> Together:
        """Return the queries of a workspace over the lake's rows and live ones; raise BadLakeError for another's."""
        require_agreement(self.held.manifest, queries.session, "give the lake of this one")
        if queries not in self._beside:
            self._beside[queries] = Together(queries, self.held.store, self._limit)
        return self._beside[queries]
