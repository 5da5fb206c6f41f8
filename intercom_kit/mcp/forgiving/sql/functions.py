"""Functions that other dialects have and DuckDB lacks, or takes otherwise: how each is read, and what to write."""

import re
from dataclasses import dataclass

_UNIT = "year|quarter|month|day|hour|minute|second"
_PATTERN = r"'(?:YYYY|MM|DD|HH24|MI|SS|Mon|[-:/ .,T])+'\s*\)"  # of to_char, without what is read differently elsewhere


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
_TEXT, _NOW = "strftime(time, '%Y-%m')", "now()"

FOREIGN: dict[str, Foreign] = {
    "to_char": Foreign(_TEXT, ((rf"\(.*,\s*{_PATTERN}", "postgres"),)),
    "date_format": Foreign(
        _TEXT, ((r".*%[^']*'\s*\)", "mysql"), (r".*'(?:yyyy|MM|dd|HH|mm|ss|[-:/ .])+'\s*\)", "spark"))
    ),
    "format": Foreign(_TEXT, ((r"\([\w.]+,\s*'(?:yyyy|MM|dd|HH|mm|ss|[-:/ .])+'\s*\)", "tsql"),)),
    "format_date": Foreign(_TEXT, ((r"\(\s*'%.*", "bigquery"),)),
    "format_timestamp": Foreign(_TEXT, ((r"\(\s*'%.*", "bigquery"),)),
    "date_sub": Foreign(_EARLIER, ((r".*,\s*interval\b.*", "mysql"), (r"\(.*,\s*\d+\s*\)", "spark"))),
    "date_add": Foreign(_LATER, ((r"\(.*,\s*\d+\s*\)", "spark"),)),
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
    "date_trunc": Foreign("date_trunc('month', time)", ((rf"\(.*,\s*(?:{_UNIT})\s*\)", "bigquery"),)),
    "timestamp_trunc": Foreign("date_trunc('month', time)", ((rf"\(.*,\s*(?:{_UNIT})\s*\)", "bigquery"),)),
    "trunc": Foreign("date_trunc('month', time)", ((r"\([\w.]+,\s*'(?:month|year|quarter|day)'\s*\)", "oracle"),)),
    "datepart": Foreign("date_part('hour', time)", ((rf"\(\s*(?:{_UNIT}),.*", "tsql"),)),
    "datename": Foreign("monthname(time) or dayname(time)", ((r"\(\s*month,.*", "tsql"),)),
    "eomonth": Foreign("last_day(time)", ((_ONE, "tsql"),)),
    "convert_timezone": Foreign(
        "time at time zone 'Europe/Dublin'", ((_TWO, "snowflake"), (r"\(\s*'UTC'\s*,[^,]+,[^,]+\)", "snowflake"))
    ),
    "convert_tz": Foreign("time at time zone 'Europe/Dublin'", ((r"\([^,]+,\s*'UTC'\s*,[^,]+\)", "mysql"),)),
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
    "regexp_like": Foreign("regexp_matches(text, pattern)", ((_TWO, "mysql"),)),
    "regexp_contains": Foreign("regexp_matches(text, pattern)", ((_TWO, "bigquery"),)),
    "get_json_object": Foreign("custom_attributes ->> 'plan'", ((_ANY, "spark"),)),
    "json_extract_scalar": Foreign("custom_attributes ->> 'plan'", ((_ANY, "presto"),)),
    "json_unquote": Foreign("custom_attributes ->> 'plan'"),
    "approx_quantiles": Foreign("quantile_cont(x, 0.5)"),
    "percentile": Foreign("quantile_cont(x, 0.5)"),
    "percentile_approx": Foreign("quantile_cont(x, 0.5)"),
}

# What else is written otherwise, by what shows it.
OTHERWISE: dict[str, str] = {
    r"\brlike\b|\bregexp\b(?!_)": "regexp_matches(text, pattern)",
    r"\blimit\s+\d+\s*,\s*\d+": "limit 2 offset 5 for limit 5, 2",
    r"\bselect\s+(?:distinct\s+)?top\b": "limit 10 at the end for top 10",
    r"\bfetch\s+(?:first|next)\b": "limit 10 at the end",
    r"\bcustom_attributes\s*:\s*\w+": "custom_attributes ->> 'plan'",
    r"\bsysdate\b": "now()",
    r"json_extract\s*\(|->\s*'|\bcustom_attributes\s*\[": "custom_attributes ->> 'plan', which gives text",
    r"[<>=]\s*1\d{9}\b": "to_timestamp(1700000000) for seconds since 1970",
}
