"""The MCP server: a workspace's verbs as tools for an assistant."""

MEMORY = "2GB"  # limit of one query of an assistant
