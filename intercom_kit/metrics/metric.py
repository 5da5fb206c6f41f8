"""A metric: the declaration from which its SQL, its documentation and the account of its numbers follow."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from intercom_kit.errors import BadMetricError
from intercom_kit.metrics.calculation import Calculation
from intercom_kit.metrics.definition import Definition
from intercom_kit.metrics.subjects import OF_CONVERSATIONS, Subject


@dataclass(frozen=True)
class Metric:
    """The declaration of one metric.

    `question` is what it answers, `denominator` what its `n` counts, and `aliases` are what else the field calls it.
    `window`, `by` and `period` are the defaults of a request; `options` are parameters of its own, with their defaults.
    A metric of a `lifetime` has no span.
    """

    name: str
    title: str
    question: str
    unit: str
    denominator: str
    calculation: Calculation
    definitions: Mapping[str, Definition]
    subject: Subject = OF_CONVERSATIONS
    window: str = "28d"
    by: tuple[str, ...] = ()
    period: str | None = None
    compare: str | None = None
    periods: bool = True
    compares: bool = True
    lifetime: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()

    def definition(self, name: str | None) -> Definition:
        """Return the definition of a name, by default the first; raise BadMetricError with those that exist."""
        if name is not None and name not in self.definitions:
            known = " and ".join(map(repr, self.definitions))
            raise BadMetricError(f"{self.name} has no definition {name!r}: it has {known}.")
        name = name or next(iter(self.definitions))
        return replace(self.definitions[name], name=name, unit=self.definitions[name].unit or self.unit)

    def needs(self, definition: Definition) -> tuple[str, ...]:
        """Return the names of the tables that a definition reads."""
        return (self.subject.table.name, *definition.needs)
