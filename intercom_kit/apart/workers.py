"""The worker processes of one owner: their pools by memory limit, and the folder through which they get rows."""

from intercom_kit.apart.exchange import Exchange
from intercom_kit.apart.memory import amount
from intercom_kit.apart.processes import AT_A_TIME, Processes


class Workers:
    """Worker processes that nobody else uses, started when they are needed; `at_a_time` of them work at a time."""

    def __init__(self, at_a_time: int = AT_A_TIME) -> None:
        self.exchange = Exchange()
        self._at_a_time = at_a_time
        self._pools: dict[int, Processes] = {}

    def within(self, memory: str) -> Processes:
        """Return the processes with a memory limit each; raise BadRequestError if it is not an amount."""
        limit = amount(memory)
        return self._pools.setdefault(limit, Processes(limit, self.exchange.folder, at_a_time=self._at_a_time))

    def close(self) -> None:
        """End the processes, and delete the folder."""
        for each in list(self._pools.values()):
            each.close()
        self.exchange.close()
