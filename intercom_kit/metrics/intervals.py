"""95 % confidence intervals, which show how much a small group's number is worth."""

from intercom_kit.metrics.sql import SQL, sql

Z = 1.959963984540054  # the normal distribution's 97.5th percentile


def wilson(hits: SQL, n: SQL) -> tuple[SQL, SQL]:
    """Return both ends of Wilson's interval for a share; NULL where `n` is 0."""
    half = sql("{Z} * sqrt({hits} * ({n} - {hits}) / {n} + {z2_4})", Z=Z, hits=hits, n=n, z2_4=Z * Z / 4)
    centre = sql("{hits} + {z2_2}", hits=hits, z2_2=Z * Z / 2)
    width = sql("({n} + {z2})", n=n, z2=Z * Z)
    parts = {"half": half, "centre": centre, "width": width, "n": n}
    return (
        sql("case when {n} > 0 then greatest(({centre} - {half}) / {width}, 0) end", **parts),
        sql("case when {n} > 0 then least(({centre} + {half}) / {width}, 1) end", **parts),
    )


def of_median(ordered: SQL, n: SQL) -> tuple[SQL, SQL]:
    """Return both ends of a median's interval, by order statistics; NULL below six values.

    `ordered` is the list of values in order. The ends lie 1.96 standard deviations of a rank, sqrt(n) / 2 each, from
    the middle.
    """
    parts = {"ordered": ordered, "n": n, "half": Z / 2}
    return (
        sql("{ordered}[greatest(round({n} / 2 - {half} * sqrt({n})), 0)::bigint]", **parts),
        sql("{ordered}[round({n} / 2 + 1 + {half} * sqrt({n}))::bigint]", **parts),
    )
