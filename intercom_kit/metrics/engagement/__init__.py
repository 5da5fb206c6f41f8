"""The metrics of engagement: what contacts do, and how their companies fare."""
