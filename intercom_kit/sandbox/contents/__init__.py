"""The sandbox's data, and the searches over it."""
