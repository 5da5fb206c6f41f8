"""The names of attributes in SQL, where names that differ by case only are the same."""

import re
from collections.abc import Iterable, Mapping

from intercom_kit.frames.attributes import Attribute
from intercom_kit.hints import hint
from intercom_kit.sql.quoting import identifier

COLUMN = "attr"


def named(attributes: Iterable[Attribute]) -> dict[str, Attribute]:
    """Return attributes by their names in SQL, where those that differ only by case would be the same.

    Those have the places of their capital letters behind their name, 0 for none: `Plan_1` and `plan_0`. No other
    attribute changes that, so that a name never comes to mean another one. Names that SQL cannot have are left out.
    """
    possible = [each for each in attributes if each.name and "\0" not in each.name]
    alike: dict[str, list[Attribute]] = {}
    for each in possible:
        alike.setdefault(folded(each.name), []).append(each)
    found = {same[0].name: same[0] for same in alike.values() if len(same) == 1}
    taken = {folded(name) for name in found}
    for each in sorted((each for same in alike.values() if len(same) > 1 for each in same), key=lambda each: each.name):
        capitals = [str(place) for place, letter in enumerate(each.name, 1) if folded(letter) != letter]
        name = f"{each.name}_{'_'.join(capitals) or 0}"
        while folded(name) in taken:
            name += "_"
        taken.add(folded(name))
        found[name] = each
    return found


def hint_for(name: str, names: Mapping[str, Attribute]) -> str:
    twins = [f"{COLUMN}.{written(twin)}" for twin, each in names.items() if folded(each.name) == folded(name)]
    if twins:
        return f"several differ by case only, which are {' and '.join(twins)}."
    return hint(name, names, "ws.attributes() lists them; keys that are not defined are in the JSON alone.")


def written(name: str) -> str:
    """Return a name as a query writes it after `attr.`."""
    return name if re.fullmatch(r"[^\W\d]\w*", name) else identifier(name)


def folded(name: str) -> str:
    """Return a name as DuckDB compares it: only the letters A to Z are the same as a to z."""
    return re.sub("[A-Z]", lambda letter: letter[0].lower(), name)
