"""Declarations of the tables, from which everything else about them is derived."""

from intercom_kit.tables.attributes import ATTRIBUTES
from intercom_kit.tables.columns import Column, Kind
from intercom_kit.tables.companies import COMPANIES
from intercom_kit.tables.contacts import CONTACTS
from intercom_kit.tables.conversations import CONVERSATION_PARTS, CONVERSATIONS, DELETED_CONVERSATIONS, REVIEWS
from intercom_kit.tables.directory import ADMINS, SEGMENTS, TAGS, TEAMS
from intercom_kit.tables.events import EVENT_SUMMARIES, EVENTS
from intercom_kit.tables.help_center import ARTICLE_STATISTICS, ARTICLES, COLLECTIONS
from intercom_kit.tables.links import (
    COMPANY_CONTACTS,
    CONTACT_COMPANIES,
    CONTACT_SEGMENTS,
    CONTACT_TAGS,
    SEGMENT_CONTACTS,
)
from intercom_kit.tables.office_hours import OFFICE_HOURS
from intercom_kit.tables.people import CALLS, COMPANY_NOTES, CONTACT_NOTES, CONTACT_SUBSCRIPTIONS, SUBSCRIPTION_TYPES
from intercom_kit.tables.table import Key, Listing, Paging, Table
from intercom_kit.tables.teamwork import ACTIVITY_LOGS, AWAY_STATUS_REASONS
from intercom_kit.tables.tickets import TICKET_PARTS, TICKET_STATES, TICKET_TYPES, TICKETS

TABLES = {
    table.name: table
    for table in (
        CONTACTS,
        COMPANIES,
        SEGMENTS,
        TEAMS,
        ADMINS,
        TAGS,
        EVENTS,
        EVENT_SUMMARIES,
        CONVERSATIONS,
        CONVERSATION_PARTS,
        CONTACT_COMPANIES,
        CONTACT_TAGS,
        CONTACT_SEGMENTS,
        TICKETS,
        TICKET_PARTS,
        TICKET_TYPES,
        TICKET_STATES,
        ATTRIBUTES,
        AWAY_STATUS_REASONS,
        ACTIVITY_LOGS,
        OFFICE_HOURS,
        ARTICLES,
        ARTICLE_STATISTICS,
        COLLECTIONS,
        CONTACT_NOTES,
        COMPANY_NOTES,
        SUBSCRIPTION_TYPES,
        CONTACT_SUBSCRIPTIONS,
        CALLS,
    )
}

# The table whose rows a table's rows come inside of.
CARRIED_BY = {table.carries.name: table for table in TABLES.values() if table.carries}

__all__ = [
    "ACTIVITY_LOGS",
    "ADMINS",
    "ARTICLES",
    "ARTICLE_STATISTICS",
    "ATTRIBUTES",
    "AWAY_STATUS_REASONS",
    "CALLS",
    "CARRIED_BY",
    "COLLECTIONS",
    "COMPANIES",
    "COMPANY_CONTACTS",
    "COMPANY_NOTES",
    "CONTACTS",
    "CONTACT_COMPANIES",
    "CONTACT_NOTES",
    "CONTACT_SEGMENTS",
    "CONTACT_SUBSCRIPTIONS",
    "CONTACT_TAGS",
    "CONVERSATIONS",
    "CONVERSATION_PARTS",
    "DELETED_CONVERSATIONS",
    "EVENTS",
    "EVENT_SUMMARIES",
    "OFFICE_HOURS",
    "REVIEWS",
    "SEGMENTS",
    "SEGMENT_CONTACTS",
    "SUBSCRIPTION_TYPES",
    "TABLES",
    "TAGS",
    "TEAMS",
    "TICKETS",
    "TICKET_PARTS",
    "TICKET_STATES",
    "TICKET_TYPES",
    "Column",
    "Key",
    "Kind",
    "Listing",
    "Paging",
    "Table",
]
