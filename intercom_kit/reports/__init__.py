"""Intercom's own reports: the jobs that export them, the files, and our numbers beside theirs."""
