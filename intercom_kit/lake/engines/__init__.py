"""What reads a lake: DuckDB on this machine, or Spark on as many as it has."""
