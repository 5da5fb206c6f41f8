"""The metrics of the help center."""
