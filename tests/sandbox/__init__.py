"""Say what the sandbox promises."""
