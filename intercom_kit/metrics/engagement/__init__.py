"""The metrics of engagement, from contacts, their events and their companies."""
