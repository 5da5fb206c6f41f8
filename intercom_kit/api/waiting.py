"""How long one attempt of a request may take, and what it is waiting for."""

from intercom_kit.concurrency import names

# What a request waits for in each step, by httpcore's names of the steps.
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
LEAST_SHARE, LEAST = 0.125, 0.5  # the shortest useful attempt: a share of the patience, and seconds


def share(left: float, patience: float, *, last: bool) -> float:
    """Return the seconds that one attempt may take: half of those left, so that a retry is possible."""
    return left if last or left / 2 < max(LEAST, LEAST_SHARE * patience) else left / 2


class Waiting:
    """A trace of what one attempt is waiting for; httpcore calls it at every step.

    `host` is the host name that is looked up; `tunnel` means that a proxy has to respond before TLS begins.
    """

    def __init__(self, host: str, *, tunnel: bool = False) -> None:
        self.host = host
        self.tunnel = tunnel
        self._step = ""

    async def __call__(self, name: str, _: object) -> None:
        """Record a step, such as `http11.send_request_headers.started`."""
        *_, step, state = name.split(".")
        if state == "started" and step in _STEPS:
            self._step = step
            self.tunnel = self.tunnel and step != "start_tls"

    @property
    def what(self) -> str:
        """Return what the attempt is waiting for, in words."""
        if self._step == "connect_tcp" and names.is_looked_up(self.host):
            return f"the address of {self.host} (DNS)"
        if self.tunnel and self._step in _TO_THE_PROXY:
            return "the proxy to answer"
        return _STEPS.get(self._step, FREE_CONNECTION)
