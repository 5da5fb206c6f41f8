"""What DuckDB prints in a plan: filters, limits and names, read back without their ambiguities."""
