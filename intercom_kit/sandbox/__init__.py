"""Stand in for Intercom's read API, over real HTTP on this machine.

    with serve(conversations=500) as sandbox:
        httpx.get(f"{sandbox.base_url}/contacts", headers={"Authorization": f"Bearer {sandbox.token}"})

It imports nothing from the rest of the package, so that it cannot agree with the client's mistakes.
"""

from intercom_kit.sandbox.loading import LoadError
from intercom_kit.sandbox.server import Sandbox, serve, serve_in_child

__all__ = ["LoadError", "Sandbox", "serve", "serve_in_child"]
