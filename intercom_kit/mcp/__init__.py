"""The MCP server: the functions of a workspace, for an assistant."""

MEMORY = "2GB"  # that one query of an assistant may take
