"""The review of a week: its numbers beside the usual ones, and what explains those that are unusual."""
