"""The verbs about the organisation itself: its teams, types, office hours, help center, and what its teammates do."""

from collections.abc import Iterable

from intercom_kit.frames.frame import Frame
from intercom_kit.opened import OpenWorkspace
from intercom_kit.search.filters import Selection
from intercom_kit.tables import (
    ADMINS,
    ATTRIBUTES,
    AWAY_STATUS_REASONS,
    COLLECTIONS,
    OFFICE_HOURS,
    SUBSCRIPTION_TYPES,
    TAGS,
    TEAMS,
    TICKET_STATES,
    TICKET_TYPES,
)
from intercom_kit.values.times import Time
from intercom_kit.verbs import articles, lists, teamwork
from intercom_kit.verbs.arguments import Times


class Organisation(OpenWorkspace):
    """A workspace with the verbs about its own organisation."""

    def teams(self) -> Frame:
        """List teams, by name. One row per team. Costs one request."""
        return lists.listed(self._session, TEAMS)

    def admins(self) -> Frame:
        """List teammates and Intercom's bots, by name. One row per admin. Costs one request."""
        return lists.listed(self._session, ADMINS)

    def tags(self) -> Frame:
        """List tags, by name. One row per tag. Costs one request."""
        return lists.listed(self._session, TAGS)

    def ticket_types(self) -> Frame:
        """List types of tickets, archived ones too, by name. One row per type. Costs one request."""
        return lists.listed(self._session, TICKET_TYPES)

    def ticket_states(self) -> Frame:
        """List custom states of tickets, archived ones too. One row per state. Costs one request."""
        return lists.listed(self._session, TICKET_STATES)

    def attributes(self) -> Frame:
        """List the attributes that contacts, companies, conversations and tickets may carry, archived ones too.

        One row per attribute, and for tickets per type and attribute; `model` says of what. Costs four requests, one
        per list. If the workspace's plan, the token or its API version does not allow one of the lists, the others
        come, and the receipt names it.
        """
        return lists.rows(self._queries, lists.ListCall(ATTRIBUTES, Selection(), {}))

    def office_hours(self) -> Frame:
        """List the schedules of office hours as intervals: those of every week, and those of exceptional dates.

        One row per interval: `schedule_id`, `zone`, `weekday` (0 is Monday), `start_minute` and `end_minute`, counted
        from Monday 00:00, or of an exception from 00:00 of its date. A closed date, and a schedule around the clock,
        are rows without minutes. Intercom does not tell which schedule is the workspace's, which team has which, nor
        what they were before.

        Costs two requests, and one per schedule. Raises PlanRestrictedError where the workspace's plan has no office
        hours, and BadRequestError where the token's API version is older than 2.16.
        """
        return lists.rows(self._queries, lists.ListCall(OFFICE_HOURS, Selection(), {}))

    def activity_logs(
        self,
        since: Time | None = None,
        until: Time | None = None,
        *,
        during: Time | None = None,
        timezone: str | None = None,
        type: str | Iterable[str] | None = None,
        limit: int | None = None,
    ) -> Frame:
        """List what teammates did and changed in Intercom since a time, by default in the last 30 days.

        One row per activity, newest first: logins, going away and coming back, changes of teammates, teams, settings
        and workflows, exports, deletions. `type` keeps those of one `activity_type` or several; types that Intercom
        adds later are there, too. `metadata` has the details as JSON. Email addresses, IP addresses and descriptions
        are personal. How far back the logs reach is not documented.

        Costs a request per 100 activities, whatever their type. Raises PlanRestrictedError where the workspace's plan
        has no activity logs, and BadTimeError.
        """
        times = Times(since, until, during, timezone).beginning("30d")
        return teamwork.activity_logs(self._session, times, type, limit)

    def away_periods(
        self,
        since: Time | None = None,
        until: Time | None = None,
        *,
        during: Time | None = None,
        timezone: str | None = None,
    ) -> Frame:
        """List the periods in which teammates were away, worked out from their activity logs since a time.

        One row per teammate and period: `admin_id`, `began`, `ended` (missing if still away then), `reason`, and `how`:
        the "teammate" set it, "somebody else" did, or "inactivity". What was before `since` is unknown: `began` is
        missing for a period that the first entry ends, and teammates without any entry have no rows. A change of the
        reason begins a new period; of entries within five seconds the last one counts. Costs what `activity_logs`
        does.
        """
        return teamwork.away_periods(self._queries, Times(since, until, during, timezone).beginning("30d"))

    def away_status_reasons(self) -> Frame:
        """List reasons for being away, deleted ones too, as teammates see them in order.

        One row per reason. `away_status_reason_id` of `admins` is an `id` here. Costs one request.
        """
        return lists.listed(self._session, AWAY_STATUS_REASONS)

    def articles(self, limit: int | None = None, *, statistics: bool = False) -> Frame:
        """List articles of the help center, drafts too, the last changed first.

        One row per article; `body` is HTML. `statistics` adds `views`, `conversations`, `reactions`, the percentages of
        happy, neutral and sad ones, and how often Fin used the article and resolved the conversation. These are totals
        of the article's lifetime, without dates: what changed shows only between frames that you keep.

        Costs a request per 100 articles, and with `statistics` one more per article, many in parallel, since Intercom
        gives statistics of single articles only; `limit` bounds both. Articles that fail are named in `attrs`.
        """
        return articles.articles(self._session, limit, statistics)

    def collections(self, limit: int | None = None) -> Frame:
        """List the collections of the help center, empty ones too, by name.

        One row per collection; `parent_id` is the collection that it is part of, and `collection_ids` of `articles`
        are ids here. Costs a request per 20 collections, of which `limit` bounds the number.
        """
        return lists.listed(self._session, COLLECTIONS, limit)

    def subscription_types(self) -> Frame:
        """List the types of messages that contacts can choose or leave, archived ones too, by name.

        One row per type. Costs one request.
        """
        return lists.listed(self._session, SUBSCRIPTION_TYPES)
