"""The server for many tenants: each verified subject, or a claim of its token, has a workspace of its own."""
