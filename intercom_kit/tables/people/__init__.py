"""Declarations of what Intercom keeps about contacts and companies beside them: notes, and choices of messages."""

from intercom_kit.tables.people.notes import COMPANY_NOTES, CONTACT_NOTES, CONTACT_SUBSCRIPTIONS, SUBSCRIPTION_TYPES

__all__ = ["COMPANY_NOTES", "CONTACT_NOTES", "CONTACT_SUBSCRIPTIONS", "SUBSCRIPTION_TYPES"]
