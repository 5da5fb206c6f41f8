"""The MCP server: the functions of a workspace, for an assistant."""
