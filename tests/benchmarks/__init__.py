"""Benchmarks: `python -m tests.benchmarks` prints tables. Ratios within one run count; machines are noisy."""
