"""Groups, filters and weights from the caller's own frames, such as a table of accounts with their revenue."""

import re
from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from intercom_kit.errors import BadMetricError, BadRequestError
from intercom_kit.metrics.sql import SQL, sql
from intercom_kit.metrics.subjects import Join, Subject
from intercom_kit.tables import Column, Kind, Table

# The columns by which a frame's rows belong to companies or contacts, the first that it has, and what these compare.
LINKS = {
    "company_id": ("company", ("id", "company_id")),
    "company_name": ("company", ("name",)),
    "company": ("company", ("name",)),
    "contact_id": ("contact", ("id",)),
    "external_id": ("contact", ("external_id",)),
    "email": ("contact", ("email",)),
}
_OWNERS = {"company": "companies", "contact": "contacts"}

# A row of the frame for each company or contact that it belongs to, Intercom's own id first.
_LINKED = """
    select owner.id as linked_id, mine.*
    from {owners} as owner
    join {name} as mine on {matches}
    qualify row_number() over (partition by owner.id order by {best}) = 1
"""


def with_frames(subject: Subject, frames: Mapping[str, pd.DataFrame]) -> Subject:
    """Return a subject that can be grouped by `name.column` of frames, joined by company or contact.

    Raises BadRequestError for a frame that has none of the columns that link it, or the same key twice.
    """
    if not isinstance(frames, Mapping):
        raise BadRequestError('frames= takes your DataFrames by name: frames={"accounts": accounts}.')
    others = dict(subject.others)
    for name, frame in frames.items():
        if not isinstance(name, str) or not name.isidentifier() or name in (*subject.dimensions, *subject.others):
            raise BadRequestError(f"A frame cannot be called {name!r} here: choose a plain name of its own.")
        key = _key(subject, name, frame)
        member, unnest = subject.ids[LINKS[key][0]]
        linked = f"linked_{name}"
        join = Join(f"left join {linked} as {name} on {name}.linked_id = {member}", before=(linked, _linked(name, key)))
        others[name] = (_declared(name, key, frame), join, unnest)
    return replace(subject, others=others)


def require_other_names(frames: Mapping[str, pd.DataFrame], query: str) -> None:
    """Raise BadRequestError for a frame whose name a step of the query has, too, which would be read instead."""
    for name in frames:
        if re.search(rf"(?i)\b{name} as (?:(?:not )?materialized )?\(", query):
            raise BadRequestError(f"A frame cannot be called {name!r} here: a step of the metric has that name.")


def _key(subject: Subject, name: str, frame: pd.DataFrame) -> str:
    known = [key for key, (owner, _) in LINKS.items() if owner in subject.ids]
    if not known:
        raise BadMetricError(f"{subject.table.name} have no company and no contact: no frame can be joined to them.")
    key = next((key for key in known if key in frame), None)
    if key is None:
        raise BadRequestError(f"The frame {name!r} has no column that says whose its rows are: {', '.join(known)}.")
    twice = frame[key].dropna()
    if len(twice := twice[twice.duplicated()]):
        raise BadRequestError(
            f"The frame {name!r} has several rows for {key} {twice.iloc[0]!r}: its numbers would count more than once. "
            f"Sum them up first, as by groupby({key!r})."
        )
    return key


def _linked(name: str, key: str) -> SQL:
    owner, columns = LINKS[key]
    compared = [f"mine.{key} = owner.{column}" for column in columns]
    matches = compared[0] if len(columns) == 1 else f"mine.{key} in ({', '.join(f'owner.{each}' for each in columns)})"
    return sql(
        _LINKED, owners=SQL(_OWNERS[owner]), name=SQL(name), matches=SQL(matches), best=SQL(f"({compared[0]}) desc")
    )


def _declared(name: str, key: str, frame: pd.DataFrame) -> Table:
    """Return a frame as the declaration of a table; a column whose name is not plain cannot be named in a call."""
    plain = {str(column): dtype for column, dtype in frame.dtypes.items() if str(column).isidentifier()}
    columns = tuple(Column(column, _kind(dtype), "a column of yours") for column, dtype in plain.items())
    return Table(name=name, row="one row of yours", key=key, order=key, columns=columns)


def _kind(dtype: object) -> Kind:
    if pd.api.types.is_bool_dtype(dtype):  # type: ignore[arg-type]
        return Kind.BOOLEAN
    if pd.api.types.is_integer_dtype(dtype):  # type: ignore[arg-type]
        return Kind.INTEGER
    if pd.api.types.is_numeric_dtype(dtype):  # type: ignore[arg-type]
        return Kind.NUMBER
    return Kind.TIME if pd.api.types.is_datetime64_any_dtype(dtype) else Kind.TEXT  # type: ignore[arg-type]
