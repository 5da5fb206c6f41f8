"""What one tenant may use, so that the others are served as well."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """The limits of each tenant, and how many tenants have an open session.

    Calls and queries are counted at a time; what is beyond `calls` is refused, what is beyond `queries` waits. `memory`
    is for the rows of a session, and `results` and `bytes_of_results` for results that are kept for further pages: the
    least recently used ones are dropped. After `idle` seconds without a call, a session ends and forgets everything.
    """

    calls: int = 8
    calls_per_minute: int = 240
    queries: int = 2
    memory: str = "500MB"
    results: int = 30
    bytes_of_results: int = 200_000_000
    sessions: int = 50
    idle: float = 1_800.0
    clients: int = 200

    @property
    def requests(self) -> int:
        """Return how many requests may be open at a time: a client of the older protocol keeps one open to listen."""
        return 2 * self.clients

    @property
    def requests_per_minute(self) -> int:
        """Return how many requests of any kind may begin within a minute."""
        return 5 * self.calls_per_minute
