"""Old rows from a lake, and new and changed ones from Intercom, in one query."""
