"""Worker processes in which queries from assistants are checked, planned and run, within enforced limits.

They keep no data between queries, so all workspaces of a program share them.
"""

import atexit

from intercom_kit.apart.exchange import Exchange
from intercom_kit.apart.memory import amount
from intercom_kit.apart.processes import Processes
from intercom_kit.concurrency.forking import in_child, keep_for_ever

_processes: dict[int, Processes] = {}
_exchange = Exchange()


def within(memory: str) -> Processes:
    """Return the pool of worker processes with a memory limit each; raise BadRequestError if it is not an amount."""
    limit = amount(memory)
    return _processes.setdefault(limit, Processes(limit, _exchange.folder))


def shared() -> Exchange:
    """Return the folder through which rows are passed to the workers."""
    return _exchange


@atexit.register
def _end() -> None:
    """End all workers, and delete the folder."""
    for each in _processes.values():
        each.close()
    _exchange.close()


@in_child
def _begin_anew() -> None:
    """Start without workers in a forked child; those of the parent, and its folder, stay the parent's."""
    global _exchange
    keep_for_ever(*_processes.values(), _exchange)
    _processes.clear()
    _exchange = Exchange()
