"""An export: a lake is begun or brought up to date, step by step, each of which is kept should the next one fail."""

import asyncio
import math
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from intercom_kit.concurrency.stopping import Stopped
from intercom_kit.errors import BadLakeError, BadRequestError
from intercom_kit.fetch.meter import bar, told
from intercom_kit.fetch.session import Session
from intercom_kit.frames.attributes import HOLDERS
from intercom_kit.hints import hint
from intercom_kit.lake import files, manifest, planning, topping_up
from intercom_kit.lake.agreement import pseudonyms, require_agreement
from intercom_kit.lake.keyed import KeyedTable, every, keyed
from intercom_kit.lake.manifest import Manifest, TopUp
from intercom_kit.lake.planning import Cost
from intercom_kit.lake.progress import ExportMeter
from intercom_kit.lake.steps import Step
from intercom_kit.lake.stores.store import Store
from intercom_kit.lake.writing import Writer
from intercom_kit.search.spans import Search, Span
from intercom_kit.tables import ATTRIBUTES, CARRIED_BY, CONVERSATION_PARTS, EVENTS, TABLES, Table

# UNCONFIRMED [activity-page]: after how long an entry is listed, so that an update reads the last day again.
OVERLAP = 86_400


@dataclass(frozen=True)
class ExportCall:
    """The arguments of an export: where to, which tables, since which second, in at most how many requests."""

    store: Store
    tables: list[Table]
    since: int | None
    max_requests: int


def chosen(tables: str | Iterable[str], *, parts: bool, events: bool) -> list[Table]:
    """Return the tables of an export, those first whose ids others need; raise BadRequestError for unknown names.

    "all" is every table that Intercom lists or searches as a whole, from the beginning. Tables whose rows have
    attributes come with the definitions of these.
    """
    names = [tables] if isinstance(tables, str) else list(tables)
    if "all" in names:
        names.remove("all")
        names += [name for name, table in TABLES.items() if not table.keys and not table.is_bounded]
    names += [CONVERSATION_PARTS.name] * parts + [EVENTS.name] * events
    names += [ATTRIBUTES.name] if HOLDERS.keys() & set(names) else []  # what `attr` in SQL needs
    for name in names:
        if name not in TABLES:
            raise BadRequestError(f"There is no table {name!r} to export: {hint(name, [*TABLES, 'all'])}")
    carriers = [CARRIED_BY[name].name for name in names if name in CARRIED_BY]
    wanted = [TABLES[name] for name in dict.fromkeys([*carriers, *names]) if name not in CARRIED_BY]
    for table in wanted:
        if table.keys and not any(every(key) in [other.name for other in wanted] for key in table.keys):
            needed = " or ".join(dict.fromkeys(filter(None, map(every, table.keys))))
            raise BadRequestError(f"{table.name} are fetched one {table.keys[0].noun} at a time: export {needed}, too.")
    return sorted(wanted, key=lambda table: bool(table.keys))


def export(session: Session, call: ExportCall) -> list[Path | str]:
    """Begin a lake, go on with it, or bring it up to date; return the paths or URLs of its files."""
    with ExitStack() as held:
        held.enter_context(call.store.locked())
        lake = _opened(session, call.store)
        files.swept(lake)
        meter = ExportMeter()
        look = held.enter_context(bar(meter, session.budget_left))
        writer = Writer(session, lake, meter, look)
        held.callback(writer.close)
        with _kept(lake):
            _Export(writer, call).run()
        written = sorted(file for table in lake.tables.values() for file in table.files)
        return [call.store.path(file) for file in (*written, manifest.NAME)]


@contextmanager
def _kept(lake: Manifest) -> Iterator[None]:
    """Add to an interruption what is kept."""
    try:
        yield
    except (KeyboardInterrupt, Stopped) as interrupt:
        rows = ", ".join(f"{table.rows:,} {name}" for name, table in lake.tables.items() if table.rows)
        interrupt.add_note(f"Kept in the lake: {rows or 'nothing yet'}. The same call goes on from there.")
        raise


def _opened(session: Session, store: Store) -> Manifest:
    """Return the manifest of a store, new if there is none; raise BadLakeError where the lake is another's."""
    if not manifest.is_lake(store):
        if others := store.others():
            raise BadLakeError(
                f"{store.name!r} holds other files, such as {others[0]!r}: name a new or empty folder for the lake."
            )
        lake = Manifest(store, session.identity, session.privacy, pseudonyms(session))
        lake.write()
        return lake
    lake = manifest.read(store)
    require_agreement(lake, session, "name another folder")
    return lake


class _Export:
    """One run of an export."""

    def __init__(self, writer: Writer, call: ExportCall) -> None:
        self.writer = writer
        self.session = writer.session
        self.lake = writer.manifest
        self.call = call
        self._sizes = call.store.sizes(TABLES)

    def run(self) -> None:
        """Plan what is left, ask for consent, and fetch it: what others need keys of first."""
        self._require_beginning()
        self.writer.run(self._plan([table for table in self.call.tables if planning.by_spans(table)]))
        costs, limit = list(self._costs()), self.session.transport.budget.limit
        planning.require_consent(costs, self.call.max_requests, limit)
        told(f"Exporting {planning.described(costs, limit)}.")
        self.writer.meter.plan(sum(cost.steps for cost in costs), sum(cost.requests for cost in costs))
        self.writer.take(step for table in self.call.tables if not table.keys for step in self._steps(table))
        for table in self.call.tables:
            if table.keys:
                self._keyed(table).fetch()

    def _require_beginning(self) -> None:
        """Raise BadRequestError for a list that Intercom gives only since a time, where none is known."""
        for table in self.call.tables:
            if table.is_bounded and self.call.since is None and self.lake.table(table.name).since is None:
                raise BadRequestError(
                    f"Intercom lists {table.name} only since a given time: say since when, as in ws.export(folder, "
                    f"{table.name!r}, since='365d'). Later calls go on from there without it."
                )

    async def _plan(self, tables: list[Table]) -> None:
        """Plan the first export of tables, and the updates of those that are complete."""
        await asyncio.gather(*(self._plan_one(table) for table in tables))
        self.lake.write()

    async def _plan_one(self, table: Table) -> None:
        known, since = self.lake.table(table.name), self.call.since
        now = int(self.session.transport.budget.clock.now())
        if known.as_of is None:
            search = Search((), Span(since, now))
            known.plan = await planning.planned(self.session, table, search)
            known.since, known.as_of = since, now
            return
        if since is not None and known.since is not None and since < known.since:
            raise BadLakeError(
                f"The lake's {table.name} begin later than since= asks for: export from then on into another folder."
            )
        if known.top_up is None and not known.left():
            changed = known.as_of - (OVERLAP if table.is_bounded else self.session.learning.lag(table))
            search = Search((), Span(known.since, now), changed_since=changed)
            if table.is_bounded:
                search = Search((), Span(max(changed, known.since or 0), now))
            known.missing = {
                step: why for step, why in known.missing.items() if not step.startswith(topping_up.CHANGED)
            }
            known.top_up = TopUp(changed, now, await planning.planned(self.session, table, search))

    def _costs(self) -> Iterator[Cost]:
        """Yield what is left to fetch; of lists only that there is at least a request for each."""
        for table in self.call.tables:
            known = self.lake.table(table.name)
            if planning.by_spans(table):
                left = known.left() if known.top_up is None else known.top_up.left()
                pages = sum(math.ceil(each.rows / planning.listing_of(table).per_page) for each in left)
                yield self._cost(table, sum(each.rows for each in left), pages, len(left), known.rows)
            elif table.keys:
                yield self._cost_of_keys(table)
            else:
                parts = len(table.listed_by) or 1
                yield self._cost(table, known.rows, parts, parts, known.rows)

    def _cost_of_keys(self, table: Table) -> Cost:
        keyed = self._keyed(table)
        keyed.begin_round()
        coming = keyed.parents.top_up.left() if keyed.parents.top_up else keyed.parents.left()
        keys = keyed.left() + sum(each.rows for each in coming)
        requests = math.ceil(keys / keyed.key.at_a_time)
        return self._cost(table, keys, requests, keyed.steps_of(keys), keyed.parents.rows if keyed.known.files else 0)

    def _cost(self, table: Table, rows: int, requests: int, steps: int, there: int) -> Cost:
        """Return a cost, with bytes like those of the rows, or keys, that are there."""
        size = sum(self._sizes.get(file, 0) for file in self.lake.table(table.name).files)
        return Cost(table.name, rows, requests, steps, planning.bytes_of(table, rows, there, size))

    def _keyed(self, table: Table) -> KeyedTable:
        return keyed(self.writer, table, [other.name for other in self.call.tables])

    def _steps(self, table: Table) -> Iterator[Step]:
        """Yield the steps that are left of a table that is fetched as a whole."""
        if not planning.by_spans(table):
            yield from self.writer.whole(table)
            return
        known = self.lake.table(table.name)
        for each in known.left():
            yield self.writer.span(table, each)
        if known.top_up is not None:
            yield from topping_up.steps(self.writer, table, known.top_up)
