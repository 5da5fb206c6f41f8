"""The reporting export: Intercom's own reports as files, worked out from parts alone, apart from `statistics`."""
