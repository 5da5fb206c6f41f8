"""Which credential to use, and what it opens."""
