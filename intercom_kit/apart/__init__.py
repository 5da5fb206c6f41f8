"""Worker processes in which queries from assistants are checked, planned and run, within enforced limits.

They keep no data between queries, so the workspaces of a program share them, unless one has workers of its own.
"""

import atexit

from intercom_kit.apart.exchange import Exchange
from intercom_kit.apart.processes import Processes
from intercom_kit.apart.workers import Workers
from intercom_kit.concurrency.forking import in_child, keep_for_ever

_workers = Workers()


def workers() -> Workers:
    """Return the workers that the workspaces of this program share."""
    return _workers


def within(memory: str) -> Processes:
    """Return the pool of shared workers with a memory limit each; raise BadRequestError if it is not an amount."""
    return _workers.within(memory)


def shared() -> Exchange:
    """Return the folder through which rows are passed to the shared workers."""
    return _workers.exchange


@atexit.register
def _end() -> None:
    """End all workers, and delete the folder."""
    _workers.close()


@in_child
def _begin_anew() -> None:
    """Start without workers in a forked child; those of the parent, and its folder, stay the parent's."""
    global _workers
    keep_for_ever(_workers)
    _workers = Workers()
