"""An opened lake: its tables for SQL, read from its files as far as a query needs them, within a limit of memory."""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb
import pandas as pd

from intercom_kit.api.identity import Identity
from intercom_kit.concurrency import stopping
from intercom_kit.errors import BadLakeError, BadQueryError, MemoryLimitError
from intercom_kit.frames import app_links
from intercom_kit.frames.frame import Frame, receipt_of, with_receipt
from intercom_kit.frames.receipt import Receipt
from intercom_kit.lake import manifest
from intercom_kit.lake.manifest import LakeTable, Manifest
from intercom_kit.lake.views import Views
from intercom_kit.live import masking
from intercom_kit.live.query_call import QueryCall
from intercom_kit.sql import plans as planners
from intercom_kit.sql.own_frames import OwnFrames
from intercom_kit.sql.planner import Parameters
from intercom_kit.sql.plans import Reading
from intercom_kit.sql.prepared import table_names
from intercom_kit.sql.running import Running, interrupted_after
from intercom_kit.sql.syntax import shallow_enough
from intercom_kit.tables import TABLES
from intercom_kit.tables.catalogue import describe
from intercom_kit.tables.privacy import Privacy
from intercom_kit.values.times import Time
from intercom_kit.verbs.measuring import MetricCall, explain, measure


class Lake:
    """A folder of Parquet with one workspace's tables, opened by `open()`, and read without asking Intercom.

    Queries run within `memory_limit`; what does not fit is spilled into a folder of its own, which is deleted at the
    end. If another program brings the lake up to date meanwhile, the next query sees that.
    """

    def __init__(self, folder: str | Path, memory_limit: str = "2GB") -> None:
        self.folder = Path(folder).expanduser()
        self._views = Views(self.folder, memory_limit)
        self._limit = memory_limit
        self._lock = threading.Lock()
        self._plans = planners.take()

    def __repr__(self) -> str:
        tables = ", ".join(f"{table.rows:,} {name}" for name, table in self._tables.items())
        return f"<Lake of {self._manifest.identity.workspace!r} in {str(self.folder)!r}: {tables or 'empty'}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the database, and delete what was spilled; the lake stays."""
        self._views.close()
        planners.put_back(self._plans)

    @property
    def _manifest(self) -> Manifest:
        return self._views.manifest

    @property
    def _tables(self) -> dict[str, LakeTable]:
        return {name: table for name, table in self._manifest.tables.items() if table.as_of is not None}

    @property
    def as_of(self) -> datetime | None:
        """Return the time as of which all rows are current: that of the table brought up to date first."""
        moments = [table.as_of for table in self._tables.values() if table.as_of is not None]
        return datetime.fromtimestamp(min(moments), UTC) if moments else None

    @property
    def held(self) -> pd.DataFrame:
        """Return what the lake holds.

        One row per table: `table`, `rows`, `files`, `megabytes`, `since` (of creation; missing if from the beginning),
        `as_of`, `complete`, `why` (not).
        """
        self._views.look()
        rows = [
            (
                name,
                table.rows,
                len(table.files),
                round(sum(self._manifest.path(file).stat().st_size for file in table.files) / 1e6, 3),
                table.since,
                table.as_of,
                not table.why_incomplete(),
                table.why_incomplete(),
            )
            for name, table in self._tables.items()
        ]
        columns = ["table", "rows", "files", "megabytes", "since", "as_of", "complete", "why"]
        frame = pd.DataFrame(rows, columns=columns)
        for name in ("since", "as_of"):
            frame[name] = pd.to_datetime(frame[name].astype("Int64"), unit="s", utc=True).astype("datetime64[us, UTC]")
        return frame

    def schema(self, table: str | None = None) -> pd.DataFrame:
        """Describe the tables of the lake, or the columns of one, as `Workspace.schema` does."""
        described = describe(table, self._manifest.privacy)
        return described if table else described[described["table"].isin(self._tables)].reset_index(drop=True)

    def sql(
        self,
        query: str,
        params: Parameters = None,
        *,
        frames: Mapping[str, pd.DataFrame] | None = None,
        timeout: float | None = None,
        max_rows: int | None = None,
    ) -> Frame:
        """Run one SELECT over the lake, as `Workspace.sql` does over live rows; costs no request.

        The receipt says as of when the rows are, since when the lake has them, and what is missing in it. Raises
        BadQueryError, also for a table that the lake does not have; QueryTimeoutError, MemoryLimitError, BadLakeError.
        """
        return self._sql(QueryCall(query, params, frames or {}, timeout=timeout, max_rows=max_rows))

    def metric(
        self,
        name: str | None = None,
        /,
        by: str | Iterable[str] | None = None,
        period: str | None = None,
        since: Time | None = None,
        until: Time | None = None,
        definition: str | None = None,
        *,
        during: Time | None = None,
        compare: str | None = None,
        timezone: str | None = None,
        **filters: Any,
    ) -> Frame:
        """Compute a metric over the lake, as `Workspace.metric` does over live rows; costs no request.

        It is computed as of the lake's `as_of`, from which `since="28d"` counts back. If it begins before the lake
        does, the receipt says that it is not complete. Raises BadQueryError if the lake lacks a table that it reads.
        """
        call = MetricCall(name, by, period, since, until, definition, compare, filters, during, timezone)
        answer = measure(self, _Answering(self), call, max_requests=1, fresh="live")
        receipt = receipt_of(answer)
        begins = receipt.metric["since"] and datetime.fromisoformat(receipt.metric["since"])
        for table in call.metric.needs(call.metric.definition(definition)):
            known = self._tables.get(table)
            if begins and known and known.since is not None and begins.timestamp() < known.since:
                first = datetime.fromtimestamp(known.since, UTC)
                receipt.cut(f"the lake has no {table} from before {first:%Y-%m-%d %H:%M} UTC")
        return with_receipt(answer, receipt)

    def explain_metric(
        self,
        name: str | None = None,
        /,
        by: str | Iterable[str] | None = None,
        period: str | None = None,
        since: Time | None = None,
        until: Time | None = None,
        definition: str | None = None,
        *,
        during: Time | None = None,
        compare: str | None = None,
        timezone: str | None = None,
        **filters: Any,
    ) -> str:
        """Return the SQL of a metric, under its definition, for `sql`. Arguments are those of `metric`."""
        call = MetricCall(name, by, period, since, until, definition, compare, filters, during, timezone)
        return explain(self, _Answering(self), call)

    @property
    def identity(self) -> Identity:
        """Return the workspace that the lake is of."""
        return self._manifest.identity

    @property
    def privacy(self) -> Privacy:
        """Return how personal data is stored: "full", "masked" or "none"."""
        return self._manifest.privacy

    @property
    def now(self) -> datetime:
        """Return as of when metrics are computed."""
        self._views.look()
        return self.as_of or datetime.now(UTC).replace(microsecond=0)

    def _sql(self, call: QueryCall) -> Frame:
        call = call.checked()
        with self._lock, shallow_enough():
            self._views.look()
            try:
                return self._answer(call)
            except BadQueryError:
                if not self._views.look():
                    raise
                return self._answer(call)  # another program has replaced files meanwhile

    def _answer(self, call: QueryCall) -> Frame:
        own = OwnFrames(call.frames, table_names())
        reading = self._read(call, own)
        masking.without_personal(reading.needs, self.privacy)
        receipt = self._receipt({scan.table for scan in reading.needs.scans if scan.table in TABLES})
        with own.beside(self._views.database if reading.question.reads else self._plans.database) as cursor:
            running = Running(cursor, call.timeout, call.max_rows, [*table_names(), *own.names])
            try:
                return self._linked(running.answer(reading.question, call.parameters, receipt))
            except duckdb.OutOfMemoryException as error:
                raise MemoryLimitError(
                    f"This needs more memory than the lake's queries may use ({self._limit}), even with what they may "
                    "spill: ask for fewer rows or columns, or allow more, as in ik.open(folder, memory_limit='8GB')."
                ) from error

    def _read(self, call: QueryCall, own: OwnFrames) -> Reading:
        """Return a checked query; raise BadQueryError if it needs the definitions of attributes."""
        with own.beside(self._plans.database) as cursor, interrupted_after(call.timeout, cursor):
            reading = stopping.interruptible(
                lambda: self._plans.read(cursor, call.query, call.parameters, own), cursor.interrupt
            )
        if reading.undefined:
            raise BadQueryError(
                "attr is known to live queries only: write custom_attributes->>'plan', and attributes->>'Severity' "
                "of tickets, with a name of your own."
            )
        return reading

    def _receipt(self, names: set[str]) -> Receipt:
        """Return the receipt of a query over some tables; raise BadQueryError for those that the lake does not have."""
        if lacking := sorted(names - set(self._tables)):
            raise BadQueryError(
                f"This lake has no {', '.join(lacking)}: export them, as in ws.export({str(self.folder)!r}, "
                f"tables={[*self._tables, *lacking]!r}). It has {', '.join(self._tables) or 'no tables yet'}."
            )
        receipt = Receipt("lake")
        for name in sorted(names):
            table = self._tables[name]
            receipt.at = min(receipt.at, datetime.fromtimestamp(table.as_of or 0, UTC))
            if why := table.why_incomplete():
                receipt.cut(f"{name}: {why}")
            if table.since is not None:
                since = datetime.fromtimestamp(table.since, UTC)
                receipt.notes.append(f"only {name} created since {since:%Y-%m-%d %H:%M} UTC are in the lake")
        if silent := [name for name in sorted(names) if TABLES[name].search and not TABLES[name].deletions]:
            receipt.notes.append(
                f"an update does not reveal which {' and '.join(silent)} were deleted since the export"
            )
        receipt.notes += masking.notes(self._manifest.privacy)
        return receipt

    def _linked(self, frame: Frame) -> Frame:
        receipt = receipt_of(frame)
        receipt.links = app_links.prefixes(self._manifest.identity)
        return with_receipt(frame, receipt)

    def delete(self, *, sure: bool = False) -> None:
        """Delete the lake's files from the disk, after asking whether you are sure, unless `sure` says so already.

        Raises BadLakeError if nobody can be asked.
        """
        if not sure:
            try:
                answer = input(f"Delete the lake in {str(self.folder)!r}, {len(self._tables)} tables? [y/N] ")
            except (EOFError, OSError, RuntimeError) as error:
                raise BadLakeError("Nobody can be asked here: lake.delete(sure=True) deletes it.") from error
            if answer.strip().lower() not in ("y", "yes"):
                return
        self.close()
        manifest.delete(self._manifest)


def open_lake(folder: str | Path, *, memory_limit: str = "2GB") -> Lake:
    """Open a lake that `Workspace.export` wrote; costs no request, and needs no token.

    `memory_limit` is what queries may take of memory; beyond that they use the disk. Raises BadLakeError where the
    folder holds no lake.
    """
    return Lake(folder, memory_limit)


@dataclass
class _Answering:
    """The queries of a lake, as metrics ask them."""

    lake: Lake

    def sql(self, call: QueryCall) -> Frame:
        """Return the result of a query over the lake."""
        return self.lake._sql(call)
