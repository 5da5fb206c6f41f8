"""One fetch: the requests for each table, the pages that come, and where they land."""
