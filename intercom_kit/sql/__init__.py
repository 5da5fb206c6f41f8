"""SQL over live data: checks a query, plans which rows it needs, and runs it in DuckDB on the rows fetched."""
