"""Bound the values that one call can make: DuckDB counts these neither against memory nor against time.

Macros of the same names stand before DuckDB's own functions, so that a size is checked whatever expression gives it,
also where DuckDB works out constants while it plans.
"""

from collections.abc import Iterator

LARGEST = 1_000_000  # characters or members: a year has 525,600 minutes


def macros() -> Iterator[str]:
    """Give the statements that put the macros in place."""
    repeated = _checked("repeat", "count", "count * greatest(len(it), 1)")
    yield f"create macro repeat(it, count) as system.main.repeat(it, {repeated})"
    for name in ("lpad", "rpad"):
        yield f"create macro {name}(it, size, filler) as system.main.{name}(it, {_checked(name, 'size')}, filler)"
    for name in ("list_resize", "array_resize"):
        size = _checked(name, "size")
        yield (
            f"create macro {name}(it, size) as system.main.{name}(it, {size}), "
            f"(it, size, filler) as system.main.{name}(it, {size}, filler)"
        )
    yield f"create macro bitstring(it, size) as system.main.bitstring(it, {_checked('bitstring', 'size')})"
    for name in ("range", "generate_series"):
        yield (
            f"create macro {name}(stop) as system.main.{name}({_checked(name, 'stop')}), "
            f"(start, stop) as system.main.{name}(start, {_checked(name, 'stop', 'stop::hugeint - start')}), "
            f"(start, stop, step) as system.main.{name}(start, {_checked(name, 'stop', _STEPS)}, step)"
        )


def _checked(name: str, value: str, size: str | None = None) -> str:
    """Write a value that is an error where the size that it makes is too large."""
    refusal = (
        f"{name}() would make a value of more than {LARGEST:,} characters or members: make a smaller one, or take rows "
        "instead, as in from range(5000000)."
    )
    return f"if({size or value} > {LARGEST}, error('{refusal}'), {value})"


def _cast(name: str, kind: str) -> str:
    return f"try_cast({name}::varchar as {kind})"


# How many steps a range takes: between numbers, or else between instants.
_STEPS = (
    f"abs(coalesce(({_cast('stop', 'hugeint')} - {_cast('start', 'hugeint')}) / {_cast('step', 'hugeint')}, "
    f"epoch({_cast('stop', 'timestamptz')} - {_cast('start', 'timestamptz')}) / epoch({_cast('step', 'interval')})))"
)
