"""A local stand-in for Intercom's read API, served over real HTTP.

    with serve(conversations=500) as sandbox:
        httpx.get(f"{sandbox.base_url}/contacts", headers={"Authorization": f"Bearer {sandbox.token}"})

Where sources differ on what Intercom does, `serve(behaves=...)` selects the behaviour to serve, for example "measured";
behaviours.toml, in the folder above, lists all behaviours and their choices.

The sandbox imports nothing from the rest of the package, so that it cannot share the client's mistakes.
"""

from intercom_kit.sandbox.behaviours import UnknownBehaviourError
from intercom_kit.sandbox.contents.loading import LoadError
from intercom_kit.sandbox.server import Sandbox, serve, serve_in_child

__all__ = ["LoadError", "Sandbox", "UnknownBehaviourError", "serve", "serve_in_child"]
