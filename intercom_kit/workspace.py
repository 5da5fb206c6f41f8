"""One Intercom workspace: the verbs that an analyst calls, each giving a DataFrame."""

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from intercom_kit import metrics
from intercom_kit.frames.frame import Frame
from intercom_kit.live.memory import Fresh
from intercom_kit.opened import OpenWorkspace
from intercom_kit.sql.planner import Parameters
from intercom_kit.tables import ADMINS, SEGMENTS, TAGS, TEAMS
from intercom_kit.tables.catalogue import describe
from intercom_kit.values.times import Time
from intercom_kit.verbs import companies, contacts, conversations, events, lists
from intercom_kit.verbs.events import Contacts
from intercom_kit.verbs.measuring import Wanted, explained, measure


class Workspace(OpenWorkspace):
    """One Intercom workspace, to be asked; made by `connect()` or `demo()`.

    Every verb asks Intercom at that moment and gives a DataFrame with the declared columns and types, even when
    empty. `frame.attrs["intercom"]` tells rows, total, complete or why not, requests, seconds, and when; so does the
    repr. Times are `datetime64[us, UTC]`, durations whole seconds, ids text. A workspace may be used from several
    threads, and two workspaces never mix.

    Arguments may be what stands in frames: a Series, an array or any other collection for several values, numbers and
    times of pandas and NumPy, NaN for None, and ids that pandas made floats. An empty collection finds nothing.

    All verbs raise `IntercomError`s whose sentence says what to do: `TokenInvalidError`, `ScopeMissingError`,
    `PlanRestrictedError`, `RateLimitedError`, `IntercomDownError`, `NotIntercomError`, `ConnectionFailedError`.
    """

    def schema(self, table: str | None = None) -> pd.DataFrame:
        """Say what the tables hold.

        Without a name, one row per table: `table`, `row` (what one row is), `columns`, `order`, `notes`. With one, a
        row per column: `column`, `type` (DuckDB's), `unit`, `meaning`, `filter` (what verbs take to filter by it).
        Costs no request. Raises BadRequestError for an unknown table.
        """
        return describe(table, self._session.privacy)

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
    ) -> Frame:
        """Answer one SELECT over Intercom as it is now.

        All tables of `schema()` can be named, and the links `conversation_tags` and `conversation_contacts`. Of each,
        only the rows are asked for that the query's conditions and joins need, as far as Intercom can search for them;
        DuckDB does the rest. Events, parts and links of contacts are asked for key by key: compare their key with
        constants, or join the table that has it; `whole` names those of which, without, every row may be asked for.
        `frames` are your own, by the names that the query uses, and may hold such keys, too, also as whole numbers;
        parameters are `$name` or `?`.

        Contacts and conversations that an earlier query brought are kept for the session, and not asked for again: with
        fresh="live" each query first asks what changed since, and in the quarter of an hour before, by which the search
        may lag behind: a request or two, and one per 150 rows that changed today where Intercom compares whole days.
        Contacts that were deleted are not told. "session" takes what is held as it is, and "refetch" starts over.

        DESCRIBE, SUMMARIZE, SHOW TABLES and PIVOT are answered too. EXPLAIN shows how DuckDB plans a SELECT, which
        decides what is asked of Intercom, and asks nothing; EXPLAIN ANALYZE fetches, runs it, and shows how that went.

        Costs a request per 150 rows or per key that is not held yet, at most `max_requests` in all; past that, the
        BadQueryError says, and has as `plan`, what the query needs. `order by created_at desc limit n` right over a
        table asks for little more than it wants. `timeout` bounds the seconds that the SQL itself may run once its
        rows are here; `max_requests` and Ctrl-C bound the fetching. An answer of more than `max_rows` is cut, and
        says so.

        With `apart`, an amount of memory such as "1GB", the query is read, planned and run in a process of its own,
        which is ended where it needs more, or takes longer than `timeout` in all: for SQL that others wrote. No other
        call waits for it, and it sees none of your `frames`.

        Raises BadQueryError for anything but one question that can be answered, QueryTimeoutError, and
        MemoryLimitError.
        """
        given = {} if frames is None else frames
        return self._queries.sql(query, params, given, max_requests, fresh, timeout, max_rows, whole, apart)

    def plan(
        self,
        query: str,
        params: Parameters = None,
        *,
        frames: Mapping[str, pd.DataFrame] | None = None,
        whole: Iterable[str] = (),
    ) -> pd.DataFrame:
        """Say what a query would ask Intercom for, before anything is fetched.

        One row per scan of a table, after one for each held table that would be brought up to date: `table`, `rows`,
        `requests`, `seconds` (at the rate budget of now), `pushed` (what Intercom compares), `local` (what is left to
        DuckDB), `depends` (the joins that tell which rows to ask for: how many is known only then, and missing here),
        `search` (what is sent, JSON), `note`. What is held already costs nothing. Costs a request per search, for its
        count. Raises BadQueryError.
        """
        return self._queries.plan(query, params, {} if frames is None else frames, whole)

    def metric(
        self,
        name: str,
        /,
        by: str | Iterable[str] | None = None,
        period: str | None = None,
        since: Time | None = None,
        until: Time | None = None,
        definition: str | None = None,
        *,
        compare: str | None = None,
        max_requests: int = 2_000,
        fresh: Fresh = "live",
        **filters: Any,
    ) -> Frame:
        """Work out one of the metrics that `metrics()` lists, from Intercom as it is now.

        One row per `period` and group: `period` (its start, in the workspace's timezone) and `complete` (it is over),
        the columns of `by`, then `value` in the metric's unit and `n`, what it is worked out from; for medians and
        means of what was measured also `total` (n and what could not be measured), `low` and `high` (95 % interval),
        `p25`, `p75`, `p90`, `mean`; for shares `hits`, `low` and `high`. What cannot be worked out is NULL. Periods
        are "hour", "day", "week" (from Monday), "month" or "quarter", and the first begins where the one does that
        `since` falls in. Without `since` the metric's own span counts, for most the last 28 days.

        `by` is one or several of team, teammate, channel, direction, tag, company, plan, segment, country,
        `custom_attributes.<name>`, any column, `contact.<column>` or `company.<column>`; filters are the same names
        with what they have to equal. `definition` is "intercom" (office hours, as its reports count), "calendar"
        (around the clock) or "dbt" (as Fivetran's dbt_intercom), where the metric has it; without, its first.
        compare="previous" adds `previous`, the value of the period or span before, and `change`.

        Metrics over events ask contact by contact: `contacts` is "seen" (users seen since the first event that matters,
        for most the default), "users", "all", or filters such as {"company": "Acme"}, which asks its members alone, or
        {"segment": "Active"}. What would need events older than 90 days is NULL, or refused where it is one span. Other
        options are `steps` and `window` of the funnel, and `weights` of account health.

        `attrs["intercom"]["metric"]` says definition and source, unit, hours, timezone, denominator, and how many rows
        are left out and why. Costs what its SQL does: see `explain_metric`, `plan` and `sql`. Raises BadMetricError,
        BadFilterError, BadTimeError, and BadQueryError where more than `max_requests` would be needed.
        """
        wanted = Wanted(name, by, period, since, until, definition, compare, filters)
        return measure(self._session, self._queries, wanted, max_requests, fresh)

    def metrics(self) -> pd.DataFrame:
        """List the metrics.

        One row per metric: `name`, `title`, `question` (what it answers), `unit`, `definitions` (a line for each),
        `by` (what it can be grouped by), `needs` (the tables it reads). Costs no request.
        """
        return metrics.list_metrics()

    def explain_metric(
        self,
        name: str,
        /,
        by: str | Iterable[str] | None = None,
        period: str | None = None,
        since: Time | None = None,
        until: Time | None = None,
        definition: str | None = None,
        *,
        compare: str | None = None,
        **filters: Any,
    ) -> str:
        """Give the SQL of a metric, under its definition, for `sql` and `plan`. Arguments are those of `metric`."""
        return explained(self._session, Wanted(name, by, period, since, until, definition, compare, filters))

    def contacts(self, limit: int | None = None, *, include: Iterable[str] = (), **filters: Any) -> Frame:
        """List contacts.

        One row per contact, the oldest first. Filters are columns (`role="user"`, a list for any of several), times
        (`since="30d"`, `last_seen_since="2026-01-01"`, `updated_until=…`), `tag_id`, `segment_id`, `email_domain` and
        `custom_attributes={"plan": "pro"}`. `include` takes "companies", "tags" and "segments": it completes
        `company_ids` and `tag_ids`, of which Intercom embeds ten, and adds `tag_names`, `segment_ids` and
        `segment_names`.

        Costs a request per 150 contacts, each time, since only so are deleted ones missed; all of them are kept for
        `sql`, too. `include` costs one more per contact with more than ten companies or tags, and for segments one per
        contact or a search per segment, whichever is less. Raises BadFilterError and BadTimeError.
        """
        return contacts.contacts(self._queries, limit, include, filters)

    def contact(self, id: str | None = None, *, external_id: str | None = None, email: str | None = None) -> Frame:
        """Find one contact by its Intercom id, your own external id, or email address.

        One row. Where several contacts share an email address it is the user, or the one that changed last, and a
        note in `attrs` names the others. Costs one request. Raises NotFoundError, and MergedContactError with the id
        to use instead.
        """
        return contacts.contact(self._session, id, external_id, email)

    def search_contacts(self, text: str | None = None, *, limit: int | None = None, **filters: Any) -> Frame:
        """Search contacts by words in their name or email address, and by the filters of `contacts`.

        One row per contact that has every word, the oldest first. A contact created in the last few minutes may not be
        searchable yet. Costs a request per 150 found.
        """
        return contacts.search(self._session, text, limit, filters)

    def companies(
        self,
        limit: int | None = None,
        *,
        name: str | None = None,
        tag_id: str | None = None,
        segment_id: str | None = None,
    ) -> Frame:
        """List companies that have contacts; Intercom lists no others, though `company` finds them.

        One row per company, the oldest first. `name` keeps those whose name has it somewhere, in any case; Intercom
        cannot search for that, so all companies are read. Costs a request per 60 companies; from 10,000 on they are
        scrolled over, a request per 100, and if another scroll is open in the app, up to a minute and a half of
        waiting. Raises ScrollBusyError where it stays open.
        """
        return companies.companies(self._session, limit, tag_id, segment_id, name)

    def company(self, id: str | None = None, *, company_id: str | None = None, name: str | None = None) -> Frame:
        """Find one company by its Intercom id, your own `company_id`, or its exact name.

        One row. Costs one request. Raises NotFoundError.
        """
        return companies.company(self._session, id, company_id, name)

    def company_contacts(self, company_id: str, *, limit: int | None = None) -> Frame:
        """List the contacts of one company, named by the column `id` of `companies`.

        One row per contact, the oldest first. Costs a request per 50 contacts. Raises MissingIdentifierError,
        NotFoundError.
        """
        return companies.company_contacts(self._session, company_id, limit)

    def segments(self, *, include_count: bool = False) -> Frame:
        """List segments of people, by name.

        One row per segment; `count`, its members, is filled with `include_count`. Costs one request.
        """
        return lists.listed(self._session, SEGMENTS, query={"include_count": "true"} if include_count else None)

    def teams(self) -> Frame:
        """List teams, by name. One row per team. Costs one request."""
        return lists.listed(self._session, TEAMS)

    def admins(self) -> Frame:
        """List teammates and Intercom's bots, by name. One row per admin. Costs one request."""
        return lists.listed(self._session, ADMINS)

    def tags(self) -> Frame:
        """List tags, by name. One row per tag. Costs one request."""
        return lists.listed(self._session, TAGS)

    def events(
        self,
        contacts: Contacts = None,
        *,
        by: str | None = None,
        since: Time | None = None,
        until: Time | None = None,
    ) -> Frame:
        """Give the events of one contact or many, of the last 90 days.

        One row per event, the newest first. `contacts` is an external id, several, or a frame of contacts; `by` says
        that they are "email" addresses or Intercom "id"s instead. Intercom lists events only contact by contact, so
        this costs at least one request per contact, many at once within the rate limit. A contact that fails is named
        in `attrs`, and the others are kept. Raises MissingIdentifierError, NoExternalIdError, NotFoundError.
        """
        return events.events(self._session, contacts, by, since, until)

    def event_summaries(self, contacts: Contacts = None, *, by: str | None = None) -> Frame:
        """Count the events of contacts over all time, also those older than 90 days.

        One row per contact and kind of event: `count`, `first`, `last` (UTC). Contacts are named as for `events`.
        Costs one request per contact.
        """
        return events.event_summaries(self._session, contacts, by)

    def conversations(self, limit: int | None = 500, **filters: Any) -> Frame:
        """List conversations, the newest first: 500, unless `limit` says otherwise; None is all.

        One row per conversation. Filters are columns (`state="open"`, `team_assignee_id=["12", "13"]`), times
        (`since="90d"`, `updated_since=…`, `last_close_until=…`; `since` and `until` are of `created_at`), and numbers
        (`count_reopens_min=1`, `rating_max=2`). Durations are seconds within office hours. Costs a request per 150,
        once a session one or two to find out how Intercom's search behaves, and where that ignores the order asked
        for, those of the days in which the newest were created.
        With limit=None, what comes is kept as `sql` keeps it: asked again, or by a query, only what changed since is
        asked for, unless a filter is by what only Intercom's search can tell, such as texts, tags or None. Raises
        BadFilterError and BadTimeError.
        """
        return conversations.conversations(self._queries, limit, None, filters)

    def search_conversations(self, text: str | None = None, *, limit: int | None = 500, **filters: Any) -> Frame:
        """Search conversations by words of their opening message or subject, and by the filters of `conversations`.

        One row per conversation that has every word, the newest first. Intercom searches opening messages only, not
        later parts. Costs a request per 150 found.
        """
        return conversations.conversations(self._queries, limit, text, filters)

    def conversation(self, id: str, *, body: str = "html") -> Frame:
        """Find one conversation by its id, with its opening message as "html" or "text".

        One row. Costs one request. Raises NotFoundError.
        """
        return conversations.conversation(self._session, id, body)

    def conversation_parts(self, ids: Any, *, body: str = "text") -> Frame:
        """Give what happened in conversations after the opening message: replies, notes, assignments, closes.

        One row per part, conversation by conversation, the oldest first. `ids` is a conversation's id, several, or a
        frame of conversations; `body` is "text" or "html". Costs one request per conversation, many at once. Intercom
        gives the newest 500 parts of a conversation: `attrs` says where there are more.
        """
        return conversations.conversation_parts(self._session, ids, body)
