"""SQL that is written to take time or memory without end: each by a size, in some two hundred forms."""

import itertools
from collections.abc import Iterator

Named = Iterator[tuple[str, str]]


def bombs() -> dict[str, str]:
    """Give the bombs by their names."""
    return dict(
        itertools.chain(_texts(), _searches(), _lists(), _plans(), _long_plans(), _joins(), _windows(), _long())
    )


def _texts() -> Named:
    """Make ever longer texts."""
    for size in (1, 7, 30, 900):
        doubled = f"select repeat('x', {size}) union all select s || s from t where length(s) < 8000000000"
        yield f"doubling from {size}", f"with recursive t(s) as ({doubled}) select max(length(s)) from t"
    for width in (999_999, 99_999_999, 999_999_999, 2_000_000_000):
        yield f"printf of {width}", f"select length(printf('%{width}d', 1))"
        yield f"printf of {width}, often", f"select sum(length(printf('%{width}d', i))) from range(100000) t(i)"
        yield f"format of {width}", f"select length(format('{{:{width}}}', 1))"
    for count in (10, 100, 1_000, 10_000):
        joined = " || ".join(["repeat(id, 900000)"] * count)
        yield f"{count} concatenations", f"select length({joined}) from conversations"
        replacing = ", 'x', repeat('x', 40))"
        yield f"replaced {count} times", f"select length({'replace(' * count}'x'{replacing * count})"
        texts = f"repeat(id, {count * 10})"
        yield f"text of {count} rows in one", f"select string_agg({texts}, '') from conversations, range({count})"
    for depth in (3, 5, 9, 15):
        nested = "'x'"
        for _ in range(depth):
            nested = f"array_to_string(list_transform(range(1000), lambda n: {nested}), '')"
        yield f"texts of lists in {depth}", f"select length({nested})"


def _searches() -> Named:
    """Compare and search long texts."""
    for size in (1_000, 20_000, 300_000, 999_999):
        texts = f"repeat('ab', {size // 2}), repeat('ba', {size // 2})"
        yield f"levenshtein of {size}", f"select levenshtein({texts})"
        yield f"damerau of {size}", f"select damerau_levenshtein({texts})"
        likeness = f"jaccard(repeat('ab', {size // 2}), id)"
        yield f"jaccard of {size}", f"select sum({likeness}) from conversations, range(1000)"
    for repeats in (100, 1_000, 30_000):
        pattern = f"'(a?){{{repeats}}}a{{{repeats}}}'"
        yield f"regular expression, {repeats}", f"select regexp_matches(repeat('a', 999999), {pattern})"
        text = f"repeat('a', {repeats * 30})"
        yield f"regular expression of groups, {repeats}", f"select regexp_extract_all({text}, '(((a|b)*)*)*c?')"


def _lists() -> Named:
    """Make ever longer lists, and lists of lists."""
    for size in (1_000_000, 50_000_000, 2_000_000_000):
        yield f"list of {size}", f"select len(list_resize([1], {size}, 7))"
        yield f"range of {size}", f"select len(range({size}))"
        yield f"unnested range of {size}", f"select max(hash(i)) from (select unnest(range({size})) as i)"
        yield f"aggregated list of {size}", f"select list(i) from range({size}) t(i)"
    for depth in (2, 3, 4, 6, 9, 40):
        nested = "1"
        for level in range(depth):
            nested = f"list_transform(range(1000), lambda x{level}: {nested})"
        yield f"lambdas in {depth}", f"select len({nested})"
        flattened = "flatten([" * depth + "range(999999)" + ", range(999999)])" * depth
        yield f"flattened {depth} times", f"select len({flattened})"
    for count in (100, 1_000, 50_000):
        each = f"select list(id) as l from conversations, range({count}) t(i) group by i"
        yield f"lists of {count} rows", f"select list(l) from ({each})"
        yield f"sorted lists of {count}", f"select list_sort(list_transform(range({count}), lambda i: range(i)))"
    for size in (100_000, 999_999):
        numbers = f"range({size})"
        pairs = f"list_filter({numbers}, lambda i: list_contains({numbers}, -i))"
        yield f"every pair of {size}", f"select len({pairs})"
        lists = f"list_transform({numbers}, lambda i: [i])"
        yield f"reduced {size}", f"select len(list_reduce({lists}, lambda a, b: a || b))"
        entries = f"list_transform({numbers}, lambda i: {{'k': i, 'v': range(1000)}})"
        yield f"map of {size}", f"select map_from_entries({entries})"
        wide = f"list_transform({numbers}, lambda i: range(1000))"
        yield f"written as JSON {size}", f"select length(to_json({wide})::varchar)"
    yield "histogram", "select histogram(hash(i)) from range(900000000) t(i)"
    yield "histogram of texts", "select histogram(i::varchar) from range(900000000) t(i)"


def _plans() -> Named:
    """Take long to be planned."""
    for count in (500, 5_000, 20_000):
        yield f"{count} unions", " union all ".join(["select id from conversations"] * count)
        yield f"{count} different unions", " union ".join(f"select {number}" for number in range(count))
    for count in (50, 150, 300):
        joined = " ".join(f"join conversations c{number} using (id)" for number in range(count))
        yield f"{count} joins", f"select count(*) from conversations {joined}"
        yield f"{count} crossed", f"select count(*) from {', '.join(f'teams c{number}' for number in range(count))}"
        tables = [f"t{each + 1} as (select a.n + b.n as n from t{each} a, t{each} b)" for each in range(count)]
        yield f"{count} tables in WITH", f"with {', '.join(['t0 as (select 1 as n)', *tables])} select * from t{count}"
    for count in (12, 16, 20, 40):
        columns = ", ".join(f"i % {number + 2} as g{number}" for number in range(count))
        names = ", ".join(f"g{number}" for number in range(count))
        rows = f"select {columns} from range(100000) t(i)"
        yield f"cube of {count}", f"select count(*) from ({rows}) group by cube ({names})"
    yield "pivot of many", "pivot (select i, i % 90000 as k from range(3000000) t(i)) on k using sum(i)"


def _long_plans() -> Named:
    """Nest deeply, and name much."""
    for depth in (20, 60, 120, 180, 240):
        yield f"{depth} selects in each other", "select * from (" * depth + "select * from conversations" + ")" * depth
        yield f"{depth} brackets", "select " + "(" * depth + "1" + ")" * depth
        cases = "case when id = '1' then 1 else " * depth
        yield f"{depth} cases", f"select {cases}0{' end' * depth} from conversations"
        yield f"{depth} exists", "select 1 where " + "exists (select 1 where " * depth + "true" + ")" * depth
    for count in (1_000, 10_000, 100_000):
        yield f"{count} terms", "select " + " + ".join(["1"] * count)
        conditions = " or ".join(f"id = '{each}'" for each in range(count))
        yield f"{count} conditions", f"select id from conversations where {conditions}"
        yield f"{count} columns", f"select {', '.join(['id'] * count)} from conversations"
        yield f"{count} rows of values", f"select count(*) from (values {', '.join(['(1)'] * count)}) t"


def _joins() -> Named:
    """Join, sort and group too much."""
    for size in (100_000, 10_000_000, 1_000_000_000):
        rows = f"from range({size}) t(i)"
        yield f"product of {size}", f"select count(*) from range({size}) a, range({size}) b"
        yield f"pairs of {size}", f"select count(*) from range({size}) a(i) join range({size}) b(j) on i % 7 < j % 7"
        yield f"sorted {size}", f"select i {rows} order by hash(i) desc, -i limit 3 offset 99999"
        yield f"groups of {size}", f"select count(*) from (select hash(i), count(*) {rows} group by 1)"
        yield f"different {size}", f"select count(distinct i::varchar || 'x') {rows}"
        yield f"median of {size}", f"select quantile_cont(hash(i), 0.5) {rows}"
    for joined in (2, 4, 8):
        tables = ", ".join(f"conversations c{number}" for number in range(joined))
        yield f"{joined} times all conversations", f"select count(*), max(c0.id || c1.id) from {tables}"
        yield f"{joined} times all, sorted", f"select c0.id from {tables} order by c1.id || c0.id limit 5"
    endless, wider = "select 1 union all select n + 1 from t", "select 1 union all select n + i from t, range(9) r(i)"
    yield "without end", f"with recursive t(n) as ({endless}) select count(*) from t"
    yield "wider without end", f"with recursive t(n) as ({wider}) select count(*) from t"


def _windows() -> Named:
    """Look at many rows for each row."""
    for size in (100_000, 10_000_000, 1_000_000_000):
        numbered = f"select row_number() over (order by hash(i)) as n from range({size}) t(i)"
        yield f"window of {size}", f"select max(n) from ({numbered})"
    for frame in (1_000, 30_000, 100_000, 1_000_000):
        over = f"over (order by i rows between {frame} preceding and {frame} following)"
        rows = f"{over} as m from range(1000000) t(i)"
        yield f"frames of {frame}", f"select sum(m) from (select mode(i % 9999) {rows})"
        yield f"lists in frames of {frame}", f"select max(len(m)) from (select list(i) {rows})"
        yield f"medians of frames of {frame}", f"select max(m) from (select median(hash(i)) {rows})"


def _long() -> Named:
    """Write very long texts."""
    for size in (100_000, 1_000_000, 5_000_000):
        yield f"constant of {size}", f"select length('{'x' * size}')"
        yield f"comment of {size}", f"select 1 /* {'(' * size} */"
        yield f"name of {size}", f'select 1 as "{"n" * size}"'
        yield f"blanks of {size}", f"select{' ' * size}1"
        yield f"list written out, {size}", f"select len([{', '.join(['1'] * (size // 3))}])"
    for count in (1_000, 100_000):
        values = ", ".join(f"'{each}'" for each in range(count))
        yield f"IN with {count}", f"select count(*) from conversations where id in ({values})"
        yield f"NOT IN with {count}", f"select count(*) from conversations where state not in ({values})"
