"""Queries over a lake that others wrote: each runs in a separate process, which reads no files but the lake's."""

from intercom_kit.apart.memory import amount
from intercom_kit.apart.process import Allowance
from intercom_kit.apart.processes import Processes
from intercom_kit.apart.requests import Answer, Read
from intercom_kit.errors import BadLakeError
from intercom_kit.frames.frame import Frame
from intercom_kit.frames.receipt import Receipt
from intercom_kit.lake import manifest
from intercom_kit.lake.defined import for_query
from intercom_kit.lake.manifest import Manifest
from intercom_kit.lake.receipts import receipt_for
from intercom_kit.lake.settled import settled
from intercom_kit.lake.stores.local import LocalStore
from intercom_kit.lake.views import Views, select_of
from intercom_kit.live import masking
from intercom_kit.live.query_call import QueryCall
from intercom_kit.tables import TABLES

PATIENCE = 120.0  # seconds that a query waits until fewer others run


class Separate:
    """The processes of one lake, by the memory that each may take; what they spill is deleted with them."""

    def __init__(self, views: Views) -> None:
        self._views = views
        self._processes: dict[int, Processes] = {}

    def within(self, memory: str) -> Processes:
        """Return the processes with a memory limit each; raise BadRequestError if it is not an amount.

        Raises BadLakeError where the lake is in an object store, of which such processes know nothing.
        """
        limit, store = amount(memory), self._views.store
        if not isinstance(store, LocalStore):
            raise BadLakeError(
                f"Queries run apart over a lake in a local folder alone, not over {store.name!r}: leave apart= out, or "
                "copy the lake into a folder."
            )
        folder = store.folder.resolve()
        return self._processes.setdefault(limit, Processes(limit, lambda: folder, self._views.spill))

    def close(self) -> None:
        """End the processes."""
        for each in self._processes.values():
            each.close()

    def answer(self, call: QueryCall, memory: str) -> Frame:
        """Return the result of a query over the files that the manifest names now; it waits for no other query."""
        allowance, held = Allowance(call.timeout), manifest.read(self._views.store)

        def changed() -> bool:
            nonlocal held
            before, held = held, manifest.read(self._views.store)
            return held != before

        return settled(lambda: self._answer(call, self.within(memory), held, allowance), changed)

    def _answer(self, call: QueryCall, processes: Processes, held: Manifest, allowance: Allowance) -> Frame:
        with processes.one(PATIENCE) as process:
            cost = Receipt("attributes")
            understood = process.read(Read(call.query, call.parameters), allowance)
            if undefined := understood.reading.undefined:
                with self._views.database.cursor() as cursor:
                    defined = for_query(held, cursor, undefined, cost)
                understood = process.read(Read(call.query, call.parameters, defined), allowance)
            reading = understood.reading
            needs = masking.without_personal(reading.needs, held.privacy)
            names = {scan.table for scan in needs.scans if scan.table in TABLES}
            receipt = receipt_for(held, names, cost)
            # Without plans, a view that the query reads does not show which tables it stands for.
            read = names if understood.works else held.exported
            views = {name: select_of(held, TABLES[name], relative=True) for name in read}
            request = Answer(
                reading.question,
                call.parameters,
                (),
                call.max_rows,
                receipt,
                attributes=reading.attributes,
                views=views,
                read_by=needs,
            )
            return process.answer(request, allowance)
