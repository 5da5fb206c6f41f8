"""Hold the sandbox against what Intercom publishes."""
