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

    They stand 1.96 standard deviations of a rank, sqrt(n) / 2 each, from the middle; below six values there are none.
    """
    away = f"{Z / 2} * sqrt({n})"
    below, above = f"round({n} / 2 - {away})", f"round({n} / 2 + 1 + {away})"
    return f"{ordered}[greatest({below}, 0)::bigint]", f"{ordered}[{above}::bigint]"
