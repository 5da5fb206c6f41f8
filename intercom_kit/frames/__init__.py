"""Frames with declared types, and the receipts that describe them."""
