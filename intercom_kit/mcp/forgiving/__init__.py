"""Plausible slips in what an assistant sends, read as what they can only mean, before any tool sees them."""
