"""From pages of Intercom's answers to DataFrames, by way of DuckDB."""
