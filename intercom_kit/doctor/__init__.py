"""A read-only check of one workspace: which of the declared behaviours of Intercom's API hold there."""
