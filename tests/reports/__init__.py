"""Tests of metrics beside Intercom's own reports."""
