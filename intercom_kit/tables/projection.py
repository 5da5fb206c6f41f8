"""SQL derived from a table's declaration: the DDL, and the statement that inserts rows from pages of JSON text.

DuckDB parses the pages itself; they never become Python objects. `from_json` silently turns a value of an unexpected
type into NULL, so scalars are read as text and cast afterwards, and a row in which something may not have fitted is
marked `odd`, for `misfits` to count.
"""

import json
import math
from typing import Literal

from intercom_kit.tables import structure
from intercom_kit.tables.columns import Column, Kind
from intercom_kit.tables.privacy import Privacy, protected
from intercom_kit.tables.structure import quoted
from intercom_kit.tables.table import Table

# The range of Python's `datetime`, in unix seconds: a frame with times beyond it could not be shown.
_FIRST, _LAST = -62_135_596_800, math.nextafter(253_402_300_800, 0)  # the years 1 to 9999
# The API mixes seconds and milliseconds. Intercom began in 2011, so its milliseconds are all larger than this, and the
# seconds of all years are smaller, even of sentinels such as 9999-12-31. Microseconds are beyond both.
_FIRST_MILLISECONDS = 1_290_000_000_000

# The kinds whose texts are cast, and may not fit.
_CAST = (Kind.TIME, Kind.INTEGER, Kind.NUMBER, Kind.BOOLEAN)


def ddl(table: Table, name: str, temporary: bool) -> str:
    """Return the statement that creates an empty table for the declaration, with the column `odd`."""
    columns = [f'"{column.name}" {column.kind.sql}' for column in table.columns]
    return f'create or replace {"temp " * temporary}table "{name}" ({", ".join([*columns, "odd BOOLEAN"])})'


def insert(table: Table, name: str, items: str, privacy: Privacy = "full", *, sifted: bool = False) -> str:
    """Return the statement that inserts the objects of `$pages` into a table; `$asked` are the pages' keys.

    `items` is the key that holds the objects in a page, as in `page_structure`; masked `privacy` needs `$key`.
    A list entry that is not an object, such as null, becomes a row or member without values, unless it is `sifted`
    out, which takes longer. Planning costs more than running here, so the query has three levels, in which each path,
    cast and test is written once, and columns of the same kind are cast together, as one list.
    """
    lists, alone = _lists(table), _alone(table)
    read = {column.name: structure.text(column, table if sifted else None) for column in table.columns}
    texts = [f'{read[column.name]} as "{column.name}"' for column in alone]
    texts += [f'[{", ".join(read[each] for each in names)}] as "{kind.value} texts"' for kind, names in lists.items()]
    values = [
        f'{protected(column, typed(column), privacy)} as "{column.name}", "{column.name}" as "{column.name} text"'
        for column in alone
    ]
    values += [f'{_typed_list(kind)} as "{kind.value} values", "{kind.value} texts"' for kind in lists]
    return (
        f'insert into "{name}" select {", ".join(_each(table, "values"))}, coalesce({_odd(table)}, true) '
        f"from (select {', '.join(values)}, hollow from (select {', '.join(texts)}, {_hollow(table)} as hollow "
        f"from ({_objects(table, items, sifted)})))"
    )


def _lists(table: Table) -> dict[Kind, list[str]]:
    """Return the names of the columns that are cast together, by kind; a text may not fit each of these kinds."""
    lists: dict[Kind, list[str]] = {}
    for column in table.columns:
        if column.kind in _CAST and not (column.personal or column.renamed or column.body):
            lists.setdefault(column.kind, []).append(column.name)
    return lists


def _alone(table: Table) -> list[Column]:
    """Return the columns that are not cast together with others."""
    together = {name for names in _lists(table).values() for name in names}
    return [column for column in table.columns if column.name not in together]


def _each(table: Table, stage: Literal["texts", "values"]) -> list[str]:
    """Return the expressions for the columns' texts or values, in order."""
    found = {
        name: f'"{kind.value} {stage}"[{place}]'
        for kind, names in _lists(table).items()
        for place, name in enumerate(names, 1)
    }
    end = " text" if stage == "texts" else ""
    return [found.get(column.name, f'"{column.name}{end}"') for column in table.columns]


def _objects(table: Table, items: str, sifted: bool) -> str:
    """Return the query for each object of the pages as `item`, with its `page` and the key it was `asked` by."""
    parsed = json.dumps(structure.page_structure(table, items))
    texts = "select unnest($pages::varchar[]) as text, unnest($asked::varchar[]) as asked"
    pages = f"select asked, text, from_json(text, '{parsed}') as page from ({texts})"
    if not items:
        return f"select asked, page, page as item from ({pages})"
    keys = items.split(".")
    members = f"asked, page, unnest(page.{quoted(keys)}) as item"
    if not sifted:
        return f"select {members} from ({pages})"
    kinds = f"unnest(json_type(text, '{structure.json_path(keys)}[*]')) as kind"
    return f"select * from (select {members}, {kinds} from ({pages})) where kind = 'OBJECT'"


def typed(column: Column) -> str:
    """Return the expression that casts a text column to its declared type; NULL where the text does not fit."""
    text = f'"{column.name}"'
    if column.body:
        return f"nullif({text}, '')"
    if column.renamed:
        cases = " ".join(f"when '{old}' then '{new}'" for old, new in column.renamed.items())
        text = f"case {text} {cases} else {text} end"
    match column.kind:
        case Kind.ID:
            return f"nullif({text}, '0')"
        case Kind.INTEGER | Kind.NUMBER | Kind.BOOLEAN:
            return f"try_cast({text} as {column.kind.sql})"
        case Kind.TIME:
            return _instant(text)
        case _:
            return text


def _typed_list(kind: Kind) -> str:
    """Return the expression that casts the list of the texts of a kind, with NULL for each that does not fit."""
    texts = f'"{kind.value} texts"'
    if kind is Kind.TIME:
        return f"list_transform({texts}, lambda text: {_instant('text')})"
    return f"try_cast({texts} as {kind.sql}[])"


def _instant(text: str) -> str:
    """Return the expression that reads unix seconds, unix milliseconds or ISO text as an instant."""
    number = f"try_cast({text} as double)"
    iso = f"if({text}[5] = '-', try_cast({text} as timestamptz), null)"  # DuckDB also reads years of six digits
    return (
        f"case when {number} between {_FIRST} and {_LAST} then to_timestamp({number}) "
        f"when {number} between {_FIRST_MILLISECONDS} and {_LAST * 1000} then to_timestamp({number} / 1000) "
        f"when epoch({iso}) between {_FIRST} and {_LAST} then {iso} end"
    )


def _odd(table: Table) -> str:
    """Return the condition under which something in a row may not fit its declaration."""
    # An entry that is not an object has no values at all; where there is a key, its absence is enough to see that.
    pairs = zip(table.columns, _each(table, "texts"), strict=True)
    empty = [f"{text} is null" for column, text in pairs if structure.in_item(column)]
    conditions = ["hollow", f'"{table.key}" is null' if table.key else " and ".join(empty)]
    for kind in _lists(table):
        texts, values = f'"{kind.value} texts"', f'"{kind.value} values"'
        conditions.append(f"list_count({texts}) <> list_count({values})")
        if kind is Kind.INTEGER:
            conditions.append(f"contains(array_to_string({texts}, ' '), '.')")
    for column in _alone(table):
        text, value = f'"{column.name} text"', f'"{column.name}"'
        if column.kind in _CAST:
            conditions.append(f"{text} is not null and {value} is null")
        elif column.kind is Kind.TEXTS:
            conditions.append(f"len({value}) <> list_count({value})")
    return " or ".join(f"coalesce({condition}, false)" for condition in conditions)


def _hollow(table: Table) -> str:
    """Return the condition under which an object or list in a row may be of another type.

    Where DuckDB expects an object, it reads any other value as an object whose members are all NULL; where it expects
    a list, as NULL. A real object may look like that too; `misfits` decides.
    """
    tests = []
    for path, kind in structure.containers(table).items():
        here = f"item.{quoted(list(path))}"
        outer = f"item.{quoted(list(path[:-1]))} is not null and " if len(path) > 1 else ""
        if kind == "ARRAY":
            tests.append(f"{outer}{here} is null")
        elif members := structure.scalars_in(table, path):
            tests.append(" and ".join([f"{here} is not null", *(f"{member} is null" for member in members)]))
    return " or ".join(f"({test})" for test in tests) or "false"
