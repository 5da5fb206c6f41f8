"""Metrics of support and engagement: one declaration each, computed by DuckDB over the live tables."""

from intercom_kit.metrics.asking import Asked
from intercom_kit.metrics.catalogue import METRICS, ask, describe, find
from intercom_kit.metrics.metric import Definition, Metric

__all__ = ["METRICS", "Asked", "Definition", "Metric", "ask", "describe", "find"]
