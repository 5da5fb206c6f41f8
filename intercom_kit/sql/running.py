"""Execution of a checked query on the rows in memory, within limits of time and memory."""

import math
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import duckdb

from intercom_kit.concurrency import stopping
from intercom_kit.errors import BadQueryError, BadRequestError, IntercomError, QueryTimeoutError
from intercom_kit.frames.frame import Frame, distinct_names, result_frame, with_receipt
from intercom_kit.frames.receipt import Receipt
from intercom_kit.sql.attributes.column import Attributes
from intercom_kit.sql.guard import Question
from intercom_kit.sql.mistakes import translated
from intercom_kit.sql.pivot import Pivot
from intercom_kit.sql.planner import Parameters
from intercom_kit.sql.quoting import identifier
from intercom_kit.values.plain import plain


class Running:
    """The execution of one query on its own cursor, within `timeout` seconds and `max_rows` rows; None is no limit.

    `spent` seconds of the timeout are used up already. `attributes` are those that it reads.
    """

    def __init__(
        self,
        cursor: duckdb.DuckDBPyConnection,
        timeout: float | None,
        max_rows: int | None,
        names: list[str],
        spent: float = 0.0,
        attributes: Attributes | None = None,
    ) -> None:
        self._cursor = cursor
        self._attributes = attributes
        self._max_rows = max_rows
        self._timeout = timeout
        self._names = names
        self._until = math.inf if timeout is None else time.monotonic() + timeout - spent

    def answer(self, question: Question, parameters: Parameters, receipt: Receipt) -> Frame:
        """Return the result as a frame; raise QueryTimeoutError, BadQueryError or DuckDB's OutOfMemoryException."""
        try:
            return stopping.interruptible(lambda: self._answer(question, parameters, receipt), self._cursor.interrupt)
        except duckdb.InterruptException as error:
            raise QueryTimeoutError(
                f"The SQL itself ran longer than timeout={self._timeout:g} seconds: narrow what it reads or joins "
                "(EXPLAIN shows DuckDB's plan), or allow more. What was fetched for it is kept."
            ) from error
        except duckdb.OutOfMemoryException:
            raise  # the session, which knows the limit, translates it
        except duckdb.Error as error:
            raise translated(error, self._names) from error
        except IntercomError:
            raise
        except (ArithmeticError, LookupError, TypeError, ValueError) as error:
            raise BadQueryError(
                f"The query ran, but pandas cannot hold some of its values ({error}): cast these to text, as in "
                "value::varchar."
            ) from error

    def _answer(self, question: Question, parameters: Parameters, receipt: Receipt) -> Frame:
        if self._attributes:
            self._attributes.run_on(self._cursor)
        text = self._with_values(question.pivot) if question.pivot else question.text
        if self._attributes and self._attributes.hidden and question.text in question.needs:
            text = self._without_hidden(self._attributes, text, parameters)
        if self._max_rows is None or not (question.pivot or question.text in question.needs):
            return result_frame(self._distinct(text, parameters), receipt)
        bounded = f"select * from ({text}\n) as answer limit {self._max_rows + 1}"
        return self._cut(result_frame(self._distinct(bounded, parameters), receipt), receipt)

    def _cut(self, answer: Frame, receipt: Receipt) -> Frame:
        """Return at most `max_rows` rows; one more was read to see if there are more, which the receipt then says."""
        if self._max_rows is None or len(answer) <= self._max_rows:
            return answer
        receipt.cut(f"only the first {self._max_rows:,} rows of the answer: sum up or narrow it, or allow more")
        return with_receipt(answer.head(self._max_rows), receipt)

    def _distinct(self, text: str, parameters: Parameters) -> Any:
        """Run SQL, and return its result with duplicate column names numbered, since arrays are fetched by name."""
        result = self._executed(text, parameters)
        names = [str(column[0]) for column in result.description or []]
        if len({name.lower() for name in names}) == len(names):
            return result
        distinct = ", ".join('"' + name.replace('"', '""') + '"' for name in distinct_names(names))
        return self._executed(f"select * from ({text}) as answer({distinct})", parameters)

    def _without_hidden(self, attributes: Attributes, text: str, parameters: Parameters) -> str:
        """Return SQL whose result lacks the column of attributes, which was there for a `*` alone."""
        columns = f"select column_name, column_type from (describe {text})"
        described = self._executed(columns, parameters).fetchall()
        shown = attributes.shown(described)
        if len(shown) == len(described):
            return text
        names = [identifier(name) for name in distinct_names([name for name, _ in described])]
        return f"select {', '.join(names[place] for place in shown)} from ({text}\n) as answer({', '.join(names)})"

    def _with_values(self, pivot: Pivot) -> str:
        """Return the SQL of a PIVOT with its values, which are looked up first."""
        values = [[str(value) for (value,) in self._executed(each, None).fetchall()] for each in pivot.values()]
        if not all(values):
            raise BadQueryError(
                "PIVOT found no rows, so it has no columns to make: name them, as in ON state IN ('open', 'closed')."
            )
        return pivot.named(values)

    def _executed(self, text: str, parameters: Parameters) -> Any:
        if self._timeout is not None:
            left = max(1, math.ceil((self._until - time.monotonic()) * 1_000))
            self._cursor.execute(f"set max_execution_time = {left}")
        return self._cursor.execute(text, parameters or [])


def too_long(timeout: float | None) -> QueryTimeoutError:
    """Return the error for a query that exceeded its timeout, even before it began to run."""
    return QueryTimeoutError(
        f"The query took longer than timeout={timeout:g} seconds to be read, planned and run: simplify it, narrow what "
        "it reads or joins, or allow more. What was fetched for it is kept."
    )


@contextmanager
def interrupted_after(timeout: float | None, cursor: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Interrupt a cursor after `timeout` seconds; raise QueryTimeoutError if the `with` block took longer.

    DuckDB cannot be interrupted in every step of planning, so the block may take longer than the timeout.
    """
    if timeout is None:
        yield
        return
    began, timer = time.monotonic(), threading.Timer(timeout, cursor.interrupt)
    timer.daemon = True
    timer.start()
    try:
        yield
    except (duckdb.Error, BadQueryError):
        if time.monotonic() - began < timeout:
            raise
    finally:
        timer.cancel()
    if time.monotonic() - began >= timeout:
        raise too_long(timeout)


def checked_timeout(timeout: Any) -> float | None:
    """Return a timeout as a plain number, or None; raise BadRequestError for anything else."""
    if timeout is None:
        return None
    seconds = plain(timeout)
    if isinstance(seconds, int | float) and 0 < seconds < math.inf:
        return seconds
    raise BadRequestError(f"timeout={timeout!r} must be a number of seconds above 0, or None for no limit.")
