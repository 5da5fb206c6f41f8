"""SQL of other dialects, read as DuckDB's where that is certain, and met with DuckDB's form where it is not."""
