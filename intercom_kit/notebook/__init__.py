"""The connect panel, the SQL magic, and running notebooks on a sandbox."""
