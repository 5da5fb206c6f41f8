"""Limits on the size of the value that one function call can make, which DuckDB's memory and time limits miss.

Macros shadow DuckDB's functions of the same names, so that every size is checked, whatever expression computes it,
even while DuckDB folds constants.
"""

from collections.abc import Iterator

LARGEST = 1_000_000  # characters or members: a year has 525,600 minutes


def macros() -> Iterator[str]:
    """Yield the statements that create the macros."""
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
    """Return an expression for a value that raises an error if the size made by it is too large."""
    message = (
        f"{name}() would make a value of more than {LARGEST:,} characters or members: make a smaller one, or take rows "
        "instead, as in from range(5000000)."
    )
    return f"if({size or value} > {LARGEST}, error('{message}'), {value})"


def _cast(name: str, kind: str) -> str:
    return f"try_cast({name}::varchar as {kind})"


# The number of steps in a range, between numbers or else between instants.
_STEPS = (
    f"abs(coalesce(({_cast('stop', 'hugeint')} - {_cast('start', 'hugeint')}) / {_cast('step', 'hugeint')}, "
    f"epoch({_cast('stop', 'timestamptz')} - {_cast('start', 'timestamptz')}) / epoch({_cast('step', 'interval')})))"
)
