"""Fetching: the requests for each table, and the tables into which their pages are loaded."""
