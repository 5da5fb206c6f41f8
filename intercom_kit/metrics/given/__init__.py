"""What a caller gives to a metric besides Intercom's data."""
