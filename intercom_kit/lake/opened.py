"""An opened lake: its tables for SQL, read from its files as far as a query needs them, within a limit of memory."""

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

import pandas as pd

from intercom_kit.api.identity import Identity
from intercom_kit.errors import BadLakeError
from intercom_kit.frames import app_links
from intercom_kit.frames.frame import Frame, receipt_of, with_receipt
from intercom_kit.frames.linked import with_urls
from intercom_kit.frames.receipt import LAKE, Receipt
from intercom_kit.lake import manifest
from intercom_kit.lake.engines.duckdb import DuckDB
from intercom_kit.lake.engines.engine import Asked, Engine
from intercom_kit.lake.manifest import LakeTable, Manifest
from intercom_kit.lake.receipts import receipt_for
from intercom_kit.lake.settled import settled
from intercom_kit.lake.stores import Where, store_at
from intercom_kit.lake.together.queries import Together
from intercom_kit.live.query import Queries
from intercom_kit.live.query_call import QueryCall
from intercom_kit.sql.own_frames import OwnFrames
from intercom_kit.sql.planner import Parameters
from intercom_kit.sql.prepared import table_names
from intercom_kit.sql.syntax import shallow_enough
from intercom_kit.tables import Table
from intercom_kit.tables.privacy import Privacy
from intercom_kit.values.times import Time
from intercom_kit.verbs.behind import behind
from intercom_kit.verbs.measuring import MetricCall, explain, measure
from intercom_kit.verbs.own_tables import own_frames_named

Read = Callable[[QueryCall, OwnFrames, Receipt], Asked]


class Lake:
    """A folder of Parquet with one workspace's tables, opened by `open()`, and read without asking Intercom.

    Queries run within `memory_limit`; what does not fit is spilled into a folder of its own, which is deleted at the
    end. If another program brings the lake up to date meanwhile, the next query sees that.
    """

    def __init__(self, engine: Engine) -> None:
        self.folder = engine.held.store.name
        self._engine = engine
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        tables = ", ".join(f"{table.rows:,} {name}" for name, table in self._tables.items())
        return f"<Lake of {self._manifest.identity.workspace!r} in {self.folder!r}: {tables or 'empty'}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the database, and delete what was spilled; the lake stays."""
        self._engine.close()

    @property
    def _manifest(self) -> Manifest:
        return self._engine.held.manifest

    @property
    def _tables(self) -> dict[str, LakeTable]:
        return self._manifest.exported

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
        return settled(lambda: self._held(manifest.read(self._engine.held.store)), lambda: True)

    def _held(self, lake: Manifest) -> pd.DataFrame:
        sizes = lake.store.sizes(lake.exported)
        rows = [
            (
                name,
                table.rows,
                len(table.files),
                round(sum(_size(sizes, file) for file in table.files) / 1e6, 3),
                table.since,
                table.as_of,
                not table.why_incomplete(),
                table.why_incomplete(),
            )
            for name, table in lake.exported.items()
        ]
        columns = ["table", "rows", "files", "megabytes", "since", "as_of", "complete", "why"]
        frame = pd.DataFrame(rows, columns=columns)
        for name in ("since", "as_of"):
            frame[name] = pd.to_datetime(frame[name].astype("Int64"), unit="s", utc=True).astype("datetime64[us, UTC]")
        return frame

    def schema(self, table: str | None = None) -> pd.DataFrame:
        """Describe the tables of the lake, or the columns of one, as `Workspace.schema` does."""
        with self._lock:
            self._engine.look()
            described = self._engine.schema(table)
        return described if table else described[described["table"].isin(self._tables)].reset_index(drop=True)

    def sql(
        self,
        query: str,
        params: Parameters = None,
        *,
        frames: Mapping[str, pd.DataFrame] | None = None,
        timeout: float | None = None,
        max_rows: int | None = None,
        apart: str | None = None,
    ) -> Frame:
        """Run one SELECT over the lake, as `Workspace.sql` does over live rows; costs no request.

        The receipt says as of when the rows are, since when the lake has them, and what is missing in it. With `apart`,
        an amount of memory, it runs in a separate process, as `Workspace.sql` describes: for SQL that you do not trust;
        that process reads the files of the lake, no others. Raises BadQueryError, also for a table that the lake does
        not have; QueryTimeoutError, MemoryLimitError, BadLakeError.
        """
        call = QueryCall(query, params, frames or {}, timeout=timeout, max_rows=max_rows, apart=apart)
        with own_frames_named():
            return self._sql(call, self._engine.read_own)

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
        frames: Mapping[str, pd.DataFrame] | None = None,
        weight: str | None = None,
        **filters: Any,
    ) -> Frame:
        """Compute a metric over the lake, as `Workspace.metric` does over live rows; costs no request.

        It is computed as of the lake's `as_of`, from which `since="28d"` counts back. If it begins before the lake
        does, the receipt says that it is not complete. Raises BadQueryError if the lake lacks a table that it reads.
        """
        call = MetricCall(
            name,
            by,
            period,
            since,
            until,
            definition,
            compare,
            filters,
            during,
            timezone,
            {} if frames is None else frames,
            weight,
        )
        answer = measure(self, _Answering(self), call, max_requests=1, fresh="live")
        receipt = receipt_of(answer)
        begins = receipt.metric["since"] and datetime.fromisoformat(receipt.metric["since"])
        for table in call.metric.needs(call.metric.definition(definition)):
            known = self._tables.get(table)
            if begins and known and known.since is not None and begins.timestamp() < known.since:
                first = datetime.fromtimestamp(known.since, UTC)
                receipt.cut(f"the lake has no {table} from before {first:%Y-%m-%d %H:%M} UTC")
        return with_receipt(answer, receipt)

    def behind(self, answer: pd.DataFrame | Any, row: int | None = None, *, count: str | None = None) -> Frame:
        """List the conversations or contacts behind one number of a metric over this lake, as `Workspace.behind` does.

        `answer` is a frame of `metric` and `row` the number of one of its rows; or `answer` is such a row, as
        `frame.iloc[3]`. If the lake was brought up to date after the metric was computed, a note says so, since the
        rows may be others then. Costs no request. Raises BadMetricError, also for an answer of a workspace.
        """
        own = _Answering(self)
        found = behind(own, own, answer, row, count, max_requests=1, name=LAKE)
        if datetime.fromisoformat(answer.attrs["intercom"]["metric"]["now"]) < self.now:
            receipt = receipt_of(found)
            receipt.notes.append("the lake was brought up to date since the number was computed, and may differ")
            return with_receipt(found, receipt)
        return found

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
        with self._lock:
            self._engine.look()
            return self.as_of or datetime.now(UTC).replace(microsecond=0)

    def beside(self, queries: Queries) -> Together:
        """Return the queries of a workspace over the lake's rows and those that Intercom has beyond them.

        Raises BadLakeError if the lake is closed, of another workspace, or in a form that the workspace cannot go on.
        """
        self._require_open()
        with self._lock:
            self._engine.look()
            return self._engine.beside(queries)

    def _require_open(self) -> None:
        if self._engine.held.is_closed:
            raise BadLakeError(f"The lake in {self.folder!r} is closed: open it again, by ik.open(folder).")

    def _sql(self, call: QueryCall, read: Read) -> Frame:
        self._require_open()
        call = call.checked()
        if call.apart is not None:
            return self._engine.apart(call, call.apart)
        with self._lock, shallow_enough():
            self._engine.look()
            return settled(lambda: self._answer(call, read), self._engine.look)

    def _answer(self, call: QueryCall, read: Read) -> Frame:
        own, cost = OwnFrames(call.frames, table_names()), Receipt("attributes")
        asked = read(call, own, cost)
        receipt = receipt_for(self._manifest, asked.tables, cost)
        receipt.notes += self._engine.notes()
        return self._engine.answer(asked, call, own, receipt)

    def delete(self, *, sure: bool = False) -> None:
        """Delete the lake's files from the disk, after asking whether you are sure, unless `sure` says so already.

        Raises BadLakeError if nobody can be asked.
        """
        if not sure:
            try:
                answer = input(f"Delete the lake in {self.folder!r}, {len(self._tables)} tables? [y/N] ")
            except (EOFError, OSError, RuntimeError) as error:
                raise BadLakeError("Nobody can be asked here: lake.delete(sure=True) deletes it.") from error
            if answer.strip().lower() not in ("y", "yes"):
                return
        self.close()
        manifest.delete(self._manifest)


def _size(sizes: Mapping[str, int], file: str) -> int:
    if file not in sizes:
        raise BadLakeError(f"The lake's file {file!r} is gone: export anew into another folder.")
    return sizes[file]


def open_lake(
    folder: Where,
    *,
    memory_limit: str = "2GB",
    engine: str = "duckdb",
    remote: str | None = None,
    session: Any = None,
    storage_options: Mapping[str, Any] | None = None,
) -> Lake:
    """Open a lake that `Workspace.export` wrote; costs no request to Intercom, and needs no token.

    `folder` is a folder, or the URL of a place in an object store, such as s3://bucket/lake, with the `storage_options`
    of its fsspec filesystem. `memory_limit` is what queries may take of memory; beyond that they use the disk. With
    `engine="spark"`, a cluster answers them: that of the Spark Connect server at `remote`, as "sc://host:15002", or of
    a `session` of Spark that you have, which stays as it is. Metrics are the same; `sql` takes Spark's SQL there.
    Raises BadLakeError where the folder holds no lake, the store cannot be reached, or no Spark answers within 10
    seconds.
    """
    store = store_at(folder, storage_options)
    if engine == "duckdb" and remote is session is None:
        return Lake(DuckDB(store, memory_limit))
    if engine != "spark" or (remote is None) is (session is None):
        raise BadLakeError(
            "engine= is 'duckdb', or 'spark' with either remote='sc://host:15002' or session=, a session of Spark."
        )
    try:
        from intercom_kit.lake.engines.spark import Spark
    except ImportError as error:
        raise BadLakeError(
            f"Spark's client is not installed here ({error}): pip install 'intercom_kit[spark]' brings it."
        ) from error
    return Lake(Spark(store, remote, session))


@dataclass
class _Answering:
    """The queries of a lake, as metrics ask them, and the links of their rows."""

    lake: Lake

    def sql(self, call: QueryCall) -> Frame:
        """Return the result of a query over the lake."""
        return self.lake._sql(call, self.lake._engine.read)

    def linked(self, frame: Frame, table: Table | None = None) -> Frame:
        """Add links into Intercom's app to a frame: the column `url`, and those that a notebook shows for ids."""
        opens, receipt = table.opens if table else "", receipt_of(frame)
        if opens:
            with_urls(frame, app_links.prefix(self.lake.identity, opens))
        receipt.links = app_links.prefixes(self.lake.identity, opens)
        return with_receipt(frame, receipt)
