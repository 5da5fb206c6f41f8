"""Functions that other dialects have and DuckDB lacks, or takes otherwise: how each is read, and what to write."""

import re
from dataclasses import dataclass

_UNIT = "year|quarter|month|day|hour|minute|second"
UNITS = frozenset((*_UNIT.split("|"), "week", "weekday", "monday", "sunday"))  # which look like columns
# Patterns of times without what another dialect, or sqlglot, reads otherwise: weeks, ordinals, names in capitals.
_TO_CHAR = r"'(?-i:YYYY|yyyy|MM|mm|DD|dd|HH24|MI|mi|SS|ss|[-:/ .,])+'"
_MYSQL = r"'(?=[^']*%)(?-i:%[YymdHiSsMbaWTjpeclhk]|[^%'])+'"
_BIGQUERY = r"'(?=[^']*%)(?-i:%[YymdHMSBbAaFTjGVIp]|[^%'])+'"


@dataclass(frozen=True)
class Foreign:
    """A function of other dialects: what to write instead, and in which dialect its arguments are certain to be."""

    instead: str
    readings: tuple[tuple[str, str], ...] = ()

    def dialect(self, arguments: str) -> str | None:
        """Return the dialect in which arguments, from bracket to bracket, are meant; None if that is not certain."""
        fitting = (
            dialect for form, dialect in self.readings if re.fullmatch(form, arguments, re.IGNORECASE | re.DOTALL)
        )
        return next(fitting, None)


_ANY, _ONE, _TWO = r".*", r"\([^,]+\)", r"\([^,]+,[^,]+\)"
_DIFFERENCE = "date_diff('day', start, end), or date_sub('hour', start, end) for whole hours"
_LATER, _EARLIER = "time + interval 30 day", "time - interval 30 day"
_TEXT, _NOW, _WHOLE = "strftime(time, '%Y-%m')", "now()", "date_trunc('month', time)"
_ZONED = "time at time zone 'Europe/Dublin'"
_EACH, _HAS = "unnest(tag_names)", "list_contains(tag_names, 'bug')"
_JOINED = "string_agg(name, ', ' order by name)"
_PLAN = "custom_attributes ->> 'plan'"

FOREIGN: dict[str, Foreign] = {
    "to_char": Foreign(_TEXT, ((rf"\(.*,\s*{_TO_CHAR}\s*\)", "postgres"),)),
    "date_format": Foreign(
        _TEXT,
        ((rf"\(.*,\s*{_MYSQL}\s*\)", "mysql"), (r"\([^']+,\s*'(?-i:yyyy|MM|dd|HH|mm|ss|[-:/ .])+'\s*\)", "spark")),
    ),
    "format": Foreign(_TEXT, ((r"\([\w.]+,\s*'(?-i:yyyy|MM|dd|HH|mm|ss|[-:/ .])+'\s*\)", "tsql"),)),
    "format_date": Foreign(_TEXT, ((rf"\(\s*{_BIGQUERY},[^,]+\)", "bigquery"),)),
    "format_timestamp": Foreign(_TEXT, ((rf"\(\s*{_BIGQUERY},[^,]+\)", "bigquery"),)),
    "formatdatetime": Foreign(_TEXT),
    "date_sub": Foreign(_EARLIER, ((r".*,\s*interval\b.*", "mysql"), (r"\(.*,\s*\d+\s*\)", "spark"))),
    "date_add": Foreign(_LATER, ((r"\(.*,\s*\d+\s*\)", "spark"),)),
    "add_months": Foreign("time + interval 1 month", ((_TWO, "snowflake"),)),
    "subtractdays": Foreign(_EARLIER),
    "timestamp_sub": Foreign(_EARLIER, ((r".*,\s*interval\b.*", "bigquery"),)),
    "timestamp_add": Foreign(_LATER, ((r".*,\s*interval\b.*", "bigquery"),)),
    "dateadd": Foreign(
        _LATER, ((rf"\(\s*(?:{_UNIT}|week|dd|mm|yy|hh),.*", "tsql"), (rf"\(\s*'(?:{_UNIT}|week)',.*", "snowflake"))
    ),
    "datediff": Foreign(_DIFFERENCE, ((rf"\(\s*'?(?:{_UNIT})'?,.*", "snowflake"), (_TWO, "mysql"))),
    "date_diff": Foreign(_DIFFERENCE, ((r"\(.*,\s*(?:year|quarter|month|day)\s*\)", "bigquery"),)),
    "timestampdiff": Foreign(_DIFFERENCE),
    "timestamp_diff": Foreign(_DIFFERENCE),
    "datetime_diff": Foreign(_DIFFERENCE),
    "date_trunc": Foreign(
        _WHOLE, ((rf"\(.*,\s*('?)(?:{_UNIT})\1\s*\)", "bigquery"), (rf"\(\s*(?:{_UNIT}),.*", "tsql"))
    ),
    "datetrunc": Foreign(_WHOLE, ((rf"\(\s*(?:{_UNIT}),.*", "tsql"),)),
    "tostartofmonth": Foreign(_WHOLE, ((_ONE, "clickhouse"),)),
    "tostartofday": Foreign(_WHOLE, ((_ONE, "clickhouse"),)),
    "tostartofweek": Foreign(_WHOLE),
    "toyyyymm": Foreign(_TEXT),
    "todate": Foreign("cast(time as date)"),
    "timestamp_trunc": Foreign(_WHOLE, ((rf"\(.*,\s*(?:{_UNIT})\s*\)", "bigquery"),)),
    "trunc": Foreign(_WHOLE, ((r"\([\w.]+,\s*'(?:month|year|quarter|day)'\s*\)", "oracle"),)),
    "datepart": Foreign("date_part('hour', time)", ((rf"\(\s*(?:{_UNIT}),.*", "tsql"),)),
    "datename": Foreign("monthname(time) or dayname(time)", ((r"\(\s*month,.*", "tsql"),)),
    "eomonth": Foreign("last_day(time)", ((_ONE, "tsql"),)),
    "convert_timezone": Foreign(_ZONED, ((_TWO, "snowflake"), (r"\(\s*'UTC'\s*,[^,]+,[^,]+\)", "snowflake"))),
    "convert_tz": Foreign(_ZONED, ((r"\([^,]+,\s*'UTC'\s*,[^,]+\)", "mysql"),)),
    "from_utc_timestamp": Foreign(_ZONED),
    "convert": Foreign("cast(x as integer), or strftime(time, '%Y-%m')"),
    "getdate": Foreign(_NOW, ((_ANY, "tsql"),)),
    "curdate": Foreign("current_date", ((_ANY, "mysql"),)),
    "sysdate": Foreign(_NOW),
    "utc_timestamp": Foreign(_NOW, ((_ANY, "mysql"),)),
    "current_timestamp": Foreign(_NOW, ((r"\(\s*\)", "bigquery"),)),
    "unix_timestamp": Foreign("epoch(time)"),
    "unix_seconds": Foreign("epoch(time)", ((_ANY, "bigquery"),)),
    "from_unixtime": Foreign("to_timestamp(seconds)", ((_ONE, "mysql"),)),
    "timestamp_seconds": Foreign("to_timestamp(seconds)", ((_ANY, "bigquery"),)),
    "str_to_date": Foreign("strptime(text, '%Y-%m-%d')", ((_ANY, "mysql"),)),
    "to_date": Foreign("cast(text as date)", ((r"\(\s*'\d{4}-\d\d-\d\d'\s*\)", "snowflake"),)),
    "parse_date": Foreign("strptime(text, '%Y-%m-%d')", ((_ANY, "bigquery"),)),
    "nvl": Foreign("coalesce(x, y)", ((_ANY, "oracle"),)),
    "nvl2": Foreign("case when x is not null then y else z end", ((_ANY, "snowflake"),)),
    "isnull": Foreign("coalesce(x, y), or x is null", ((_TWO, "tsql"), (_ONE, "mysql"))),
    "zeroifnull": Foreign("coalesce(x, 0)", ((_ANY, "snowflake"),)),
    "iff": Foreign("if(condition, x, y)", ((_ANY, "snowflake"),)),
    "iif": Foreign("if(condition, x, y)", ((_ANY, "tsql"),)),
    "decode": Foreign("case x when 1 then 'a' else 'b' end", ((r"\(.*,.*,.*\)", "oracle"),)),
    "safe_divide": Foreign("x / nullif(y, 0)", ((_ANY, "bigquery"),)),
    "div0": Foreign("coalesce(x / nullif(y, 0), 0)", ((_ANY, "snowflake"),)),
    "safe_cast": Foreign("try_cast(x as integer)", ((_ANY, "bigquery"),)),
    "to_varchar": Foreign("cast(x as varchar)", ((_ONE, "snowflake"),)),
    "to_number": Foreign("cast(x as double)"),
    "charindex": Foreign("strpos(text, part)", ((_TWO, "tsql"),)),
    "locate": Foreign("strpos(text, part)", ((_TWO, "mysql"),)),
    "substring_index": Foreign("split_part(text, '@', 1), or -1 for the last part"),
    "regexp_like": Foreign("regexp_matches(text, pattern)"),  # some compare the whole text, some no case
    "regexp_substr": Foreign("regexp_extract(text, pattern)"),
    "positioncaseinsensitive": Foreign("strpos(lower(text), 'part')"),
    "regexp_contains": Foreign("regexp_matches(text, pattern)", ((_TWO, "bigquery"),)),
    "get_json_object": Foreign(_PLAN, ((_ANY, "spark"),)),
    "json_extract_scalar": Foreign(_PLAN, ((_ANY, "presto"),)),
    "jsonextractstring": Foreign(_PLAN),
    "parse_json": Foreign(_PLAN),
    "json_unquote": Foreign(_PLAN),
    "listagg": Foreign(_JOINED),
    "array_join": Foreign(_JOINED),
    "grouparray": Foreign("array_agg(x)"),
    "explode": Foreign(_EACH),
    "flatten": Foreign(_EACH),
    "arrayjoin": Foreign(_EACH),
    "has": Foreign(_HAS),
    "find_in_set": Foreign(_HAS),
    "sumif": Foreign("sum(x) filter (where condition)"),
    "uniq": Foreign("count(distinct x)"),
    "generate_date_array": Foreign("generate_series(date '2026-11-01', date '2026-11-30', interval 1 day)"),
    "julianday": Foreign("epoch(time) / 86400"),
    "percentile_cont": Foreign("quantile_cont(x, 0.5)"),
    "try_divide": Foreign("x / nullif(y, 0)", ((_ANY, "databricks"),)),
    "approx_quantiles": Foreign("quantile_cont(x, 0.5)"),
    "percentile": Foreign("quantile_cont(x, 0.5)"),
    "percentile_approx": Foreign("quantile_cont(x, 0.5)"),
}
