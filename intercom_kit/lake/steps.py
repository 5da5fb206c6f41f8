"""The steps of an export: some are fetched side by side, and each is written in its turn."""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from intercom_kit.api.counting import counting
from intercom_kit.concurrency import stopping
from intercom_kit.concurrency.loop import Background
from intercom_kit.errors import IntercomError
from intercom_kit.fetch.gathering import Gathering, Work
from intercom_kit.fetch.session import Session
from intercom_kit.fetch.staging import Staging
from intercom_kit.lake.progress import ExportMeter
from intercom_kit.tables import Table

# Steps that are fetched while one is waited for or written. With none, connections lie idle at the beginning and end
# of each step; with more, memory holds more rows and a killed program loses more steps, and little time is won.
AHEAD = 1


@dataclass(frozen=True)
class Step:
    """Some rows of a table: the work that fetches them, and what writes them and notes that in the manifest.

    `refused` is called with the error where there will be no rows, and raises it unless others go on without them.
    """

    table: Table
    work: Work
    write: Callable[[Gathering], None]
    purpose: str = "export"
    refused: Callable[[IntercomError], None] | None = None


class Steps:
    """The running of steps: their rows come side by side, and are written one step after another, in their order.

    Only the caller's thread writes, so that the manifest always tells of whole steps.
    """

    def __init__(self, session: Session, staging: Staging, meter: ExportMeter, look: Callable[[], None]) -> None:
        self._session = session
        self._staging = staging
        self._meter = meter
        self._look = look
        self._coming: deque[_Coming] = deque()

    def run(self, steps: Iterable[Step]) -> None:
        """Run steps to their end; where one fails or is interrupted, those before it are kept, and no others."""
        try:
            for step in steps:
                self._begin(step)
                if len(self._coming) > AHEAD:
                    self._end_first()
            while self._coming:
                self._end_first()
        finally:
            while self._coming:
                self._coming.popleft().drop()

    def _begin(self, step: Step) -> None:
        meter = self._meter.part(step.table.name)
        gathering = self._session.gathering(step.table, step.purpose, meter, staging=self._staging)
        self._coming.append(_Coming(step, gathering, Background(_fetched(step, gathering))))
        with counting(gathering.sent):
            self._coming[-1].fetching.begin()

    def _end_first(self) -> None:
        """Wait until the first step's rows came, and write them."""
        first = self._coming[0]
        with self._session.translated_errors():
            try:
                first.fetching.result(self._look)
            except IntercomError as error:
                if first.step.refused is None:
                    raise
                first.step.refused(error)
            else:
                self._session.receipts.append(first.gathering.receipt)
                first.step.write(first.gathering)
        self._meter.end(first.gathering.meter)
        self._coming.popleft().drop()


@dataclass(frozen=True)
class _Coming:
    """A step whose rows are being fetched."""

    step: Step
    gathering: Gathering
    fetching: Background[None]

    def drop(self) -> None:
        """Stop fetching, and drop the rows."""
        self.fetching.cancel()
        stopping.to_the_end(self.gathering.landing.close)


async def _fetched(step: Step, gathering: Gathering) -> None:
    """Do the work of a step. A step that is dropped before this begins has no coroutine that nobody awaits."""
    await step.work(gathering)
