"""The verbs for what Intercom lists only for given contacts, companies or conversations."""

from typing import Any

from intercom_kit.frames.frame import Frame
from intercom_kit.subjects.organisation import Organisation
from intercom_kit.tables import CALLS, COMPANY_NOTES, CONTACT_NOTES, CONTACT_SUBSCRIPTIONS
from intercom_kit.verbs.of_each import of_each


class Keyed(Organisation):
    """A workspace with the verbs for what Intercom lists key by key."""

    def contact_notes(self, contacts: Any) -> Frame:
        """List the notes of teammates about contacts.

        One row per note, contact by contact, oldest first. `contacts` is a contact's Intercom id, several, or a frame
        of contacts. Intercom has no list of all notes, so this costs a request per contact, many in parallel, and one
        more per further 50 notes. Contacts that fail are named in `attrs`.
        """
        return of_each(self._session, CONTACT_NOTES, contacts)

    def company_notes(self, companies: Any) -> Frame:
        """List the notes of teammates about companies, given by the column `id` of `companies`.

        One row per note, company by company, oldest first. `companies` is an id, several, or a frame of companies.
        Costs a request per company, and one more per further 50 notes. Raises BadRequestError where the token's API
        version is older than 2.15.
        """
        return of_each(self._session, COMPANY_NOTES, companies)

    def contact_subscriptions(self, contacts: Any) -> Frame:
        """List which types of messages contacts left or chose themselves; what holds by default is not listed.

        One row per contact and type: with `consent_type` "opt_out" the contact left it, with "opt_in" it was chosen.
        `contacts` is a contact's Intercom id, several, or a frame of contacts. Costs one request per contact.
        """
        return of_each(self._session, CONTACT_SUBSCRIPTIONS, contacts)

    def calls(self, conversations: Any) -> Frame:
        """List the phone calls of conversations, with their transcripts.

        One row per call, newest first. `conversations` is a conversation's id, several, or a frame of conversations,
        such as `ws.conversations(source_type="phone_call")`. `initiated_at`, `answered_at` (missing if nobody answered)
        and `ended_at` are UTC, `phone` is the number of the other side, and `transcript` a JSON list of lines. Intercom
        cannot search for calls by date, so this costs a request per 20 conversations, many in parallel.

        This follows Intercom's API description alone: no public recording shows real calls, so that the values of
        `state` and `ended_reason`, and the scope that a token needs, are not known.
        """
        return of_each(self._session, CALLS, conversations)
