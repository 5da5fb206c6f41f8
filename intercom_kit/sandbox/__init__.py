"""Stand in for Intercom's read API, over real HTTP on this machine.

    with serve(conversations=500) as sandbox:
        httpx.get(f"{sandbox.base_url}/contacts", headers={"Authorization": f"Bearer {sandbox.token}"})

Where sources differ on what Intercom does, `serve(behaves="measured")` and the like say which of it is served; the file
behaviours.toml beside this package lists what there is.

It imports nothing from the rest of the package, so that it cannot agree with the client's mistakes.
"""

from intercom_kit.sandbox.behaviours import UnknownBehaviourError
from intercom_kit.sandbox.contents.loading import LoadError
from intercom_kit.sandbox.server import Sandbox, serve, serve_in_child

__all__ = ["LoadError", "Sandbox", "UnknownBehaviourError", "serve", "serve_in_child"]
