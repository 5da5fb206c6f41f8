"""Executed notebooks as web pages to be read, sent and printed."""
