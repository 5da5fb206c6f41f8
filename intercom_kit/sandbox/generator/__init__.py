"""The generator of sample data: a plausible B2B software company and its Intercom workspace."""
