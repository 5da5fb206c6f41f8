"""The verbs about what comes in: conversations, tickets, and what happened in them."""

from collections.abc import Iterable
from typing import Any, Unpack

from intercom_kit.frames.frame import Frame
from intercom_kit.subjects.keyed import Keyed
from intercom_kit.tables import CONVERSATIONS, TICKETS
from intercom_kit.verbs import conversations
from intercom_kit.verbs import tickets as ticket_verbs
from intercom_kit.verbs.argument_types import ConversationFilters, TicketFilters
from intercom_kit.verbs.newest import NEWEST, newest


class Inbox(Keyed):
    """A workspace with the verbs for conversations and tickets."""

    def conversations(
        self,
        limit: int | None = NEWEST,
        *,
        include: Iterable[str] = (),
        expand: Iterable[str] = (),
        max_requests: int | None = None,
        **filters: Unpack[ConversationFilters],
    ) -> Frame:
        """List conversations, newest first: all of a span or filter; the newest 500 where nothing is named.

        One row per conversation. `limit` bounds their number, and None is all. Filters are columns (`state="open"`,
        `team_assignee_id=["12", "13"]`), times (`since="90d"`, `updated_since=…`, `last_close_until=…`; `since` and
        `until` are of `created_at`), and numbers (`count_reopens_min=1`, `rating_max=2`). Durations are seconds within
        office hours. `expand` is that of `contacts`. `include` takes "monitors" and "scorecards", which add the columns
        `monitor_evaluations` and `scorecards`, JSON lists of reviews. Such rows are fetched anew each time, and SQL
        does not know these columns.

        Costs a request per 150, and once a session one or two to find out how Intercom's search behaves; if that
        ignores the requested order, all conversations of the latest days are read. All of a span or filter may cost
        `max_requests`, by default 2,000; limit=None, what it takes. With limit=None the rows are cached as those of
        `sql` are, and later calls and queries fetch only what changed since, unless a filter is one that only
        Intercom's search can apply, such as texts, tags or None. Raises BadFilterError and BadTimeError, and
        BadQueryError for more than `max_requests`.
        """
        return newest(self._queries, CONVERSATIONS, limit, max_requests, None, expand, {**filters}, include)

    def search_conversations(
        self,
        text: str | None = None,
        *,
        replies: bool = False,
        limit: int | None = NEWEST,
        include: Iterable[str] = (),
        expand: Iterable[str] = (),
        max_requests: int | None = None,
        **filters: Unpack[ConversationFilters],
    ) -> Frame:
        """Search conversations by words of their opening message or subject, and by the filters of `conversations`.

        One row per conversation that has every word, newest first, all of them unless `limit` bounds their number.
        Intercom searches opening messages only, not later parts. `include` and `max_requests` are those of
        `conversations`, and `expand` is that of `contacts`. Costs a request per 150. Where nothing is found, one more
        counts conversations that have some of the words or their stems, and the receipt says how many.

        With `replies`, every message counts, notes of teammates too, and words may be parts of words, in any case. The
        conversations of the span and filters are then read one by one: a request for each, but for those whose parts
        the session has kept, since they did not change. Above `max_requests` the BadQueryError says how many it takes.
        """
        return newest(
            self._queries, CONVERSATIONS, limit, max_requests, text, expand, {**filters}, include, replies=replies
        )

    def conversation(self, id: str, *, body: str = "html", include: Iterable[str] = ()) -> Frame:
        """Find one conversation by its id, with its opening message as "html" or "text".

        One row. `include` is that of `conversations`. Costs one request. Raises NotFoundError.
        """
        return conversations.conversation(self._session, id, body, include)

    def conversation_parts(self, ids: Any, *, body: str = "text") -> Frame:
        """List what happened in conversations after the opening message: replies, notes, assignments, closes.

        One row per part, conversation by conversation, oldest first. `ids` is a conversation's id, several, or a frame
        of conversations; `body` is "text" or "html". Costs one request per conversation, many in parallel. Intercom
        returns the newest 500 parts of a conversation: `attrs` names the conversations that have more.
        """
        return conversations.conversation_parts(self._session, ids, body)

    def tickets(
        self,
        limit: int | None = NEWEST,
        *,
        text: str | None = None,
        expand: Iterable[str] = (),
        max_requests: int | None = None,
        **filters: Unpack[TicketFilters],
    ) -> Frame:
        """List tickets, newest first: all of a span or filter; the newest 500 where nothing is named.

        One row per ticket. Filters are columns (`state="resolved"`, a list for any of several,
        `open=True`, `ticket_type_id=…`) and times (`since="30d"`, `updated_since=…`); `text` finds words in the title
        or description. A ticket is also a conversation of the same id, which has its
        statistics and rating. Custom attributes are in `attributes` by their names, as JSON; expand="attributes" adds a
        column for each that a type of tickets has, of its declared type, such as `attributes.Severity`.

        Costs a request per 50 tickets, whose parts come with them; with limit=None and no filter, tickets and parts are
        cached for `sql`. Raises BadFilterError and BadTimeError, and
        PlanRestrictedError or ScopeMissingError where the workspace or the token has no tickets.
        """
        return newest(self._queries, TICKETS, limit, max_requests, text, expand, {**filters})

    def ticket(self, id: Any) -> Frame:
        """Find one ticket by its Intercom id, not the number that the Inbox shows.

        One row. Costs one request. Raises NotFoundError.
        """
        return ticket_verbs.ticket(self._session, id)

    def ticket_parts(self, tickets: Any) -> Frame:
        """List what happened in tickets: replies, notes, changes of state, assignments.

        One row per part, ticket by ticket, oldest first. `tickets` is a ticket's id, several, or a frame of tickets.
        Costs nothing for tickets that are cached, but for what changed since; else a request per 50 tickets. Intercom
        returns the newest 500 parts of a ticket: the result is marked as incomplete where one has more.
        """
        return ticket_verbs.ticket_parts(self._queries, tickets)
