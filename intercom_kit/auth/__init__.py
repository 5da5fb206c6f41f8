"""Credentials: finding, checking, storing and renewing them, and logging in."""
