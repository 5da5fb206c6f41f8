"""The datasets that a workspace's reporting export has, and how their attributes are found.

Ids differ between workspaces and versions of the API (UNCONFIRMED [report-datasets]), so that nothing is asked for that
the workspace did not list.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from intercom_kit.api.asking import Asking, Request
from intercom_kit.errors import NotIntercomError, ReportMissingError
from intercom_kit.hints import hint

DATASETS = "/export/reporting_data/get_datasets"

# Attributes of people and companies come last where a name is ambiguous.
_OTHERS = ("people.", "company.")


@dataclass(frozen=True)
class Attribute:
    """One attribute of a dataset."""

    id: str
    qualified_id: str
    name: str

    @property
    def requested_as(self) -> str:
        """Return the id by which a job asks for it: the qualified one where there is one."""
        return self.qualified_id or self.id

    def has_id(self, name: str) -> bool:
        """Return whether its id, or the end of its qualified id, is this one."""
        return name in (self.id, self.qualified_id.partition(".")[2])

    def is_shown_as(self, name: str) -> bool:
        """Return whether its display name, as an id, is this one."""
        return name == plain_name(self.name)


@dataclass(frozen=True)
class Dataset:
    """One dataset; jobs select its rows by the attribute `time`."""

    id: str
    name: str
    time: str
    attributes: tuple[Attribute, ...]

    def find(self, names: Sequence[str]) -> Attribute | None:
        """Return the attribute with the first of some names that there is; ids come before display names."""
        for has_name in (Attribute.has_id, Attribute.is_shown_as):
            for name in names:
                if found := [each for each in self.attributes if has_name(each, name)]:
                    return min(found, key=lambda each: each.qualified_id.startswith(_OTHERS))
        return None

    def need(self, names: Sequence[str]) -> Attribute:
        """Return the attribute with one of some names; raise ReportMissingError where there is none."""
        found = self.find(names)
        if found is None:
            wanted, known = names[0], [each.id for each in self.attributes]
            raise ReportMissingError(
                f"The report {self.id!r} of this workspace has no {wanted!r}: {hint(wanted, known)} Tell us which "
                "attributes it has, if one of them is the same under another name."
            )
        return found


def plain_name(name: str) -> str:
    """Return a display name as an id: without what stands in brackets, lower case, with underscores."""
    without = re.sub(r"\s*\([^)]*\)", "", name)
    return re.sub(r"\W+", "_", without.strip().lower()).strip("_")


async def list_datasets(transport: Asking) -> list[Dataset]:
    """Return the datasets of a workspace. Costs one request."""
    page = await transport.send(Request("GET", DATASETS, items="data"))
    return read_datasets(page.members("data"))


def read_datasets(listed: Iterable[dict[str, Any]]) -> list[Dataset]:
    """Return listed datasets, without those that have no id."""
    return [_dataset(each) for each in listed if each.get("id")]


def dataset_of(datasets: Iterable[Dataset], id: str) -> Dataset:
    """Return the dataset of an id; raise ReportMissingError with those that there are."""
    by_id = {each.id: each for each in datasets}
    if id not in by_id:
        there_are = f"it has {', '.join(by_id)}." if by_id else "it has none."
        raise ReportMissingError(f"This workspace has no report {id!r}: {there_are} Which ones depends on its plan.")
    return by_id[id]


def _dataset(listed: dict[str, Any]) -> Dataset:
    attributes = listed.get("attributes")
    if not isinstance(attributes, list):
        raise NotIntercomError("A list of reports has no attributes: check that `base_url` is Intercom's API.")
    found = tuple(_attribute(each) for each in attributes if isinstance(each, dict) and each.get("id"))
    return Dataset(_text(listed, "id"), _text(listed, "name"), _text(listed, "default_time_attribute_id"), found)


def _attribute(listed: dict[str, Any]) -> Attribute:
    return Attribute(_text(listed, "id"), _text(listed, "qualified_id"), _text(listed, "name"))


def _text(listed: dict[str, Any], key: str) -> str:
    return str(listed.get(key) or "")
