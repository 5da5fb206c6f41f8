"""Frames with declared types, and the receipts that say what they hold."""
