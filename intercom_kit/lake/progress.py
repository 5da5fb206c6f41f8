"""The progress of an export: requests sent and left, in all its steps."""

from intercom_kit.fetch.meter import Meter, QueryMeter


class ExportMeter(QueryMeter):
    """A count of what the steps of an export have fetched, out of the steps and requests that were planned."""

    def __init__(self) -> None:
        super().__init__()
        self.label = "export"
        self._planned_steps = self._planned_requests = 0
        self._ended_steps = self._ended_rows = self._ended_requests = 0

    def plan(self, steps: int, requests: int) -> None:
        """Set how many steps and requests are expected in all."""
        self._planned_steps, self._planned_requests = steps, requests

    def end(self, part: Meter) -> None:
        """Count a step as done."""
        self.parts.remove(part)
        self._ended_steps += 1
        self._ended_rows += part.rows
        self._ended_requests += part.requests

    def look(self) -> None:
        """Update the counts from the meters of the steps."""
        names = ", ".join(dict.fromkeys(part.label for part in self.parts))
        steps = self._ended_steps + len(self.parts)
        self.label = (
            f"{names}: step {self._ended_steps + 1:,} of {max(steps, self._planned_steps):,}" if names else "export"
        )
        self.rows = self._ended_rows + sum(part.rows for part in self.parts)
        self.requests = self.done = self._ended_requests + sum(part.requests for part in self.parts)
        self.total = max(self._planned_requests, self._ended_requests + sum(part.expected for part in self.parts))
