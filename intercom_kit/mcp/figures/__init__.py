"""Figures beside the rows of a metric: a picture for those who ask for one, and an app for clients that show it."""
