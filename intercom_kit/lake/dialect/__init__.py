"""DuckDB's SQL, in which metrics are written, as Spark's: rules for what differs, and a list of what does not."""
