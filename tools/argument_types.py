"""Write intercom_kit/verbs/argument_types.py, from which editors complete what verbs take; `make docs` runs it."""

from collections.abc import Iterable
from pathlib import Path

import intercom_kit.verbs
from intercom_kit.metrics import METRICS
from intercom_kit.metrics.periods import PERIODS
from intercom_kit.search.filters import known_filters
from intercom_kit.tables import CONTACTS, CONVERSATIONS, TICKETS, Column, Kind, Table

PATH = Path(intercom_kit.verbs.__path__[0]) / "argument_types.py"

_HEAD = '''"""What verbs take, as types from which editors complete; `make docs` writes it from the declarations."""

from collections.abc import Mapping
from typing import Any, Literal, TypedDict

from intercom_kit.values.times import Time

'''
_FILTERS = {"ContactFilters": CONTACTS, "ConversationFilters": CONVERSATIONS, "TicketFilters": TICKETS}
_WORDS = {"ContactFilters": "contacts", "ConversationFilters": "conversations", "TicketFilters": "tickets"}


def module() -> str:
    """Return the text of the module."""
    names = {"MetricName": METRICS, "Period": PERIODS}
    literals = "\n".join(f"{name} = Literal[{_quoted(values)}]" for name, values in names.items())
    return _HEAD + literals + "\n" + "".join(f"\n\n{_typed(name, table)}" for name, table in _FILTERS.items())


def _typed(name: str, table: Table) -> str:
    """Return the class of a table's filters."""
    known = {**known_filters(table), "during": ("during", None), "timezone": ("timezone", None)}
    lines = [f"    {each}: {_type(each, comparison, column)}" for each, (comparison, column) in sorted(known.items())]
    doc = (
        f'    """The filters of {_WORDS[name]}; a list stands for any of several values, and None for a missing one."""'
    )
    return "\n".join([f"class {name}(TypedDict, total=False):", doc, "", *lines]) + "\n"


def _type(name: str, comparison: str, column: Column | None) -> str:
    """Return the type of a filter, Any where pandas' and NumPy's values and lists are taken, too."""
    if comparison in ("since", "until", "during"):
        return "Time"
    if name == "custom_attributes":
        return "Mapping[str, Any]"
    if name == "timezone":
        return "str"
    if column is None or not (column.values or column.kind is Kind.BOOLEAN):
        return "Any"
    one = f"Literal[{_quoted(column.values)}]" if column.values else "bool"
    return f"{one} | list[{one}] | None"


def _quoted(values: Iterable[str]) -> str:
    return ", ".join(f'"{value}"' for value in values)


if __name__ == "__main__":
    PATH.write_text(module(), encoding="utf-8")
