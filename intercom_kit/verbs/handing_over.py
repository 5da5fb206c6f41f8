"""What a workspace hands over to other tools: a workbook, a relation, a cursor."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from intercom_kit.frames.frame import Frame
from intercom_kit.sql.planner import Parameters
from intercom_kit.verbs.files import workbook
from intercom_kit.verbs.looking import Looking
from intercom_kit.verbs.own_tables import own_frames_named


class HandingOver(Looking):
    """A workspace with what hands its answers and cached rows over to other tools."""

    sql: Callable[..., Frame]

    def relation(self, query: str, params: Parameters = None, **options: Any) -> duckdb.DuckDBPyRelation:
        """Run one SELECT as `sql` does, and return its result as a relation of DuckDB, on the cursor `duckdb`.

        What is made of the relation, by `filter`, `join` or `aggregate`, runs when its rows are read, and asks Intercom
        for nothing more; relations of one workspace can be joined. `options` and costs are those of `sql`.
        """
        with own_frames_named():
            answer = self.sql(query, params, **options)
        return self._queries.related(answer)

    @property
    def duckdb(self) -> duckdb.DuckDBPyConnection:
        """Return a cursor on a copy of what the session has cached, for tools that bring their own SQL, such as ibis.

        It holds the tables of `schema()`, of which those that are cached have rows: what `held` lists. It reaches no
        file, no network and nothing of the session, and asks Intercom for nothing: `sql` and `relation` do. Each use of
        this property copies what changed since, so that the rows take memory twice. Costs no request.
        """
        return self._queries.copied()

    def to_excel(self, path: str | Path, *answers: pd.DataFrame, **named: pd.DataFrame) -> Path:
        """Write answers to one Excel file: a sheet for each, and one with their receipts; return its path.

        `named` answers give the names of their sheets: `ws.to_excel("week.xlsx", volume, csat=csat)`. Instants are
        local times of the workspace's timezone, which the receipts state. Costs one request if the timezone is not
        known yet. Raises BadRequestError without XlsxWriter, which `intercom_kit[excel]` brings, for more rows than a
        sheet has, and where nothing can be written.
        """
        return workbook(path, answers, named, self._session.timezone)
