"""Lists page by page: the ways through them, searches, and when they end."""
