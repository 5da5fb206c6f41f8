"""What other dialects and products write otherwise than by a function: clauses, and names of tables and columns."""

# What else is written otherwise, by what shows it.
OTHERWISE: dict[str, str] = {
    r"\brlike\b|\bregexp\b(?!_)": "regexp_matches(text, pattern)",
    r"\bcontains\s+'|\bcontains_substr\s*\(": "text ilike '%word%' for contains",
    r"\bcount\s*\(\s*distinct\s+[\w.]+\s*,": "count(distinct (x, y)) for several columns",
    r"\b(?:left|right|substr|substring)\s*\(\s*(?:\w+\.)?\w+_at\b": "strftime(time, '%Y-%m'), since times are no texts",
    r"\bwith\s+rollup\b": "group by rollup(x)",
    r"\bi?like\s+(?:any|all|some)\b": "x ilike '%a%' or x ilike '%b%' for like any",
    r"\bagainst\s*\(": "text ilike '%word%' for match against",
    r"_at\s+(?:not\s+)?i?like\b": "time >= '2026-11-01' and time < '2026-12-01', since times are no texts",
    r"\blimit\s+\d+\s*,\s*\d+": "limit 2 offset 5 for limit 5, 2",
    r"\bselect\s+(?:distinct\s+)?(?:top|first)\s*\(?\d|\brownum\b|\bsample\b": "limit 10 at the end",
    r"\bfetch\s+(?:first|next)\b": "limit 10 at the end",
    r"\blimit\s+\d+\s+(?:by|with)\b": (
        "qualify row_number() over (partition by x order by y) <= 2 for limit by or with ties"
    ),
    r"\bcustom_attributes\s*:\s*\w+": "custom_attributes ->> 'plan'",
    r"\bsysdate\b": "now()",
    r"json_extract\s*\(|->\s*'|#>|\bcustom_attributes\s*\[": "custom_attributes ->> 'plan', which gives text",
    r"\b(?:attr|custom_attributes)\b.*?[<>]=?\s*\d|\b(?:avg|sum|median)\s*\(+(?:\w+\.)?custom_attributes": (
        "attr.seats > 100 for numbers among attributes"
    ),
    r"[<>=]\s*1\d{9}(?:\d{3})?\b": "to_timestamp(1700000000) for seconds since 1970",
    r"\b(?:date)?time(?:stamp)?\s*\(\s*'|\bto_timestamp\s*\(\s*'": (
        "timestamptz '2026-11-01', and now() - interval 7 day"
    ),
    r"\bdate\s*\([^()]+,": "cast(time at time zone 'Europe/Dublin' as date)",
    r"\b(?:string_agg|group_concat)\b.*\b(?:within|separator)\b": "string_agg(name, ', ' order by name)",
    r"\blateral\s+view\b|\bin\s+unnest\b": "unnest(tag_names), and list_contains(tag_names, 'bug')",
    r"\btag_(?:names|ids)\s*(?:=|i?like\b)": "list_contains(tag_names, 'bug')",
    r"\bstatistics\b|\bsource\s*(?:\.|->)": "columns without a dot: source_type, time_to_admin_reply",
    r"'\s*\+|\+\s*'": "x || y for texts",
    r"(?<![:\w])[:@$]\w+|[=<>(,]\s*\?|\{\{": "values in the SQL itself, since a query takes no parameters",
    r"^\s*set\b.*;": "time at time zone 'Europe/Dublin' in place of set timezone",
    r"\binformation_schema\b|\bpg_\w+|\bsqlite_master\b|\bshow\s+columns\b|^\s*pragma\b|\bduckdb_\w+": (
        "show tables, and describe conversations; intercom_describe tells more"
    ),
}

# What is valid, and may be meant otherwise, with what it means here.
SLIPS: dict[str, str] = {
    r"\b(?:dayofweek|weekday)\s*\(|\b(?:dow|dayofweek|weekday)\s+from\b|['\"](?:dow|dayofweek|weekday)['\"]": (
        "Days of the week are numbered from 0, Sunday, to 6; isodow is 1, Monday, to 7"
    ),
    r"\bsimilar\s+to\s*'[^']*%": "similar to takes a regular expression here, in which % is itself: like takes %",
    r"(?:\bas\s+|::\s*)(?:n?varchar|char|character varying)\s*\(\s*\d+": (
        "A type such as varchar(10) shortens nothing here: left(text, 10) does"
    ),
    r"\b(?:team|admin)_assignee_id\s*(?:<>|!=|not\s+in\s*\()\s*'[^'\d]": (
        "Ids of teams and admins are numbers, which no name equals: join teams or admins, and compare their name"
    ),
    r"\w_at\s*=\s*(?:date|timestamp(?:tz)?)?\s*'\d{4}-\d\d-\d\d'": (
        "A time that equals a date is its midnight alone: for the whole day, compare cast(created_at as date)"
    ),
}

# What tables and columns are called elsewhere, by their names here.
TABLES_HERE: dict[str, str] = {
    **dict.fromkeys(("users", "customers", "people", "leads", "user"), "contacts, with role user or lead"),
    **dict.fromkeys(("messages", "comments", "replies"), "conversation_parts, and conversations.source_body"),
    **dict.fromkeys(("teammates", "agents", "teammate", "agent"), "admins"),
    **dict.fromkeys(("accounts", "organizations", "organisations"), "companies"),
    **dict.fromkeys(("chats", "threads", "inbox"), "conversations"),
}
_TEAM, _ADMIN = "team_assignee_id, which is teams.id", "admin_assignee_id, which is admins.id"
COLUMNS_HERE: dict[str, str] = {
    "status": "state",
    "channel": "source_type",
    "subject": "source_subject",
    **dict.fromkeys(("message", "text", "content"), "source_body"),
    **dict.fromkeys(("team", "team_id", "team_name"), _TEAM),
    **dict.fromkeys(("assignee", "assignee_id", "admin", "admin_id", "agent", "teammate"), _ADMIN),
    **dict.fromkeys(("csat", "csat_score", "conversation_rating"), "rating"),
    **dict.fromkeys(("customer_id", "contact_email", "customer_email"), "contact_id, which is contacts.id"),
    **dict.fromkeys(("tags", "tag", "tag_name"), "tag_names, a list"),
    **dict.fromkeys(("first_response_time", "response_time"), "time_to_admin_reply, in seconds"),
    **dict.fromkeys(("resolution_time", "time_to_resolution", "time_to_close"), "time_to_last_close, in seconds"),
    "closed_at": "last_close_at",
    "mrr": "companies.monthly_spend",
    "plan": "companies.plan_name, or attr.plan",
}
