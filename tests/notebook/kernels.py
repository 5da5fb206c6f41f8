"""A kernel of its own, as JupyterLab starts one, connected to the sandbox that the environment names."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager, start_new_kernel


@contextmanager
def kernel_running() -> Iterator[tuple[KernelManager, BlockingKernelClient]]:
    """Start a kernel with a workspace `ws` and the extension; end it afterwards."""
    manager, client = start_new_kernel(extra_arguments=["--log-level=ERROR"])
    try:
        begun = run_cell(client, "import intercom_kit as ik\nws = ik.connect()\n%load_ext intercom_kit")
        assert begun["status"] == "ok", begun
        yield manager, client
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def run_cell(client: BlockingKernelClient, cell: str) -> dict[str, Any]:
    """Run a cell to its end, also where one before it failed; return the kernel's reply."""
    reply: dict[str, Any] = client.execute(cell, reply=True, timeout=60, stop_on_error=False)["content"]
    return reply
