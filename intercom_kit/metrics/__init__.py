"""Metrics of support and engagement: one declaration each, computed by DuckDB over the live tables."""

from intercom_kit.metrics.catalogue import METRICS, ask, compared_values, find, list_metrics
from intercom_kit.metrics.definition import Definition
from intercom_kit.metrics.metric import Metric
from intercom_kit.metrics.query import MetricQuery

__all__ = ["METRICS", "Definition", "Metric", "MetricQuery", "ask", "compared_values", "find", "list_metrics"]
