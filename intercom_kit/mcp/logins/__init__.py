"""Logging in through the client: what its user is asked, and the login that redirects to this machine."""
