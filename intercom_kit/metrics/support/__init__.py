"""The metrics of support, from conversations."""
