"""Declarations of what Intercom keeps about contacts and companies beside them: notes, choices of messages, calls."""

from intercom_kit.tables.people.calls import CALLS
from intercom_kit.tables.people.notes import COMPANY_NOTES, CONTACT_NOTES, CONTACT_SUBSCRIPTIONS, SUBSCRIPTION_TYPES

__all__ = ["CALLS", "COMPANY_NOTES", "CONTACT_NOTES", "CONTACT_SUBSCRIPTIONS", "SUBSCRIPTION_TYPES"]
