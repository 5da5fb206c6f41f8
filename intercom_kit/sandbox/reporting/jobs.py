"""The jobs of the reporting export: pending for a few polls, then complete; five may be pending at once."""

from dataclasses import dataclass, field

MOST_PENDING = 5
POLLS = (1, 2, 3)  # of one job after another, until it is complete
# For which a job is not found right after it was enqueued, if that happens: UNCONFIRMED [report-job].
UNKNOWN_POLLS = 1


@dataclass
class Job:
    """One job, with its file; `polls` is how often it still answers that it is pending."""

    id: str
    data: bytes
    polls: float
    hidden: int = 0
    fails: bool = False

    @property
    def pending(self) -> bool:
        return self.polls > 0


@dataclass
class Jobs:
    """All jobs of a workspace; tests may make the next ones fail, stay pending, or have other data."""

    jobs: dict[str, Job] = field(default_factory=dict)
    fails: bool = False
    stays_pending: bool = False
    cut_at: int | None = None  # bytes of the file that are served

    @property
    def full(self) -> bool:
        return sum(job.pending for job in self.jobs.values()) >= MOST_PENDING

    def add(self, data: bytes, *, late: bool) -> Job:
        number = len(self.jobs)
        polls = float("inf") if self.stays_pending else POLLS[number % len(POLLS)]
        hidden = UNKNOWN_POLLS if late else 0
        job = Job(f"job{number + 1}", data[: self.cut_at], polls, hidden, self.fails)
        self.jobs[job.id] = job
        return job

    def poll(self, id_: str) -> Job | None:
        """Return a job as one more question about it finds it; None while it is not found."""
        job = self.jobs.get(id_)
        if job is None or job.hidden > 0:
            if job is not None:
                job.hidden -= 1
            return None
        job.polls -= job.pending
        return job
