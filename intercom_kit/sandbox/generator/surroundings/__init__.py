"""What surrounds generated conversations: the AI agents, and records in another helpdesk."""
