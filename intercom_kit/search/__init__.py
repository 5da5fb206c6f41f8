"""Intercom's searches: written from filters and from what SQL asks, read in spans of time, and found out about."""
