"""The search for conversations and tickets by their words."""
