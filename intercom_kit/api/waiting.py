"""How long a request may take, and what it waits for: nothing lasts longer than a workspace's `patience`."""

from intercom_kit.concurrency import names

# What is waited for from each step of a connection on, by the names that httpcore gives to these.
_STEPS = {
    "connect_tcp": "the connection to be accepted",
    "connect_unix_socket": "the connection to be accepted",
    "setup_socks5_connection": "the proxy to answer",
    "start_tls": "the encrypted connection to be agreed on (TLS)",
    "send_request_headers": "the request to be taken",
    "send_request_body": "the request to be taken",
    "receive_response_headers": "an answer to begin",
    "receive_response_body": "the rest of the answer",
}
_TO_THE_PROXY = ("send_request_headers", "receive_response_headers")

FREE_CONNECTION = "a connection to be free"
NEW_TOKEN = "a new token"  # noqa: S105
LEAST_SHARE, LEAST = 0.125, 0.5  # of its patience, and seconds, that a request should have for an answer


def share(left: float, patience: float, *, last: bool) -> float:
    """Return how many of the seconds left one attempt may take: half of them, so that another one can follow."""
    return left if last or left / 2 < max(LEAST, LEAST_SHARE * patience) else left / 2


class Waiting:
    """What one attempt waits for at this moment; httpcore tells it of every step.

    `host` is whose name is looked up, and `tunnel` tells that a proxy has to answer before the connection is encrypted.
    """

    def __init__(self, host: str, *, tunnel: bool = False) -> None:
        self.host = host
        self.tunnel = tunnel
        self._step = ""

    async def __call__(self, name: str, _: object) -> None:
        """Take note of a step, as in `http11.send_request_headers.started`."""
        *_, step, state = name.split(".")
        if state == "started" and step in _STEPS:
            self._step = step
            self.tunnel = self.tunnel and step != "start_tls"

    @property
    def what(self) -> str:
        """Say what is waited for."""
        if self._step == "connect_tcp" and names.is_looked_up(self.host):
            return f"the address of {self.host} (DNS)"
        if self.tunnel and self._step in _TO_THE_PROXY:
            return "the proxy to answer"
        return _STEPS.get(self._step, FREE_CONNECTION)
