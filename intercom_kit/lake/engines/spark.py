"""Spark as the engine: a cluster reads the files of a lake, which it has to see under the same paths."""

import re
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from intercom_kit.errors import BadQueryError
from intercom_kit.frames.frame import Frame, distinct_names, result_frame, with_receipt
from intercom_kit.frames.receipt import Receipt
from intercom_kit.lake.dialect.mapping import to_spark
from intercom_kit.lake.dialect.own import tables_of
from intercom_kit.lake.engines.cluster import Cluster
from intercom_kit.lake.engines.engine import Asked, Engine
from intercom_kit.lake.held import Held
from intercom_kit.lake.stores.store import Store
from intercom_kit.live.query_call import QueryCall
from intercom_kit.sql.attributes.mentions import Defined
from intercom_kit.sql.own_frames import OwnFrames
from intercom_kit.sql.prepared import VIEWS, table_names
from intercom_kit.sql.quoting import identifier
from intercom_kit.tables import TABLES, Kind
from intercom_kit.tables.catalogue import describe

# Files that are missing or damaged are errors, whatever the session says, and times are as they are written.
_READING = {"ignoreMissingFiles": "false", "ignoreCorruptFiles": "false", "datetimeRebaseMode": "CORRECTED"}
_VIEWED = "conversations"  # the table that every view is of
_PATTERN = re.compile(r"[\[\]{}*?\\]")  # in paths, to Hadoop
_TYPES = dict.fromkeys(Kind, "string") | {
    Kind.INTEGER: "bigint",
    Kind.NUMBER: "double",
    Kind.BOOLEAN: "boolean",
    Kind.TIME: "timestamp",
    Kind.TEXTS: "array<string>",
}


def _address(path: Path | str) -> str:
    """Return the URL of a file; of those in an object store, as Spark's Hadoop calls it."""
    return re.sub(r"^s3://", "s3a://", path) if isinstance(path, str) else f"file://{path.resolve()}"


class Spark(Engine):
    """The views of one lake in a session of Spark, each made when a query first reads it."""

    def __init__(self, store: Store, remote: str | None, session: Any) -> None:
        super().__init__(Held(store))
        self._shown: set[str] = set()
        self._cluster = Cluster(remote, session)

    def close(self) -> None:
        """End the session."""
        self._cluster.close()
        super().close()

    def notes(self) -> Collection[str]:
        """Return which Spark has answered, whose SQL `sql` takes."""
        return (f"answered by Spark {self._cluster.session.version}",)

    def look(self) -> bool:
        """Read the manifest again, and show the files that it names where it has changed; return whether it has."""
        changed = super().look()
        if changed:
            self._shown.clear()
        return changed

    def schema(self, table: str | None) -> pd.DataFrame:
        """Describe the tables, or the columns of one."""
        return describe(table, self.held.manifest.privacy)

    def defined(self, tables: Iterable[str], cost: Receipt) -> Defined:  # noqa: ARG002 - as DuckDB has it
        """Raise BadQueryError: `attr` is a notation of DuckDB's SQL here."""
        raise BadQueryError(
            f"{sorted(tables)[0]}.attr is not known on Spark: write get_json_object(custom_attributes, '$.plan') with "
            "a name of your own."
        )

    def read_own(self, call: QueryCall, own: OwnFrames, cost: Receipt) -> Asked:  # noqa: ARG002 - as DuckDB has it
        """Return a query in Spark's SQL; raise BadQueryError for anything but one SELECT over the lake's tables."""
        named = tables_of(call.query, [*table_names(), *own.names])
        return Asked(named | {_VIEWED} if named & VIEWS.keys() else named)

    def answer(self, asked: Asked, call: QueryCall, own: OwnFrames, receipt: Receipt) -> Frame:
        """Return the result of a query; raise QueryTimeoutError, BadQueryError, MemoryLimitError or BadLakeError."""
        text = to_spark(asked.reading.question.text) if asked.reading else call.query
        named = tables_of(text, [*table_names(), *own.names])

        def rows(session: Any) -> pa.Table:
            for name, frame in call.frames.items():
                session.createDataFrame(pa.Table.from_pandas(frame)).createOrReplaceTempView(name)
            try:
                for name in named - {name.lower() for name in own.names}:
                    self._show(session, name)
                answer = session.sql(text, args=call.parameters or None)
                return (answer if call.max_rows is None else answer.limit(call.max_rows + 1)).toArrow()
            finally:
                for name in own.names:
                    session.catalog.dropTempView(name)

        frame = self._typed(self._cluster.run(rows, call.timeout), asked, receipt)
        if call.max_rows is None or len(frame) <= call.max_rows:
            return frame
        receipt.cut(f"only the first {call.max_rows:,} rows of the answer: sum up or narrow it, or allow more")
        return with_receipt(frame.head(call.max_rows), receipt)

    def _show(self, session: Any, name: str) -> None:
        """Show a table as a view over the files that the manifest names; columns that these lack are NULL."""
        if name in self._shown:
            return
        if name in VIEWS:
            self._show(session, _VIEWED)
            rows = session.sql(to_spark(VIEWS[name]))
        elif (known := self.held.manifest.tables.get(name)) and known.files:
            paths = map(_address, map(self.held.store.path, known.files))
            escaped = [_PATTERN.sub(r"\\\g<0>", path) for path in paths]
            schema = ", ".join(f"`{column.name}` {_TYPES[column.kind]}" for column in TABLES[name].columns)
            rows = session.read.options(**_READING).schema(schema).parquet(*escaped)
        else:
            columns = (f"cast(null as {_TYPES[each.kind]}) as `{each.name}`" for each in TABLES[name].columns)
            rows = session.sql(f"select {', '.join(columns)} where false")
        rows.createOrReplaceTempView(name)
        self._shown.add(name)

    def _typed(self, rows: pa.Table, asked: Asked, receipt: Receipt) -> Frame:
        """Return rows as a frame, with the types that DuckDB gives them."""
        names = distinct_names(rows.column_names)
        with self.plans.database.cursor() as cursor:
            types = dict.fromkeys(names, "")
            if asked.reading:
                described = cursor.execute(f"describe {asked.reading.question.text}").fetchall()
                types = {str(name): f"::{kind}" for name, kind, *_ in described}
            columns = ", ".join(f"{identifier(each)}{types[each]} as {identifier(each)}" for each in names)
            cursor.register("answer", rows.rename_columns(names))
            return result_frame(cursor.execute(f"select {columns} from answer"), receipt)
