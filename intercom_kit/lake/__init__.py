"""The same tables as a folder of Parquet that grows on request, and queries and metrics over it."""
