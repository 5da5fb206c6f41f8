"""A read-only check of one workspace: which of the API behaviours that sources differ on hold there."""
