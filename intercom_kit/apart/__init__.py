"""Processes apart, in which queries that others wrote are checked, planned and run, within bounds that hold.

They hold nothing between two queries, so all workspaces of a program share them.
"""

import atexit

from intercom_kit.apart.exchange import Exchange
from intercom_kit.apart.memory import amount
from intercom_kit.apart.processes import Processes
from intercom_kit.concurrency.forking import in_child, keep_for_ever

_processes: dict[int, Processes] = {}
_exchange = Exchange()


def within(memory: str) -> Processes:
    """Give the processes within so much memory each; raise BadRequestError for what is no amount."""
    most = amount(memory)
    return _processes.setdefault(most, Processes(most, _exchange))


def shared() -> Exchange:
    """Give the folder through which rows come to them."""
    return _exchange


@atexit.register
def _end() -> None:
    """End them all, and delete what was exchanged."""
    for each in _processes.values():
        each.close()
    _exchange.close()


@in_child
def _begin_anew() -> None:
    """Leave the parent its processes and its folder."""
    global _exchange
    keep_for_ever(*_processes.values(), _exchange)
    _processes.clear()
    _exchange = Exchange()
