"""The metrics of support: what conversations tell."""
