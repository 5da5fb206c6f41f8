"""What is asked of processes apart: to read a query, then to answer it with the rows that it needs."""

from dataclasses import dataclass
from pathlib import Path

from intercom_kit.frames.receipt import Receipt
from intercom_kit.sql.guard import Question
from intercom_kit.sql.planner import Needs, Parameters


@dataclass(frozen=True)
class Ready:
    """What a process says first: that it can be asked, and how many bytes it takes without a query."""

    memory: int


@dataclass(frozen=True)
class Read:
    """The wish to have a query checked, and to know what it needs."""

    query: str
    parameters: Parameters


@dataclass(frozen=True)
class Understood:
    """A query that may be asked, and what it needs; `works` is false where plans read otherwise than expected."""

    question: Question
    needs: Needs
    works: bool


@dataclass(frozen=True)
class Rows:
    """A Parquet file with some columns of a table: those that a query reads."""

    table: str
    columns: tuple[str, ...]
    file: Path


@dataclass(frozen=True)
class Answer:
    """The wish to have a query answered that was read, with these rows; the receipt says how they came.

    `seconds` are left for that.
    """

    question: Question
    parameters: Parameters
    rows: tuple[Rows, ...]
    most_rows: int | None
    receipt: Receipt
    seconds: float | None = None


@dataclass(frozen=True)
class Failed:
    """What went wrong with a wish."""

    error: Exception
