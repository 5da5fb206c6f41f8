"""SQL of other dialects and plausible slips: what was sent, and either DuckDB's form of it, or words of the answer.

Where DuckDB's form is given, the answer has to be its own. A tuple of words is of a refusal, or of a note.
"""

Meant = str | tuple[str, ...]

_FROM = "from conversations order by id limit 3"
_OLD = "select count(*) from conversations where created_at < timestamptz '2026-11-01' and "


_END = "timestamptz '2026-11-01'"
_IS_OPEN = "select count(*) from conversations where state = "


def _one(foreign: str, own: str | tuple[str, ...], source: str = _FROM) -> tuple[str, Meant]:
    """Return a query with one foreign expression, and with DuckDB's."""
    meant = f"select id, {own} as x {source}" if isinstance(own, str) else own
    return f"select id, {foreign} as x {source}", meant


WRONG_STATEMENTS: tuple[tuple[str, Meant], ...] = (
    # Wrapping.
    ("```sql\nselect count(*) from teams\n```", "select count(*) from teams"),
    ("```\nselect count(*) from teams;\n```", "select count(*) from teams"),
    ("select count(*) from teams;", "select count(*) from teams"),
    ("select “name” from teams order by 1", "select name from teams order by 1"),
    (
        "select count(*) from conversations where state = \u2018open\u2019",
        "select count(*) from conversations where state = 'open'",
    ),
    ("select `name` from `teams` order by 1", "select name from teams order by 1"),
    # Times as text.
    _one("to_char(created_at, 'YYYY-MM')", "strftime(created_at, '%Y-%m')"),
    _one("TO_CHAR(created_at, 'YYYY-MM-DD HH24:MI')", "strftime(created_at, '%Y-%m-%d %H:%M')"),
    _one("to_char(created_at, 'Day')", ("strftime(time, '%Y-%m') for to_char",)),
    _one("DATE_FORMAT(created_at, '%Y-%m')", "strftime(created_at, '%Y-%m')"),
    _one('date_trunc("month", created_at)', "date_trunc('month', created_at)"),
    _one("date_format(created_at, 'yyyy-MM')", "strftime(created_at, '%Y-%m')"),
    _one("FORMAT(created_at, 'yyyy-MM')", "strftime(created_at, '%Y-%m')"),
    _one("FORMAT_DATE('%Y-%m', created_at)", "strftime(created_at, '%Y-%m')"),
    _one("FORMAT_TIMESTAMP('%Y-%m', created_at)", "strftime(created_at, '%Y-%m')"),
    _one("CONVERT(VARCHAR(7), created_at, 126)", ("for convert",)),
    _one("strftime('%Y', created_at)", "strftime(created_at, '%Y')"),
    # Spans.
    (f"{_OLD} created_at >= DATE_SUB(timestamptz '2026-11-01', INTERVAL 30 DAY)", f"{_OLD} created_at >= '2026-10-02'"),
    (f"{_OLD} created_at >= DATEADD(day, -30, timestamptz '2026-11-01')", f"{_OLD} created_at >= '2026-10-02'"),
    (f"{_OLD} created_at >= DATEADD('day', -30, timestamptz '2026-11-01')", f"{_OLD} created_at >= '2026-10-02'"),
    (f"{_OLD} created_at >= date_sub(date '2026-11-01', 30)", f"{_OLD} created_at >= '2026-10-02'"),
    (
        f"{_OLD} created_at >= TIMESTAMP_SUB(timestamptz '2026-11-01', INTERVAL 30 DAY)",
        f"{_OLD} created_at >= '2026-10-02'",
    ),
    (f"{_OLD} created_at < GETDATE()", f"{_OLD} true"),
    (f"{_OLD} created_at < CURDATE()", f"{_OLD} true"),
    (f"{_OLD} created_at < CURRENT_TIMESTAMP()", f"{_OLD} true"),
    (f"{_OLD} created_at < UTC_TIMESTAMP()", f"{_OLD} true"),
    (f"{_OLD} created_at < sysdate", ("now()",)),
    (f"{_OLD} created_at > 1700000000", ("to_timestamp(1700000000)",)),
    (f"{_OLD} created_at > FROM_UNIXTIME(1700000000)", f"{_OLD} created_at > to_timestamp(1700000000)"),
    _one("DATEDIFF(day, created_at, updated_at)", "date_diff('day', created_at, updated_at)"),
    _one("DATEDIFF('hour', created_at, updated_at)", "date_diff('hour', created_at, updated_at)"),
    _one("DATEDIFF(updated_at, created_at)", "date_diff('day', created_at, updated_at)"),
    _one("DATE_DIFF(updated_at, created_at, DAY)", "date_diff('day', created_at, updated_at)"),
    _one("TIMESTAMPDIFF(HOUR, created_at, updated_at)", ("date_sub('hour', start, end)",)),
    _one("TIMESTAMP_DIFF(updated_at, created_at, HOUR)", ("date_sub('hour', start, end)",)),
    _one("DATE_TRUNC(created_at, MONTH)", "date_trunc('month', created_at)"),
    _one("TIMESTAMP_TRUNC(created_at, MONTH)", "date_trunc('month', created_at)"),
    _one("DATE_TRUNC(created_at, WEEK)", ("date_trunc('month', time)",)),
    _one("DATEPART(hour, created_at)", "hour(created_at)"),
    _one("DATENAME(month, created_at)", "monthname(created_at)"),
    _one("EOMONTH(created_at)", "last_day(created_at)"),
    _one("UNIX_TIMESTAMP(created_at)", ("epoch(time)",)),
    _one("UNIX_SECONDS(created_at)", "epoch(created_at)::bigint"),
    _one("CONVERT_TIMEZONE('Europe/Dublin', created_at)", "created_at at time zone 'Europe/Dublin'"),
    _one("CONVERT_TIMEZONE('UTC', 'Europe/Dublin', created_at)", "created_at at time zone 'Europe/Dublin'"),
    _one("CONVERT_TZ(created_at, 'UTC', 'Europe/Dublin')", "created_at at time zone 'Europe/Dublin'"),
    _one("CONVERT_TIMEZONE('America/New_York', 'Europe/Dublin', created_at)", ("at time zone",)),
    _one("TO_DATE('2026-01-01')", "date '2026-01-01'"),
    _one("STR_TO_DATE('2026-01-01', '%Y-%m-%d')", "date '2026-01-01'"),
    # Values.
    _one("NVL(rating, 0)", "coalesce(rating, 0)"),
    _one("NVL(NVL(rating, NULL), 0)", "coalesce(rating, 0)"),
    _one("NVL2(rating, 1, 0)", "case when rating is not null then 1 else 0 end"),
    _one("ISNULL(rating, 0)", "coalesce(rating, 0)"),
    _one("ISNULL(rating)", "rating is null"),
    _one("IFNULL(rating, 0)", "coalesce(rating, 0)"),
    _one("ZEROIFNULL(rating)", "coalesce(rating, 0)"),
    _one("IFF(rating > 3, 'good', 'bad')", "if(rating > 3, 'good', 'bad')"),
    _one("IIF(rating > 3, 'good', 'bad')", "if(rating > 3, 'good', 'bad')"),
    _one("DECODE(state, 'open', 1, 0)", "case state when 'open' then 1 else 0 end"),
    _one("SAFE_DIVIDE(count_reopens, 0)", "null"),
    _one("DIV0(count_reopens, 2)", "count_reopens / 2"),
    _one("SAFE_CAST(rating AS INT64)", "try_cast(rating as bigint)"),
    _one("TO_VARCHAR(rating)", "cast(rating as varchar)"),
    _one("CHARINDEX('n', state)", "strpos(state, 'n')"),
    _one("LOCATE('n', state)", "strpos(state, 'n')"),
    _one("REGEXP_CONTAINS(state, 'op')", "regexp_matches(state, 'op')"),
    _one("SUBSTRING_INDEX(source_author_email, '@', -1)", ("split_part",)),
    _one("PERCENTILE_APPROX(rating, 0.5)", ("quantile_cont",)),
    ("select count(*) from conversations where state rlike 'op'", ("regexp_matches",)),
    # Clauses.
    ("select top 3 id from conversations order by id", "select id from conversations order by id limit 3"),
    (
        "SELECT DISTINCT TOP (2) state FROM conversations ORDER BY state",
        "select distinct state from conversations order by 1 limit 2",
    ),
    ("select id from conversations order by id limit 3, 2", ("limit 2 offset 5",)),
    # Quotes, attributes and tables.
    (
        'select count(*) from conversations where state = "open"',
        "select count(*) from conversations where state = 'open'",
    ),
    (
        'select count(*) from conversations where state in ("open", "snoozed")',
        "select count(*) from conversations where state in ('open', 'snoozed')",
    ),
    ('select count(*) from teams where name = "Billing"', "select count(*) from teams where name = 'Billing'"),
    (
        "select count(*) from contacts where custom_attributes.plan = 'Growth'",
        "select count(*) from contacts where custom_attributes ->> 'plan' = 'Growth'",
    ),
    (
        "select k.custom_attributes.plan p, count(*) from contacts k group by 1 order by 1",
        "select custom_attributes ->> 'plan' p, count(*) from contacts group by 1 order by 1",
    ),
    ("select count(*) from contacts where custom_attributes['plan'] = 'Growth'", ("custom_attributes ->> 'plan'",)),
    ("select custom_attributes:plan from contacts limit 1", ("custom_attributes ->> 'plan'",)),
    (
        "select count(json_extract_scalar(custom_attributes, '$.plan')) from contacts",
        "select count(custom_attributes ->> 'plan') from contacts",
    ),
    ("select count(*) from conversation", "select count(*) from conversations"),
    ("select count(*) from company", "select count(*) from companies"),
    ("select count(*) from public.contacts", "select count(*) from contacts"),
    (
        "select team.name from team join conversation c on c.team_assignee_id = team.id group by 1 order by 1",
        "select t.name from teams t join conversations c on c.team_assignee_id = t.id group by 1 order by 1",
    ),
    ("select avg(csat) from conversations", ("rating", "intercom_metric(name='csat') computes it")),
    ("select count(*) from users", ("contacts", "role")),
    ("select count(*) from teammates", ("that is admins",)),
    ("select count(*) from messages", ("conversation_parts", "source_body")),
    ("select count(*) from conversations where status = 'open'", ("that is state",)),
    ("select count(*) from conversations where csat < 3", ("that is rating",)),
    ("select count(*) from [conversations]", "select count(*) from conversations"),
    ("select table_name from information_schema.tables", ("show tables", "intercom_describe")),
    ("select source.type from conversations", ("source_type",)),
    ("select count(*) from conversations where team = 'Billing'", ("There is no column team", "team_assignee_id")),
    # What finds nothing.
    ("select id from teams where name = 'Biling'", ("did you mean 'Billing'?",)),
    ("select count(*) from companies where name = 'acme corp'", ("name 'acme corp'", "ilike")),
    ("select id from conversations where state = 'opne'", ("did you mean 'open'?",)),
    ("select count(*) from conversations where team_assignee_id = 'Billing'", ("is an id", "join teams")),
    # More wrapping.
    ("Here it is:\n~~~sql\nselect count(*) from teams; -- all\n~~~", "select count(*) from teams"),
    ("`select count(*) from teams`", "select count(*) from teams"),
    ("sql\nselect count(*) from teams;;", "select count(*) from teams"),
    # What is read otherwise than other dialects do, and so is not read at all.
    _one("to_char(created_at, 'Mon YYYY')", ("for to_char",)),
    _one("to_char(created_at, 'yyyy-mm-dd hh24')", ("for to_char",)),
    _one("date_format(created_at, '%u')", ("for date_format",)),
    _one("date_format(created_at, '%x-%v')", ("for date_format",)),
    _one("format_timestamp('%Y-%m', created_at, 'America/New_York')", ("for format_timestamp",)),
    _one("regexp_like(state, 'op')", ("regexp_matches",)),
    _one("weekday(created_at)", ("0, Sunday",)),
    ("select count(*) from conversations where created_at = '2026-10-15'", ("midnight alone",)),
    # More that is.
    _one("date_trunc(created_at, 'month')", "date_trunc('month', created_at)"),
    _one("date_trunc(month, created_at)", "date_trunc('month', created_at)"),
    _one("toStartOfMonth(created_at)", "date_trunc('month', created_at)"),
    _one("try_divide(count_reopens, 2)", "count_reopens / 2"),
    (
        "select json_value(custom_attributes, '$.plan') p, count(*) from contacts group by 1 order by 1",
        "select custom_attributes ->> 'plan' p, count(*) from contacts group by 1 order by 1",
    ),
    # Clauses and functions of others.
    ("select id from conversations where state ilike any ('a', 'b')", ("or x ilike",)),
    ("select listagg(name, ', ') within group (order by name) from teams", ("string_agg(name, ', ' order by name)",)),
    ("select group_concat(name separator ', ') from teams", ("string_agg(name, ', ' order by name)",)),
    ("select id from conversations where rownum <= 2", ("limit 10 at the end",)),
    ("select id from conversations limit 2 by state", ("qualify row_number()",)),
    ("select explode(tag_names) from conversations", ("unnest(tag_names)",)),
    ("select count(*) from conversations where tag_names like '%bug%'", ("list_contains(tag_names, 'bug')",)),
    ("select count(*) from conversations where created_at like '2026-11%'", ("since times are no texts",)),
    ("select count(*) from conversations where created_at > datetime('now', '-7 days')", ("interval 7 day",)),
    ("select count(*) from conversations where created_at > 1793491200000", ("to_timestamp(1700000000)",)),
    ("select count(*) from conversations where state = :state", ("takes no parameters",)),
    ("select name + email from admins where '' + name = ''", ("x || y",)),
    # What is valid, and means something else here.
    ("select count(*) from conversations where source_body similar to '%refund%'", ("regular expression",)),
    ("select count(*) from conversations where team_assignee_id <> 'Billing'", ("join teams",)),
    _one("cast(created_at as varchar(10))", ("left(text, 10)",)),
    ("select max(custom_attributes.seats) from contacts", ("'seats', a text",)),
    ("select count(distinct contact_id, state) from conversations", ("count(distinct (x, y))",)),
    ("select avg(custom_attributes.seats) from contacts", ("attr.seats",)),
    _one("left(created_at, 7)", ("strftime",)),
)
