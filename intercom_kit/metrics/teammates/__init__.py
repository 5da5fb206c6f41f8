"""The metrics of teammates: when they were available, from the activity logs, and what they did then."""
