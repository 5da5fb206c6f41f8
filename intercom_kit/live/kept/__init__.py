"""What a session keeps from query to query of the tables that Intercom lists key by key."""
