"""Point a program and the kernels it starts at a sandbox."""

import os

from intercom_kit.sandbox import Sandbox


def beside(sandbox: Sandbox) -> dict[str, str]:
    """Give this process's environment, with the sandbox in place of any workspace that it names.

    A region or a profile of the real workspace must not be left over: they would contradict the sandbox.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("INTERCOM_")}
    return {**kept, "INTERCOM_BASE_URL": sandbox.base_url, "INTERCOM_ACCESS_TOKEN": sandbox.token}
