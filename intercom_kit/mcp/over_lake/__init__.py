"""The server over a lake: the tools that compute, without a token and without a request."""
