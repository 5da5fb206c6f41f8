"""Intervals that tell what a small group's number is worth: each holds the true value 95 times of 100."""

Z = 1.959963984540054  # the normal distribution's 97.5th percentile


def wilson(hits: str, of: str) -> tuple[str, str]:
    """Write the ends of Wilson's interval for a share; NULL for a share of nothing."""
    half = f"{Z} * sqrt({hits} * ({of} - {hits}) / {of} + {Z * Z / 4})"
    centre, width = f"{hits} + {Z * Z / 2}", f"({of} + {Z * Z})"
    low, high = f"greatest(({centre} - {half}) / {width}, 0)", f"least(({centre} + {half}) / {width}, 1)"
    return f"case when {of} > 0 then {low} end", f"case when {of} > 0 then {high} end"


def of_median(ordered: str, n: str) -> tuple[str, str]:
    """Write the ends of the interval of order statistics for a median, out of the values in order.

    They are the values about one standard deviation of ranks, sqrt(n) / 2, times 1.96 away from the middle; below six
    values there are none.
    """
    below = f"{ordered}[greatest(floor({n} / 2 - {Z / 2} * sqrt({n})), 0)::bigint]"
    above = f"{ordered}[ceil({n} / 2 + 1 + {Z / 2} * sqrt({n}))::bigint]"
    return below, above
