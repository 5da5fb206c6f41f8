"""Bounds of what a query would fetch, from counts alone."""
