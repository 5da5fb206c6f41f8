"""The messages between the parent and a worker: requests to read and to answer a query, and their responses."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from intercom_kit.frames.receipt import Receipt
from intercom_kit.sql.attributes.column import Attributes
from intercom_kit.sql.attributes.mentions import Defined
from intercom_kit.sql.guard import Question
from intercom_kit.sql.needs import Needs
from intercom_kit.sql.planner import Parameters
from intercom_kit.sql.plans import Reading


@dataclass(frozen=True)
class Ready:
    """The first message of a worker: it is ready, and uses so many bytes of memory without a query."""

    memory: int


@dataclass(frozen=True)
class Read:
    """A request to check a query, and to find out what it needs, with the attributes that are defined."""

    query: str
    parameters: Parameters
    defined: Defined | None = None


@dataclass(frozen=True)
class Understood:
    """The response to `Read`: the checked query, and what it needs; `works` is false if plans cannot be read."""

    reading: Reading
    works: bool


@dataclass(frozen=True)
class Rows:
    """A Parquet file with those columns of a table that a query reads."""

    table: str
    columns: tuple[str, ...]
    file: Path


@dataclass(frozen=True)
class Answer:
    """A request to run a query that was read, on these rows, within so many seconds; the receipt is theirs.

    `views` are the tables of a lake that it reads, each a SELECT over files, with paths relative to the lake's folder,
    and `read_by` are its scans of these, in whose rows the values of `attributes` are counted that do not fit.
    """

    question: Question
    parameters: Parameters
    rows: tuple[Rows, ...]
    max_rows: int | None
    receipt: Receipt
    attributes: Attributes | None = None
    seconds: float | None = None
    views: Mapping[str, str] = field(default_factory=dict)
    read_by: Needs | None = None


@dataclass(frozen=True)
class Failed:
    """The response to a request that failed."""

    error: Exception
