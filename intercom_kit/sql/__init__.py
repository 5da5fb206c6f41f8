"""SQL over live data: what a query needs, asked of Intercom, then the query itself in DuckDB."""
