"""Under any mix of behaviours the doctor names each one right, asks little, and only reads."""

import random

import pytest

from intercom_kit.doctor.activity import NOT_BY_OTHERS
from intercom_kit.doctor.lists import MAY_SEE, NONE_MISSING
from intercom_kit.doctor.printed import WIDTH, printed
from intercom_kit.doctor.report import MOST
from intercom_kit.doctor.results import UNREADABLE
from intercom_kit.doctor.searching import ONLY_SEARCHED, SEEN
from intercom_kit.sandbox import Sandbox
from intercom_kit.sandbox.behaviours import entries

from .conftest import change_something, examined, results

MIXES = 20
CHANGED = 50  # seconds ago
LAGS = ("0", "600")

# What this workspace cannot show, and why; everything else must be found.
CANNOT_SHOW = {
    ("tickets", ""): MAY_SEE,
    ("missing-scope", ""): NONE_MISSING,
    ("index-lag", "tickets"): ONLY_SEARCHED,
    **{(name, ""): why for name, why in UNREADABLE.items()},
}


def mixed(dice: random.Random) -> dict[tuple[str, str], str]:
    """Draw a choice for each behaviour and object."""
    return {
        (entry.name, object_): dice.choice(entry.choices or LAGS)
        for entry in entries().values()
        for object_ in entry.objects
    }


def words(mix: dict[tuple[str, str], str]) -> list[str]:
    return [f"{object_}.{name}={choice}".removeprefix(".") for (name, object_), choice in mix.items()]


@pytest.mark.parametrize("number", range(MIXES))
def test_each_behaviour_of_a_mix_is_named_right(busy: Sandbox, number: int, pytestconfig: pytest.Config) -> None:
    seed = pytestconfig.getoption("--mix-seed")
    mix = mixed(random.Random(f"{seed} {number}"))  # noqa: S311
    print(f"--mix-seed={seed}, number {number}:", ",".join(words(mix)))
    busy.behaves("documented", *words(mix))
    change_something(busy, CHANGED)
    report = examined(busy)
    told = results(report)
    for (name, object_), choice in mix.items():
        found, note = told[name, object_]
        if (name, object_) in CANNOT_SHOW:
            assert (found, note) == (None, CANNOT_SHOW[name, object_])
        elif name == "away-by" and found is None:  # no teammate may have set another away in the last days
            assert note == NOT_BY_OTHERS
        elif name != "index-lag":
            assert (name, object_, found, note) == (name, object_, choice, note)
        elif choice == "0":
            assert found is None, note
            assert note.startswith(SEEN)
        else:
            assert CHANGED <= int(found or 0) <= int(choice)
            assert note == f"at least {found} s"
    assert len(busy.log) == report.attrs["doctor"]["requests"] <= MOST
    assert all(each.method == "GET" or each.path.endswith(("/search", "/list")) for each in busy.log)
    assert max(map(len, printed(report).splitlines())) <= WIDTH
