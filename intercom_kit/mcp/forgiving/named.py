"""Teams, teammates, tags, segments, people and companies given by a name or address where Intercom takes an id."""

import contextlib
import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from mcp.server.mcpserver.exceptions import ToolError

from intercom_kit.errors import IntercomError, NotFoundError
from intercom_kit.hints import hint
from intercom_kit.tables import Table

if TYPE_CHECKING:
    import pandas as pd

    from intercom_kit.workspace import Workspace

_ID = re.compile(r"\d+|[0-9a-f]{24}")
_INTERCOM_ID = re.compile("[0-9a-f]{24}")
# The lists that name the ids of filters whose column does not say that.
_LISTED = {"tag_id": ("tags",), "tag_ids": ("tags",), "segment_id": ("segments",)}
_PEOPLE = frozenset({"contact_id", "contact_ids"})
_ALL_NAMED = 12


def by_ids(ws: "Workspace", table: Table, filters: Mapping[str, Any]) -> dict[str, Any]:
    """Return filters with ids in place of names, which costs a request for each list of names.

    Raises ToolError for a name that nothing has.
    """
    from intercom_kit.search.filters import compared

    found = dict(filters)
    for name, value in filters.items():
        column = compared(table, name)
        lists = _LISTED.get(name) or (column.names if column else ())
        if name in _PEOPLE or lists:
            several = value if isinstance(value, list) else [value]
            ids = [id for each in several for id in (_person(ws, each) if name in _PEOPLE else ids_of(ws, lists, each))]
            found[name] = ids if isinstance(value, list) or len(ids) != 1 else ids[0]
    return found


def ids_of(ws: "Workspace", lists: tuple[str, ...], named: Any) -> list[Any]:
    """Return the ids of what a list of teams, tags or the like has by this name, or address; an id itself."""
    if not isinstance(named, str) or _ID.fullmatch(named):
        return [named]
    known: list[str] = []
    for each in lists:
        listed: pd.DataFrame = getattr(ws, each)()
        columns = [name for name in ("name", "email") if name in listed]
        same = listed[columns].apply(lambda texts: texts.str.casefold() == named.strip().casefold()).any(axis=1)
        if same.any():
            return list(listed.loc[same, "id"])
        known += listed["name"].dropna().tolist()
    some = ", ".join(known[:_ALL_NAMED]) + " and others" * (len(known) > _ALL_NAMED)
    raise ToolError(f"There is no {lists[0].removesuffix('s')} {named!r}: {hint(named, known, f'there are {some}.')}")


def _person(ws: "Workspace", named: Any) -> list[Any]:
    if not isinstance(named, str) or _ID.fullmatch(named):
        return [named]
    return list(contact(ws, named)["id"])


def contact(ws: "Workspace", text: str) -> "pd.DataFrame":
    """Return the contact of an email address, an id of the user's own app, or Intercom's id, whichever it is."""
    return first_found(lambda key: ws.contact(**key), _keys(text))


def called(ws: "Workspace", text: str) -> list[str]:
    """Return a sentence for each team, tag and company that is called as a text that no conversation has."""
    said = []
    for noun in ("team", "tag"):
        names = getattr(ws, f"{noun}s")()["name"].dropna()
        if len(same := names[names.str.casefold() == text.strip().casefold()]):
            said.append(f"There is a {noun} {same.iloc[0]}: filters={{'{noun}': {same.iloc[0]!r}}} finds what it has")
    with contextlib.suppress(IntercomError):
        name = ws.company(name=text.strip())["name"].iloc[0]
        said.append(f"There is a company {name}: intercom_query finds its conversations by company_id")
    return said


def _keys(text: str) -> Iterator[dict[str, str]]:
    if "@" in text:
        yield {"email": text}
        if text != text.lower():
            yield {"email": text.lower()}
    if _INTERCOM_ID.fullmatch(text):
        yield {"id": text}
    yield {"external_id": text}


def company(ws: "Workspace", text: str) -> "pd.DataFrame":
    """Return the company of Intercom's id, an id of the user's own app, or its exact name, whichever it is."""
    keys = [{"id": text}] if _INTERCOM_ID.fullmatch(text) else []
    return first_found(lambda key: ws.company(**key), iter([*keys, {"company_id": text}, {"name": text}]))


def first_found(find: "Callable[[dict[str, str]], pd.DataFrame]", keys: Iterator[dict[str, str]]) -> "pd.DataFrame":
    """Return what the first key finds; raise the NotFoundError of the last if none does."""
    failure: NotFoundError | None = None
    for key in keys:
        try:
            return find(key)
        except NotFoundError as error:
            failure = error
    assert failure is not None  # noqa: S101 - there is a key
    raise failure
