"""The results of a check: what was found of each declared behaviour, or why not."""

from collections.abc import Iterable
from typing import NamedTuple

from intercom_kit.api.behaviours import registry

# Behaviours that reading cannot show or a check does not test, and why.
UNREADABLE = {
    "scroll-page": "not tried: a scroll would block scrolls of this app's other programs for a minute",
    "basic-auth": "not tried: the token is sent as Bearer only",
    "oauth-redirect": "not tried: only a login shows it",
    "oauth-denial": "not tried: only a login that is denied shows it",
    "oauth-token": "not tried: only a login shows it",
    "oauth-uninstall": "not tried: it would end the connection",
    "report-definitions": "not tried: only reports in Intercom's own app show it",
    "region-routing": "not tried: the token is sent to no other host",
    "office-exceptions": "not tried: only statistics around a holiday show it",
    "deleted-tickets": "not tried: only a deletion shows it",
    "report-zone": "not tried: a report, of prove(), shows it",
    "report-status": "not tried: both are read",
    "report-job": "not tried: both are right",
    "report-dress": "not tried: all are read",
    "report-words": "not tried: a report, of prove(), shows it",
    "report-header": "not tried: both are read",
    "report-columns": "not tried: a report, of prove(), shows it",
    "report-datasets": "not tried: prove() lists those of the workspace",
    "part-updated": "not tried: only a new part in a conversation shows it",
    "report-span": "not tried: differences of prove() show it",
}
NO_CHECK = "not tried: no test exists for it"


class Result(NamedTuple):
    """The finding of one behaviour, None if there is none, and a note."""

    found: str | None
    note: str


class Results:
    """The results of a check, by behaviour and type of object; every declared behaviour has one."""

    def __init__(self) -> None:
        self._results = {
            (each.name, object_type): Result(None, UNREADABLE.get(each.name, NO_CHECK))
            for each in registry().values()
            for object_type in each.objects or ("",)
        }

    def of(self, name: str, object_type: str = "") -> Result:
        """Return the result of one behaviour for one type of object."""
        return self._results[name, object_type]

    def items(self) -> Iterable[tuple[tuple[str, str], Result]]:
        """Return all results, in the order of the registry."""
        return self._results.items()

    def find(self, name: str, found: str, object_type: str = "", note: str = "") -> None:
        """Record a finding."""
        self._results[name, object_type] = Result(found, note)

    def leave(self, names: str | Iterable[str], why: str, object_type: str = "") -> None:
        """Record why one or several behaviours have no finding."""
        for name in [names] if isinstance(names, str) else names:
            if (name, object_type) in self._results:
                self._results[name, object_type] = Result(None, why)
