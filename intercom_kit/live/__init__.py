"""Queries over live data: which rows each scan fetches, what the session has cached, and the result as a frame."""
