"""Everything that one call gives back: its frame with the account of it, its error with its causes, its progress."""

import traceback
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import pandas as pd

from intercom_kit.errors import IntercomError
from intercom_kit.fetch.meter import Meter, telling

from .people import marks_of


def told_by(call: Callable[[], Any]) -> str:
    """Make a call that may be refused in a sentence, and give all that a person or program sees of it as text."""
    said: list[str] = []

    def hear(meter: Meter) -> None:
        said.append(f"{meter.label} {meter.unit} {meter.steps} {asdict(meter)}")

    try:
        with telling(hear):
            given = call()
    except IntercomError as error:
        given = "".join(traceback.format_exception(error)) + str(vars(error))
    return "\n".join([*said, *written(given)])


def written(given: Any) -> list[str]:
    """Write what a call gave, in all the ways that it may be shown."""
    if isinstance(given, pd.DataFrame):
        shown = given.head(2)._repr_html_()
        return [repr(given.head(2)), given.to_csv(), shown, str(given.attrs)]
    return [repr(given), str(given)]


def shown(call: Callable[[], Any], hidden: set[str], *given: Any) -> set[str]:
    """Give the hidden values that a call shows, beside those that the caller gave it."""
    return (marks_of(told_by(call)) & hidden) - marks_of(list(given))


def tells(ask: Callable[[str], Any], true: str, false: str, hidden: set[str]) -> str:
    """Say what a question with a value that somebody has gives away, that one with a made-up value does not."""
    found = {value: _found(ask, value) for value in (true, false)}
    if found[true] != found[false]:
        return f"{true!r} is answered with {found[true]}, and {false!r} with {found[false]}"
    leaked = (marks_of(found[true]) & hidden) - marks_of(true)
    return f"{true!r} gives away {leaked}" if leaked else ""


def _found(ask: Callable[[str], Any], value: str) -> str:
    """Give what is found, or why not, with the value that was given left out."""
    try:
        found = ask(value)
    except IntercomError as error:
        error.request_id = None
        return "".join(traceback.format_exception(error)).replace(value, "?")
    attrs = {name: told for name, told in found.attrs["intercom"].items() if name not in ("seconds", "at", "requests")}
    attrs["notes"] = [note for note in attrs["notes"] if "are kept" not in note]  # as requests, by what came before
    attrs["metric"] = {name: told for name, told in attrs["metric"].items() if name not in ("since", "until", "now")}
    return f"{found.to_csv()} {attrs}".replace(value, "?")
