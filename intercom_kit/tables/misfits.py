"""Queries that count the values that do not fit their declared type, for pages with a row marked `odd`.

They inspect each value as JSON, which is exact but slow, so they run only over pages that hold something unexpected.
"""

from functools import cache

from intercom_kit.tables import structure
from intercom_kit.tables.columns import Column, Kind
from intercom_kit.tables.projection import typed
from intercom_kit.tables.structure import json_path
from intercom_kit.tables.table import Table

# List entries of a page that should be objects but are null, numbers or text.
NO_OBJECTS = "entries that are not objects"

# JSON leaves open which value of a duplicate key counts; the first one is taken.
TWICE = "duplicate keys"


def lists(table: Table) -> frozenset[str]:
    """Return the names of the counts that mean that lists hold unexpected members and have to be sifted."""
    return frozenset({NO_OBJECTS, *(column.name for column in table.columns if column.kind is Kind.TEXTS)})


@cache
def audit(table: Table, items: str) -> str:
    """Return the query that counts the misfits in `$pages`: one row, with a column per kind of misfit."""
    columns = [column for column in table.columns if structure.in_item(column)]
    scalars = [column for column in columns if structure.mark_of(column) is None]
    texts = "".join(f', {_text(column)} as "{column.name}"' for column in scalars)
    counts = {column.name: test for column in scalars if (test := _unfit(column))}
    counts |= {column.name: _members_unfit(column) for column in columns if column.kind is Kind.TEXTS}
    for path, kind in structure.containers(table).items():
        name, other = (
            ".".join(path),
            f"coalesce(json_type(item, '{json_path(path)}'), 'NULL') not in ('{kind}', 'NULL')",
        )
        counts[name] = f"{other} or {counts[name]}" if name in counts else other  # a list of ids is a column, too
    if table.key:
        counts[table.key] = f"{typed(table.column(table.key))} is null"
    counted = ", ".join(f"count_if(kind = 'OBJECT' and ({test})) as \"{name}\"" for name, test in counts.items())
    counted += f", count_if(kind <> 'OBJECT') as \"{NO_OBJECTS}\""
    return (
        f"select {counted.removeprefix(', ')} from (select item, json_type(item) as kind{texts} from ({_items(items)}))"
    )


@cache
def twice(table: Table, items: str) -> str:
    """Return the query that counts the duplicate keys in `$pages`.

    It inspects the page, its objects, and all objects in these that columns are read from.
    """
    keys = items.split(".") if items else []
    outer = [json_path(keys[:length]) for length in range(len(keys))]
    item = f"{json_path(keys)}[*]" if items else "$"
    inner = [
        f"{item}{json_path(path).removeprefix('$')}{'[*]' * (kind == 'ARRAY')}"
        for path, kind in structure.containers(table).items()
    ]
    paths = dict.fromkeys([*outer, item, *inner])
    found = " union all ".join(
        f"select {'unnest' * ('[*]' in path)}(json_keys(text, '{path}')) as keys from texts" for path in paths
    )
    return (
        "with texts as (select unnest($pages::varchar[]) as text) "
        f"select coalesce(sum(len(keys) - list_unique(keys)), 0)::bigint from ({found})"
    )


def objects(items: str) -> str:
    """Return the query for the text of each object in `$pages`."""
    return f"select item::varchar from ({_items(items)}) where json_type(item) = 'OBJECT'"


def _items(items: str) -> str:
    """Return the query for each object of the pages as JSON."""
    if not items:
        return "select unnest($pages::varchar[])::json as item"
    objects = f"json_extract(text, '{json_path(items.split('.'))}[*]')"
    return f"select unnest({objects}) as item from (select unnest($pages::varchar[]) as text)"


def _text(column: Column) -> str:
    """Return the expression that reads a column's text from JSON."""
    read = (f"item->>'{json_path(keys)}'" for keys in structure.spellings(column.keys, column.alias))
    return f"coalesce({', '.join(read)})"


def _unfit(column: Column) -> str:
    """Return the condition under which a scalar does not fit; empty if every text fits."""
    text = f'"{column.name}"'
    match column.kind:
        case Kind.INTEGER:
            whole = typed(column)
            return f"{text} is not null and ({whole} is null or try_cast({text} as double) <> {whole})"
        case Kind.NUMBER | Kind.BOOLEAN | Kind.TIME:
            return f"{text} is not null and {typed(column)} is null"
        case _:
            return ""


def _members_unfit(column: Column) -> str:
    """Return the condition under which a list has a member without the value that is read from it."""
    mark = column.steps.index("[]")
    whole, inner = json_path(column.steps[:mark]), column.steps[mark + 1 :]
    each = f"{whole}[*]" + json_path(inner).removeprefix("$")
    if not inner:
        return f"list_contains(json_type(item, '{each}'), 'NULL')"
    return f"json_array_length(item, '{whole}') <> list_count(json_extract_string(item, '{each}'))"
