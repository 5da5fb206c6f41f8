"""From a table's declaration to SQL: the empty table, and the statement that fills it from pages of JSON text.

Pages are parsed by DuckDB itself and never become Python objects. `from_json` turns a value of an unexpected type into
NULL without a word; so scalars are read as text and cast afterwards, and a row in which something did not fit is
marked `odd` for `misfits` to count.
"""

import json
import math

from intercom_kit.tables import structure
from intercom_kit.tables.columns import Column, Kind
from intercom_kit.tables.privacy import Privacy, protected
from intercom_kit.tables.structure import quoted
from intercom_kit.tables.table import Table

# The instants that Python's own times hold, in unix seconds: a frame could not be shown beyond.
_FIRST, _LAST = -62_135_596_800, math.nextafter(253_402_300_800, 0)  # the years 1 to 9999
# The API mixes seconds and milliseconds. Intercom began in 2011, so nothing that it says in milliseconds is less than
# this; the seconds of all years are, those of sentinels such as 9999-12-31 too. Microseconds are beyond both.
_FIRST_MILLISECONDS = 1_290_000_000_000


def ddl(table: Table, name: str, temporary: bool) -> str:
    """Write the statement that creates an empty table for the declaration, with a column for what is odd."""
    columns = [f'"{column.name}" {column.kind.sql}' for column in table.columns]
    return f'create or replace {"temp " * temporary}table "{name}" ({", ".join([*columns, "odd BOOLEAN"])})'


def insert(table: Table, name: str, items: str, privacy: Privacy = "full", *, sifted: bool = False) -> str:
    """Write the statement that adds the objects of `$pages`, each `$asked` for by a key, to a table.

    `items` is the key that holds the objects in a page, as in `page_structure`; with masked `privacy` it takes `$key`.
    What stands in a list where an object belongs, such as null, becomes a row or a member without values, unless it is
    `sifted` out, which takes longer.
    Planning costs more than running here, hence three levels: each path, each cast and each test is written once.
    """
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    read = {column.name: structure.text(column, table if sifted else None) for column in table.columns}
    texts = ", ".join(f'{text} as "{column}"' for column, text in read.items())
    values = ", ".join(
        f'{protected(column, typed(column), privacy)} as "{column.name}", "{column.name}" as "{column.name} text"'
        for column in table.columns
    )
    return (
        f'insert into "{name}" select {names}, coalesce({_odd(table)}, true) '
        f"from (select {values}, hollow from (select {texts}, {_hollow(table)} as hollow "
        f"from ({_objects(table, items, sifted)})))"
    )


def _objects(table: Table, items: str, sifted: bool) -> str:
    """Write the query that gives each object of the pages as `item`, with its `page` and the key it was `asked` by."""
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
    """Write the expression that gives a text column its declared type; NULL where the text does not fit."""
    text = f'"{column.name}"'
    if column.body:
        return f"nullif({text}, '')"
    if column.renamed:
        cases = " ".join(f"when '{old}' then '{new}'" for old, new in column.renamed.items())
        return f"case {text} {cases} else {text} end"
    match column.kind:
        case Kind.ID:
            return f"nullif({text}, '0')"
        case Kind.INTEGER | Kind.NUMBER | Kind.BOOLEAN:
            return f"try_cast({text} as {column.kind.sql})"
        case Kind.TIME:
            return _instant(text)
        case _:
            return text


def _instant(text: str) -> str:
    """Write the expression that reads unix seconds, unix milliseconds or ISO text as an instant."""
    number = f"try_cast({text} as double)"
    iso = f"if({text}[5] = '-', try_cast({text} as timestamptz), null)"  # DuckDB also reads years of six digits
    return (
        f"case when {number} between {_FIRST} and {_LAST} then to_timestamp({number}) "
        f"when {number} between {_FIRST_MILLISECONDS} and {_LAST * 1000} then to_timestamp({number} / 1000) "
        f"when epoch({iso}) between {_FIRST} and {_LAST} then {iso} end"
    )


def _odd(table: Table) -> str:
    """Write the condition under which something in a row may not fit its declaration."""
    own = [column.name for column in table.columns if structure.in_item(column)]
    # Nothing of what has no key is there where what came is no object.
    nothing = [f'"{name} text" is null' for name in own]
    conditions = ["hollow", f'"{table.key}" is null' if table.key else " and ".join(nothing)]
    for column in table.columns:
        text, value = f'"{column.name} text"', f'"{column.name}"'
        match column.kind:
            case Kind.INTEGER:
                conditions.append(f"{text} is not null and ({value} is null or contains({text}, '.'))")
            case Kind.NUMBER | Kind.BOOLEAN | Kind.TIME:
                conditions.append(f"{text} is not null and {value} is null")
            case Kind.TEXTS:
                conditions.append(f"len({value}) <> list_count({value})")
    return " or ".join(f"coalesce({condition}, false)" for condition in conditions)


def _hollow(table: Table) -> str:
    """Write the condition under which an object or list in a row may be of another type.

    DuckDB reads an object that is none as one whose members are all NULL, and a list that is none as NULL. A true
    object may look like that too: only `misfits` looks closely.
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
