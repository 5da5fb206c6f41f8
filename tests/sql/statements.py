"""Invent statements from a grammar of SQL as DuckDB reads it, and spoil them: cut them off, mix them up, repeat pieces.

Most are no question, and many no SQL; whichever they are, they are answered or refused in a sentence.
"""

import random
import re

# `<name>` is a rule, alternatives stand between lines, and a rule that stands twice is twice as likely.
GRAMMAR = """
statement: <query> | <query> | <query> | <query> | explain <query> | explain analyze <query> | <other> | <told>
query: <with> <set> <order> <limit> | <set> <order> <limit> | <set> | <set> | <pivot>
set: <select> | <select> | <select> | <select> <setop> <select> | (<select>) <setop> (<set>) | <values> | table <table>
setop: union | union all | union by name | except | intersect | union all by name | except all
with: with <name> as (<select>) | with <name>(<name>) as materialized (<set>) | with recursive <loop>
loop: <name> as (select 1 as a union all select a + 1 from <name> where a < 3)
loop: n as (select 1 as a union select a from n)
select: select <columns> <from> | select <columns> <from> <where> | select <columns> from <table> <where> <group>
select: select distinct <columns> <from> | from <source> select <columns> | from <source> | select <columns>
columns: <column> | <column>, <column> | * | <column>, * | <star> | count(*) | <aggregate>, <column>
columns: <value> as <name>
column: <name> | <name> | <value> | <alias>.<name> | <value> <name>
star: * exclude (<name>) | * replace (<value> as <name>) | columns('<name>') | columns(lambda c: <value>) | <alias>.*
from: from <source> | from <source> | from <source> <join> <source> on <value> | from <source>, <source> | <empty>
from: from <source> <join> <source> using (<name>) | from <source> natural join <source>
from: from <source> positional join <source>
join: join | left join | full join | semi join | anti join | asof join | right join | asof left join | cross join
source: <table> | <table> | <table> <alias> | (<query>) | (<set>) as <alias> | (<values>) as <alias>(<name>) | <rows>
source: <told>
source: lateral (<select>) as <alias> | <table> tablesample 10% | <table> pivot (<aggregate> for <name> in (<text>))
source: '<name>'
rows: range(<number>) | unnest(<list>) | generate_series(1, <number>) | json_each(<text>) | repeat(<value>, 3)
rows: <name>(<value>)
where: where <value> | where <value> and <value> | where <name> in (<values>) | where <name> = <value>
where: where exists (<query>)
group: group by <value> | group by all | group by rollup (<name>, <name>) | group by grouping sets ((<name>), ())
group: group by 1 having <value>
order: <empty> | order by <value> | order by <value> desc nulls first | order by all | order by 1, 2
order: qualify <window> = 1
limit: <empty> | limit <number> | offset <number> | limit <number> offset <number> | limit 10% | limit (<select>)
limit: limit all
limit: fetch first 3 rows only | limit <value> | offset <value> | limit <number> offset <value> | using sample <number>
values: values (<value>) | values (<value>, <value>), (<value>, <value>)
pivot: pivot <source> on <name> | pivot <source> on <name> in (<text>) using <aggregate>
pivot: unpivot <source> on <name>, <name>
pivot: pivot <source> on <value> using <aggregate> group by <name> | unpivot <source> on columns(*) into name a value b
value: <name> | <name> | <number> | <text> | <literal> | <value> <operator> <value> | (<value>) | <call> | <call>
value: not <value>
value: <value>::<type> | try_cast(<value> as <type>) | case when <value> then <value> else <value> end
value: <value> between <value> and <value>
value: <value> in (<value>, <value>) | <value> is null | <list> | (<select>) | exists (<select>) | <aggregate>
value: <window> | <alias>.<name>
value: <value> in (<select>) | <value> <operator> any (<select>) | -<value> | <value>[<number>] | <value>[1:<number>]
value: <value>.<name>
value: <value> collate nocase | <value> at time zone <text> | extract(year from <value>) | array(<select>) | <struct>
value: $<name> | ? | #1
call: upper(<value>) | length(<value>) | coalesce(<value>, <value>) | abs(<value>) | date_trunc('day', <value>)
call: <value>.upper()
call: list_transform(<list>, lambda x: <value>) | regexp_matches(<value>, <text>) | strftime(<value>, <text>)
call: to_json(<value>)
call: try(<value>) | nullif(<value>, <value>) | trim(both from <value>) | position(<value> in <value>)
call: <name>(<value>) | error(<text>)
call: printf(<text>, <value>) | <value>->><text> | json_extract(<value>, <text>) | row(<value>, <value>)
call: struct_pack(a := <value>)
aggregate: count(<value>) | sum(<value>) | list(<value> order by <value>) | max(<value>) filter (where <value>)
aggregate: count(distinct <name>)
aggregate: string_agg(<value>, ',') | quantile_cont(<value>, 0.5) | arg_max(<value>, <value>) | first(<value>)
aggregate: histogram(<value>)
window: row_number() over (order by <value>) | sum(<value>) over (partition by <name>) | lag(<value>) over w
window: rank() over ()
window: sum(<value>) over (order by <value> rows between <number> preceding and current row)
list: [<value>] | [<value>, <value>] | [] | [x for x in <list> if <value>] | range(<number>)
struct: {'a': <value>} | map {<value>: <value>} | map {} | row() | {<name>: <value>, 'b': <value>}
struct: union_value(a := <value>)
literal: null | true | interval 1 day | date '2024-02-30' | date '2024-02-29' | timestamptz 'infinity' | now()
literal: '1'::bit | time '24:00'
literal: 1e400 | 0x1F | 1_000 | .5 | 170141183460469231731687303715884105728 | interval '1' century | blob '\\xff'
literal: default | x'ff' | e'\\n'
number: 0 | 1 | 3 | -1 | 2.5 | 9223372036854775807 | 99999999999999999999999 | null | '2' | 1e3
text: 'a' | '' | '%d' | 'x''y' | '$.a' | '{"a": [1]}' | '(' | 'é' | '2024-01-01' | $$dollars$$ | '[unclosed' | '\\0'
type: int | varchar | date | timestamptz | json | double | decimal(4, 2) | int[] | struct(a int) | map(int, int) | bit
type: bignum
type: uhugeint | timetz | interval | enum('a') | union(a int) | int[3] | blob | uuid | <name> | variant | time_ns
type: timestamp_s
operator: + | - | * | / | % | ** | // | = | <> | < | >= | and | or | || | like | ilike | is distinct from | -> | ->>
operator: @> | && | ^@ | <<
operator: similar to | glob | not in | in | & | ~ | xor | === | != | is not | <=> | operator(+)
name: id | id | name | email | role | created_at | state | a | x | contact_id | nosuch | "quoted name"
name: custom_attributes | rowid | all
table: contacts | contacts | conversations | companies | tags | admins | conversation_tags | events | nosuch
table: main.contacts | n | x
alias: c | t | x
told: pg_catalog.pg_settings | duckdb_settings() | information_schema.tables | show http_proxy | getenv('HOME')
told: sqlite_master
told: describe <source> | describe <query> | summarize <source> | summarize <query> | show tables | show <name>
told: show all tables
other: create table <name> as <query> | create view <name> as <query> | create macro <name>(a) as <value>
other: drop table <table>
other: insert into <table> <query> | insert into <table> <values> | delete from <table> <where>
other: update <table> set <name> = <value> <where>
other: merge into <table> using <source> on <value> when matched then delete | copy <table> to <text>
other: copy (<query>) to <text>
other: attach <text> as <name> | detach <name> | use <name> | set <name> = <value> | set variable <name> = <value>
other: reset <name>
other: pragma <name> | pragma <name>(<value>) | call <name>(<value>) | prepare <name> as <query>
other: execute <name>(<value>) | deallocate <name>
other: begin | commit | rollback | checkpoint | vacuum | analyze <table> | load <name> | install <name>
other: update extensions | connect <text>
other: disconnect | show all external resources | create external resource <text> | export database <text>
other: import database <text>
other: comment on table <table> is <text> | alter table <table> rename to <name> | truncate <table>
other: create type <name> as enum (<select>)
other: create secret <name> (type s3) | create sequence <name> | create index i on <table> (<name>) | <query>; <query>
other: ; | -- <name> | /* <name> */
other: explain <other> | explain (format json) <query> | explain explain <query> | with x as (<other>) from x
other: create trigger <name> after insert on <table> <other>
empty:
"""

_RULES: dict[str, list[str]] = {}
for _line in GRAMMAR.strip().splitlines():
    _name, _, _alternatives = _line.partition(": ") if ": " in _line else _line.partition(":")
    _RULES.setdefault(_name, []).extend(_alternatives.split(" | "))

_DEEPEST = 7
_RULE = re.compile(r"<(\w+)>")
_TOKEN = re.compile(r"\s+|\w+|'[^']*'|.", re.DOTALL)
_ODD = [
    "(",
    ")",
    "'",
    '"',
    ";",
    ",",
    "\0",
    "\n",
    "--",
    "/*",
    "*/",
    "$",
    "$$",
    "é",
    "\u2028",
    "🙂",
    "[",
    "}",
    "\\",
    "%",
    "?",
    ".",
]


class Statements:
    """Invent statements, the same ones for the same seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - no secrets

    def next(self) -> str:
        """Give a statement: three of four as the grammar has it, the others spoilt."""
        text = self._of("statement", 0)
        return self._spoilt(text) if self._random.random() < 0.25 else text

    def _of(self, rule: str, depth: int) -> str:
        alternatives = _RULES[rule]
        if depth > _DEEPEST:
            alternatives = sorted(alternatives, key=lambda each: each.count("<"))[: max(1, len(alternatives) // 4)]
        chosen = self._random.choice(alternatives)
        return _RULE.sub(lambda found: self._of(found[1], depth + 1), chosen).strip()

    def _spoilt(self, text: str) -> str:
        pieces, dice = _TOKEN.findall(text), self._random
        match dice.randrange(6):
            case 0:
                return text[: dice.randrange(len(text) + 1)]
            case 1:
                return text[dice.randrange(len(text) + 1) :]
            case 2:
                return "".join(each for each in pieces if dice.random() > 0.1)
            case 3:
                return "".join(each * dice.choice((1, 1, 1, 1, 2, 30)) for each in pieces)
            case 4:
                dice.shuffle(pieces)
                return "".join(pieces)
            case _:
                return "".join(each + (dice.choice(_ODD) if dice.random() < 0.1 else "") for each in pieces)
