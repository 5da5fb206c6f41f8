"""Plotly figures of metrics, one function per question, from the frames that `ws.metric` returns.

The scope stands above the drawing (the span, the number of rows, filters), and below it what the numbers mean, what is
left out and what to take care of. `use("dark")` draws for dark pages; `figure.write_image("it.png")` needs kaleido and
Chromium. A frame that a chart cannot draw raises BadChartError with the call that gives the right one.
"""

from intercom_kit.extras import brought_by

with brought_by("notebook"):
    from intercom_kit.charts.theme import Chart, use  # first, since it needs plotly

from intercom_kit.charts.accounts import accounts, health
from intercom_kit.charts.arrivals import backlog, busiest_hours, volume, workload
from intercom_kit.charts.groups import comparison, shares, topics
from intercom_kit.charts.people import active_days, funnel, lifecycle, retention
from intercom_kit.charts.rates import rates, support_load
from intercom_kit.charts.waits import answered_within, still_open, waiting_now, waiting_times

__all__ = [
    "Chart",
    "accounts",
    "active_days",
    "answered_within",
    "backlog",
    "busiest_hours",
    "comparison",
    "funnel",
    "health",
    "lifecycle",
    "rates",
    "retention",
    "shares",
    "still_open",
    "support_load",
    "topics",
    "use",
    "volume",
    "waiting_now",
    "waiting_times",
    "workload",
]
