"""Run a question on the rows that are here, within limits of time and memory."""

import math
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import duckdb

from intercom_kit.concurrency import stopping
from intercom_kit.errors import BadQueryError, BadRequestError, IntercomError, QueryTimeoutError
from intercom_kit.frames.frame import Frame, distinct_names, result_frame
from intercom_kit.frames.receipt import Receipt
from intercom_kit.sql.guard import Question
from intercom_kit.sql.mistakes import explained
from intercom_kit.sql.pivot import Pivot
from intercom_kit.sql.planner import Parameters
from intercom_kit.values.plain import plain


class Running:
    """A run of one question on a cursor of its own, for at most `timeout` seconds and rows; None is without end.

    Of the seconds some may be `spent` already.
    """

    def __init__(
        self,
        cursor: duckdb.DuckDBPyConnection,
        timeout: float | None,
        most_rows: int | None,
        names: list[str],
        spent: float = 0.0,
    ) -> None:
        self._cursor = cursor
        self._most_rows = most_rows
        self._timeout = timeout
        self._names = names
        self._until = math.inf if timeout is None else time.monotonic() + timeout - spent

    def answer(self, question: Question, parameters: Parameters, receipt: Receipt) -> Frame:
        """Give the result as a frame."""
        try:
            return stopping.interruptible(lambda: self._answer(question, parameters, receipt), self._cursor.interrupt)
        except duckdb.InterruptException as error:
            raise QueryTimeoutError(
                f"The SQL itself ran longer than timeout={self._timeout:g} seconds: narrow what it reads or joins "
                "(EXPLAIN shows how DuckDB goes about it), or allow more. What was fetched for it is kept."
            ) from error
        except duckdb.OutOfMemoryException:
            raise  # the session knows its limit
        except duckdb.Error as error:
            raise explained(error, self._names) from error
        except IntercomError:
            raise
        except (ArithmeticError, LookupError, TypeError, ValueError) as error:
            raise BadQueryError(
                f"The rows are here, but pandas cannot hold some of their values ({error}): cast these to text, as in "
                "value::varchar."
            ) from error

    def _answer(self, question: Question, parameters: Parameters, receipt: Receipt) -> Frame:
        text = self._with_values(question.pivot) if question.pivot else question.text
        if self._most_rows is None or not (question.pivot or question.text in question.needs):
            return result_frame(self._distinct(text, parameters), receipt)
        bounded = f"select * from ({text}\n) as answer limit {self._most_rows + 1}"
        return self._cut(result_frame(self._distinct(bounded, parameters), receipt), receipt)

    def _cut(self, answer: Frame, receipt: Receipt) -> Frame:
        """Take the row away that only shows that there are more, and declare it."""
        if self._most_rows is None or len(answer) <= self._most_rows:
            return answer
        receipt.cut(f"only the first {self._most_rows:,} rows of the answer: sum up or narrow it, or allow more")
        receipt.rows = self._most_rows
        answer = Frame(answer.head(self._most_rows))
        answer.attrs["intercom"] = receipt.as_dict()
        return answer

    def _distinct(self, text: str, parameters: Parameters) -> Any:
        """Run a text; arrays come by name, so columns of one name are told apart."""
        result = self._executed(text, parameters)
        names = [str(column[0]) for column in result.description or []]
        if len({name.lower() for name in names}) == len(names):
            return result
        different = ", ".join('"' + name.replace('"', '""') + '"' for name in distinct_names(names))
        return self._executed(f"select * from ({text}) as answer({different})", parameters)

    def _with_values(self, pivot: Pivot) -> str:
        """Look up the values of a PIVOT, and write it with these."""
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
    """Say that a query took longer than it may, also where it was not yet running."""
    return QueryTimeoutError(
        f"The query took longer than timeout={timeout:g} seconds to be read, planned and run: simplify it, narrow what "
        "it reads or joins, or allow more. What was fetched for it is kept."
    )


@contextmanager
def interrupted_after(timeout: float | None, cursor: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Interrupt what a cursor does after so many seconds; raise QueryTimeoutError where the block took longer.

    Not all that DuckDB does while it plans can be interrupted.
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
    """Return a timeout as a plain number; raise BadRequestError where it is none."""
    if timeout is None:
        return None
    seconds = plain(timeout)
    if isinstance(seconds, int | float) and 0 < seconds < math.inf:
        return seconds
    raise BadRequestError(f"timeout={timeout!r} must be a number of seconds above 0, or None for no limit.")
