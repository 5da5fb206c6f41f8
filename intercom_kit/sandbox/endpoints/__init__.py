"""The endpoints of Intercom's read API: each is a plain function from a call to a JSON object."""

from collections.abc import Callable
from typing import NamedTuple

from intercom_kit.sandbox.call import READ_TICKETS, Call
from intercom_kit.sandbox.contents.record import Record
from intercom_kit.sandbox.endpoints import (
    articles,
    calls,
    companies,
    contacts,
    conversations,
    directory,
    events,
    notes,
    office_hours,
    reporting,
    teamwork,
    tickets,
)

PEOPLE, CONVERSATIONS = "read_users_and_companies", "read_conversations"
TAGS, ADMINS, EVENTS = "read_tags", "read_admins", "read_events"
ARTICLES, SUBSCRIPTIONS = "read_articles", "read_subscription_types"
ACTIVITY, OFFICE_HOURS = "read_admin_activity_logs", "read_write_office_hours"
REPORTING, FILE = "export_reporting_data", "application/octet-stream"


class Endpoint(NamedTuple):
    """One route: its method, path template, function, and required scope and feature."""

    method: str
    template: str
    answer: Callable[[Call], Record | str | bytes]  # an object, its JSON text, or a file
    scope: str
    feature: str = ""  # which the plan must include
    accept: str = "application/json"


EXCEPTIONS = "/office_hours_schedules/{id}/office_hours_exceptions"
JOBS = "/export/reporting_data"
FEATURES = ("tickets", "activity_logs", "office_hours", "reporting")

# Order matters: fixed paths before those with a parameter in the same place.
ENDPOINTS = (
    Endpoint("GET", "/me", directory.me, ADMINS),
    Endpoint("GET", "/contacts", contacts.list_contacts, PEOPLE),
    Endpoint("POST", "/contacts/search", contacts.search_contacts, PEOPLE),
    Endpoint("GET", "/contacts/find_by_external_id/{external_id}", contacts.find_by_external_id, PEOPLE),
    Endpoint("GET", "/contacts/{id}", contacts.show_contact, PEOPLE),
    Endpoint("GET", "/contacts/{id}/companies", contacts.list_companies, PEOPLE),
    Endpoint("GET", "/contacts/{id}/segments", contacts.list_segments, PEOPLE),
    Endpoint("GET", "/contacts/{id}/tags", contacts.list_tags, PEOPLE),
    Endpoint("GET", "/companies", companies.find_or_list, PEOPLE),
    Endpoint("POST", "/companies/list", companies.list_companies, PEOPLE),
    Endpoint("GET", "/companies/scroll", companies.scroll, PEOPLE),
    Endpoint("GET", "/companies/{id}", companies.show_company, PEOPLE),
    Endpoint("GET", "/companies/{id}/contacts", companies.list_contacts, PEOPLE),
    Endpoint("GET", "/companies/{id}/segments", companies.list_segments, PEOPLE),
    Endpoint("GET", "/segments", directory.list_segments, PEOPLE),
    Endpoint("GET", "/segments/{id}", directory.show_segment, PEOPLE),
    Endpoint("GET", "/teams", directory.list_teams, PEOPLE),
    Endpoint("GET", "/teams/{id}", directory.show_team, PEOPLE),
    Endpoint("GET", "/admins", directory.list_admins, ADMINS),
    Endpoint("GET", "/admins/activity_logs", teamwork.list_activity_logs, ACTIVITY, "activity_logs"),
    Endpoint("POST", "/admins/activity_logs/search", teamwork.search_activity_logs, ACTIVITY, "activity_logs"),
    Endpoint("GET", "/admins/activity_log_event_types", teamwork.list_event_types, ADMINS, "activity_logs"),
    Endpoint("GET", "/away_status_reasons", teamwork.list_away_reasons, ADMINS),
    Endpoint("GET", "/admins/{id}", directory.show_admin, ADMINS),
    Endpoint("GET", "/tags", directory.list_tags, TAGS),
    Endpoint("GET", "/tags/{id}", directory.show_tag, TAGS),
    Endpoint("GET", "/data_attributes", directory.list_data_attributes, PEOPLE),
    Endpoint("GET", "/events", events.list_events, EVENTS),
    Endpoint("GET", "/conversations", conversations.list_conversations, CONVERSATIONS),
    Endpoint("POST", "/conversations/search", conversations.search_conversations, CONVERSATIONS),
    Endpoint("GET", "/conversations/deleted", conversations.list_deleted, CONVERSATIONS),
    Endpoint("GET", "/conversations/attributes", directory.list_conversation_attributes, CONVERSATIONS),
    Endpoint("GET", "/conversations/attributes/{id}", directory.show_conversation_attribute, CONVERSATIONS),
    Endpoint("GET", "/conversations/{id}", conversations.show_conversation, CONVERSATIONS),
    Endpoint("POST", "/tickets/search", tickets.search_tickets, READ_TICKETS, "tickets"),
    Endpoint("GET", "/tickets/{id}", tickets.show_ticket, READ_TICKETS, "tickets"),
    Endpoint("GET", "/ticket_types", tickets.list_types, READ_TICKETS, "tickets"),
    Endpoint("GET", "/ticket_types/{id}", tickets.show_type, READ_TICKETS, "tickets"),
    Endpoint("GET", "/ticket_states", tickets.list_states, READ_TICKETS, "tickets"),
    Endpoint("GET", "/contacts/{id}/notes", notes.list_of_contact, PEOPLE),
    Endpoint("GET", "/companies/{id}/notes", notes.list_of_company, PEOPLE),
    Endpoint("GET", "/subscription_types", notes.list_types, SUBSCRIPTIONS),
    Endpoint("GET", "/contacts/{id}/subscriptions", notes.list_subscriptions, SUBSCRIPTIONS),
    Endpoint("GET", "/calls", calls.list_calls, CONVERSATIONS),
    Endpoint("POST", "/calls/search", calls.search_calls, CONVERSATIONS),
    Endpoint("GET", "/calls/{id}", calls.show_call, CONVERSATIONS),
    Endpoint("GET", "/articles", articles.list_articles, ARTICLES),
    Endpoint("GET", "/articles/{id}", articles.show_article, ARTICLES),
    Endpoint("GET", "/help_center/collections", articles.list_collections, ARTICLES),
    Endpoint("GET", "/help_center/collections/{id}", articles.show_collection, ARTICLES),
    Endpoint("GET", "/help_center/help_centers", articles.list_help_centers, ARTICLES),
    Endpoint("GET", "/office_hours_schedules", office_hours.list_schedules, OFFICE_HOURS, "office_hours"),
    Endpoint("GET", "/office_hours_schedules/{id}", office_hours.show_schedule, OFFICE_HOURS, "office_hours"),
    Endpoint("GET", EXCEPTIONS, office_hours.list_exceptions, OFFICE_HOURS, "office_hours"),
    Endpoint("GET", f"{EXCEPTIONS}/{{exception}}", office_hours.show_exception, OFFICE_HOURS, "office_hours"),
    Endpoint("GET", f"{JOBS}/get_datasets", reporting.list_datasets, REPORTING, "reporting"),
    Endpoint("POST", f"{JOBS}/enqueue", reporting.enqueue, REPORTING, "reporting"),
    Endpoint("GET", f"{JOBS}/{{job}}", reporting.show_job, REPORTING, "reporting"),
    Endpoint("GET", "/download/reporting_data/{job}", reporting.download, REPORTING, "reporting", FILE),
)
