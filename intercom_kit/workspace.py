"""One Intercom workspace: the verbs that an analyst calls, each returning a DataFrame."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal, Unpack

import pandas as pd

from intercom_kit import metrics
from intercom_kit.frames.frame import Frame
from intercom_kit.live.memory import Fresh
from intercom_kit.live.query_call import QueryCall
from intercom_kit.review.verb import Reviewing
from intercom_kit.sql.planner import Parameters
from intercom_kit.subjects.inbox import Inbox
from intercom_kit.subjects.proving import Proving
from intercom_kit.tables import SEGMENTS
from intercom_kit.values.times import Time
from intercom_kit.verbs import behind, contacts, events, lists
from intercom_kit.verbs import companies as company_verbs
from intercom_kit.verbs.argument_types import ContactFilters, MetricName, Period
from intercom_kit.verbs.arguments import Times
from intercom_kit.verbs.events import Contacts
from intercom_kit.verbs.measuring import MetricCall, explain, measure
from intercom_kit.verbs.own_tables import own_frames_named

if TYPE_CHECKING:
    from intercom_kit.lake.opened import Lake


class Workspace(Inbox, Proving, Reviewing):
    """One Intercom workspace; created by `connect()` or `demo()`.

    Every verb queries Intercom when it is called, and returns a DataFrame with the declared columns and types, even
    when empty. `frame.attrs["intercom"]` and the repr give rows, total, whether it is complete or why not, requests,
    seconds, and when. Times are `datetime64[us, UTC]`, durations whole seconds, ids text. Frames of conversations,
    tickets and contacts have a column `url`, the link to each in Intercom's app; for the first of these links of a
    session, the workspace's id and region cost one request. SQL has no such column, but notebooks show ids as links.
    A workspace may be used from several threads, and two workspaces never mix.

    Arguments may come straight from frames: a Series, an array or any other collection for several values, numbers and
    times of pandas and NumPy, NaN for None, and ids that pandas made floats. An empty collection matches nothing.

    All verbs raise `IntercomError`s whose message says what to do: `TokenInvalidError`, `ScopeMissingError`,
    `PlanRestrictedError`, `RateLimitedError`, `IntercomDownError`, `NotIntercomError`, `ConnectionFailedError`.
    """

    def schema(self, table: str | None = None) -> pd.DataFrame:
        """Describe the tables, or the columns of one.

        Without a name, one row per table: `table`, `row` (what one row is), `columns`, `order`, `notes`. With one, a
        row per column: `column`, `type` (DuckDB's), `unit`, `meaning`, `filter` (the verbs' arguments that filter it),
        with those of `attr` in SQL once known. Costs no request. Raises BadRequestError for an unknown table.
        """
        return self._queries.definitions.schema(table)

    def sql(
        self,
        query: str,
        params: Parameters = None,
        *,
        frames: Mapping[str, pd.DataFrame] | None = None,
        max_requests: int = 2_000,
        fresh: Fresh = "live",
        timeout: float | None = None,
        max_rows: int | None = None,
        whole: Iterable[str] = (),
        apart: str | None = None,
        lake: "Lake | None" = None,
    ) -> Frame:
        """Run one SELECT over Intercom's current data.

        All tables of `schema()` can be named, and the links `conversation_tags`, `conversation_contacts` and
        `conversation_team_responses` (the first response of each team in charge, in seconds). Only the rows that the
        query's conditions and joins need are fetched, as far as Intercom can search for them; DuckDB filters the rest.
        Events, parts and links of contacts are fetched key by key: compare their key with constants, or join the table
        that has it, also by `exists` and `not exists`. `whole` names tables that may be read completely without keys.
        `frames` are your own DataFrames, by the names that the query uses; they may hold such keys, too, also as whole
        numbers. Parameters are `$name` or `?`. `attr` of contacts, companies, conversations and tickets has the
        attributes that the workspace defined, as `expand` types them: `contacts.attr.plan = 'Growth'`, for one request
        per session.

        Contacts, conversations and tickets that an earlier query fetched are cached for the session. With "live" each
        query first fetches what changed since then, and in the quarter of an hour before, by which Intercom's search
        may lag: a request or two, and one per 150 rows that changed today if Intercom compares whole days. This does
        not reveal deleted contacts and tickets. Parts of conversations that did not change since are kept, too.
        "session" uses the cache as it is, and "refetch" ignores it.

        DESCRIBE, SUMMARIZE, SHOW TABLES and PIVOT work too. EXPLAIN shows how DuckDB plans a SELECT, which decides what
        is fetched, and itself fetches nothing; EXPLAIN ANALYZE fetches, runs the query, and shows timings.

        Costs a request per 150 rows or per key that is not cached, at most `max_requests` in all; beyond that, the
        BadQueryError and its `plan` show what the query needs. `order by created_at desc limit n` directly over a
        table fetches little more than n rows. `timeout` limits the seconds that the SQL itself may run once its rows
        are here; `max_requests` and Ctrl-C limit the fetching. A result of more than `max_rows` is truncated, and
        marked so.

        With `apart`, an amount of memory such as "1GB", the query is parsed, planned and run in a separate process,
        which is killed if it needs more, or takes longer than `timeout` in all: for SQL that you do not trust. No other
        call waits for it, and it sees none of your `frames`.

        With a `lake`, that of the workspace which `ik.open()` opened, its rows are taken from there as if they had been
        fetched then, and only what changed since, and what it lacks, is fetched. Raises BadLakeError for another one.

        Raises BadQueryError for anything but one query that can be answered, QueryTimeoutError, and MemoryLimitError.
        """
        own = {} if frames is None else frames
        call = QueryCall(query, params, own, max_requests, fresh, timeout, max_rows, whole, apart, tells_values=True)
        with own_frames_named():
            return self._answering(lake).sql(call)

    def plan(
        self,
        query: str,
        params: Parameters = None,
        *,
        frames: Mapping[str, pd.DataFrame] | None = None,
        whole: Iterable[str] = (),
        lake: "Lake | None" = None,
    ) -> pd.DataFrame:
        """Return what a query would fetch from Intercom, without fetching it.

        One row per scan of a table, after one for each cached table that would be brought up to date: `table`, `rows`,
        `requests` with their bounds `at_least` and `at_most`, `seconds` (with the current rate budget), `pushed`
        (conditions that Intercom compares), `local` (conditions left to DuckDB), `depends` (joins that decide which
        rows to fetch), `search` (the JSON that is sent), `note`. What depends on a join is estimated from counts of the
        rows that it joins: `requests` is what that may need at most, one for each key; `at_most` is missing where a key
        may have further pages, as events do, and `rows` until they are here. Cached rows cost nothing, nor do those of
        a `lake`, given as for `sql`. Costs a request per search, for its count. Raises BadQueryError.
        """
        call = QueryCall(query, params, {} if frames is None else frames, whole=whole)
        with own_frames_named():
            return self._answering(lake).plan(call)

    def metric(
        self,
        name: MetricName | str | None = None,
        /,
        by: str | Iterable[str] | None = None,
        period: Period | None = None,
        since: Time | None = None,
        until: Time | None = None,
        definition: str | None = None,
        *,
        during: Time | None = None,
        compare: Literal["previous"] | None = None,
        timezone: str | None = None,
        frames: Mapping[str, pd.DataFrame] | None = None,
        weight: str | None = None,
        max_requests: int = 2_000,
        fresh: Fresh = "live",
        lake: "Lake | None" = None,
        **filters: Any,
    ) -> Frame:
        """Compute one of the metrics that `metrics()` lists, from Intercom's current data.

        One row per `period` and group: `period` (its start, in the workspace's timezone) and `complete` (it is over),
        the columns of `by`, then `value` in the metric's unit and `n`, the size of the sample; for medians and means of
        measurements also `total` (n and what could not be measured), `low` and `high` (95 % interval), `p25`, `p75`,
        `p90`, `mean`; for shares `hits`, `low` and `high`. Values that cannot be computed are NULL. Periods are "hour",
        "day", "week" (from Monday), "month" or "quarter"; the first one is the period that contains `since`, and is
        counted whole. The default of `since` is the metric's own, for most 28 days ago. `until` includes the day,
        month or the like that it names; `during="last quarter"` names both. `timezone` is another clock than the
        workspace's.

        `by` is one or several of team, teammate, channel, direction, tag, company, plan, segment, country,
        `custom_attributes.<name>`, any column, `contact.<column>` or `company.<column>`; filters are the same names
        with the values to match, and `name=` is one, too, where the metric is named before it. `definition` is
        "intercom" (office hours, as its reports count), "office" (those of `hours`: OfficeHours, or the name of a
        schedule), "calendar" (around the clock) or "dbt" (as dbt_intercom), where the metric has it; the default is its
        first. compare="previous" adds `previous`, the value of the period or span before, and `change`.

        `frames` are your own, by name, such as accounts with their revenue: their columns are groups and filters, too,
        as by="accounts.tier". What joins them is their first column of company_id (Intercom's or your own),
        company_name, contact_id, external_id and email, which has each value once. `weight`, such as "accounts.arr",
        weighs counts and shares by a number: a count is then its sum, a share of it, without an interval; what has none
        counts as 0.

        Metrics over events fetch events contact by contact: `contacts` is "seen" (users seen since the first event that
        matters, for most the default), "users", "all", or filters such as {"company": "Acme"}, which fetches only its
        members, or {"segment": "Active"}. Values that need events older than 90 days are NULL; if that is the whole
        span, an error is raised. Other options are `steps` and `window` of the funnel, and `weights` of account health.

        `attrs["intercom"]["metric"]` has definition and source, unit, hours, timezone, denominator, and how many rows
        are left out and why. Costs what its SQL does, with a `lake`, too: see `explain_metric`, `plan` and `sql`.
        Raises BadMetricError, BadFilterError, BadTimeError, and BadQueryError if it needs more than `max_requests`.
        """
        call = MetricCall(
            name,
            by,
            period,
            since,
            until,
            definition,
            compare,
            filters,
            during,
            timezone,
            {} if frames is None else frames,
            weight,
        )
        return measure(self._session, self._answering(lake), call, max_requests, fresh)

    def behind(
        self, answer: pd.DataFrame | Any, row: int | None = None, *, count: str | None = None, max_requests: int = 2_000
    ) -> Frame:
        """List the conversations or contacts behind one number of a metric.

        `answer` is a frame of `metric` and `row` the number of one of its rows; or `answer` is such a row, as
        `frame.iloc[3]`. One row per conversation or contact that the row's `n` counts, newest first, with its `url`;
        more than one where the metric counts something of which it has several. `count` names another column, such as
        "hits" of a share, or "total", which counts those that were not measured, too. The default is `n`; for shares of
        groups of a whole, as for topics, it is "hits".

        The rows are those that the session has cached, so that they agree with the number; this costs requests only
        after `forget`. Raises BadMetricError where a number has no such rows: of companies, curves or backlogs.
        """
        return behind.behind(self._session, self._queries, answer, row, count, max_requests)

    def metrics(self) -> pd.DataFrame:
        """List the metrics.

        One row per metric: `name`, `title`, `question` (what it answers), `unit`, `definitions` (one per line),
        `by` (what it can be grouped by), `needs` (the tables it reads), `aliases` (what else it may be called in
        `metric`). Costs no request.
        """
        return metrics.list_metrics()

    def explain_metric(
        self,
        name: MetricName | str | None = None,
        /,
        by: str | Iterable[str] | None = None,
        period: Period | None = None,
        since: Time | None = None,
        until: Time | None = None,
        definition: str | None = None,
        *,
        during: Time | None = None,
        compare: Literal["previous"] | None = None,
        timezone: str | None = None,
        **filters: Any,
    ) -> str:
        """Return the SQL of a metric, under its definition, for `sql` and `plan`. Arguments are those of `metric`."""
        call = MetricCall(name, by, period, since, until, definition, compare, filters, during, timezone)
        return explain(self._session, self._queries, call)

    def contacts(
        self,
        limit: int | None = None,
        *,
        include: Iterable[str] = (),
        expand: Iterable[str] = (),
        **filters: Unpack[ContactFilters],
    ) -> Frame:
        """List contacts.

        One row per contact, oldest first. Filters are columns (`role="user"`, a list for any of several), times
        (`since="30d"`, `last_seen_since="2026-01-01"`, `updated_until=…`), `tag_id`, `segment_id`, `email_domain` and
        `custom_attributes={"plan": "pro"}`. `include` takes "companies", "tags" and "segments": it completes
        `company_ids` and `tag_ids`, of which Intercom embeds ten, and adds `tag_names`, `segment_ids` and
        `segment_names`. expand="custom_attributes" adds a column for each attribute that your workspace defined, of its
        declared type, such as `custom_attributes.plan`; `attributes` lists them.

        Costs a request per 150 contacts, each time, since only a full listing reveals deletions; without filters and
        limit the contacts are cached for `sql`, too. `include` costs one more per contact with more than ten companies
        or tags, and for segments one per contact or a search per segment, whichever is less; `expand` costs one
        per session. Raises BadFilterError and BadTimeError.
        """
        return contacts.contacts(self._queries, limit, include, expand, {**filters})

    def contact(self, id: str | None = None, *, external_id: str | None = None, email: str | None = None) -> Frame:
        """Find one contact by its Intercom id, your own external id, or email address.

        One row. If several contacts share an email address, it is the user, or the one that changed last, and a note
        in `attrs` names the others. Costs one request. Raises NotFoundError, and MergedContactError with the id
        to use instead.
        """
        return contacts.contact(self._session, id, external_id, email)

    def search_contacts(
        self,
        text: str | None = None,
        *,
        limit: int | None = None,
        expand: Iterable[str] = (),
        **filters: Unpack[ContactFilters],
    ) -> Frame:
        """Search contacts by words in their name or email address, and by the filters of `contacts`.

        One row per contact that has every word, oldest first. A contact created in the last few minutes may not be
        searchable yet. `expand` is that of `contacts`. Costs a request per 150 found.
        """
        return contacts.search_contacts(self._queries, text, limit, expand, {**filters})

    def companies(
        self,
        limit: int | None = None,
        *,
        name: str | None = None,
        tag_id: str | None = None,
        segment_id: str | None = None,
        expand: Iterable[str] = (),
        **others: Any,
    ) -> Frame:
        """List companies that have contacts; Intercom lists no others, though `company` finds them.

        One row per company, oldest first. `name` keeps those whose name contains it, in any case; Intercom cannot
        search for that, so all companies are read. `expand` is that of `contacts`. By other columns only `sql` filters:
        the error names the query.

        Costs a request per 60 companies; from 10,000 on they are read with a scroll, a request per 100, which waits up
        to a minute and a half if another scroll is open in the app. Raises ScrollBusyError if that stays open.
        """
        return company_verbs.companies(self._queries, limit, name, tag_id, segment_id, expand, others)

    def company(self, id: str | None = None, *, company_id: str | None = None, name: str | None = None) -> Frame:
        """Find one company by its Intercom id, your own `company_id`, or its exact name.

        One row. Costs one request. Raises NotFoundError.
        """
        return company_verbs.company(self._session, id, company_id, name)

    def company_contacts(self, companies: Any, *, limit: int | None = None) -> Frame:
        """List the contacts of one company or several, given by the column `id` of `companies`, or as such a frame.

        One row per contact, oldest first. Costs a request per 50 contacts of each company. Raises
        MissingIdentifierError, NotFoundError.
        """
        return company_verbs.company_contacts(self._session, companies, limit)

    def segments(self, *, include_count: bool = False) -> Frame:
        """List segments of people, by name.

        One row per segment; `include_count` fills `count`, the number of members. Costs one request.
        """
        return lists.listed(self._session, SEGMENTS, query={"include_count": "true"} if include_count else None)

    def events(
        self,
        contacts: Contacts = None,
        *,
        by: str | None = None,
        since: Time | None = None,
        until: Time | None = None,
        during: Time | None = None,
        timezone: str | None = None,
    ) -> Frame:
        """List the events of one contact or many, from the last 90 days.

        One row per event, newest first. `contacts` is an external id, several, or a frame of contacts; set `by` to
        "email" or "id" to give email addresses or Intercom ids instead. Intercom lists events only contact by contact,
        so this costs at least one request per contact, many in parallel within the rate limit. Contacts that fail are
        named in `attrs`; the result has the others. Raises MissingIdentifierError, NoExternalIdError, NotFoundError.
        """
        return events.events(self._session, contacts, by, Times(since, until, during, timezone))

    def event_summaries(self, contacts: Contacts = None, *, by: str | None = None) -> Frame:
        """Count the events of contacts over all time, including those older than 90 days.

        One row per contact and kind of event: `count`, `first`, `last` (UTC). Contacts are given as for `events`.
        Costs one request per contact.
        """
        return events.event_summaries(self._session, contacts, by)
