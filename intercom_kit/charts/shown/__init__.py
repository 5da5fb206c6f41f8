"""Figures as front ends and pages show them."""
