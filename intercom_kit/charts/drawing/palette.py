"""One colour for each team, channel or tag, by its name, on all charts that a program draws."""

from zlib import crc32

from intercom_kit.charts.theme import COLOURS, GREY

# Blue is left to marks that stand for no group, grey to what belongs to nobody.
NAMED = COLOURS[1:-1]

_taken: dict[str, dict[str, str]] = {}


def colour(kind: str, name: str) -> str:
    """Return the colour of a name, the same whenever it is drawn; `kind` is what it names, such as a team.

    A name has the same colour in other programs, too, unless another of its kind took it first. Names share colours
    once there are more of a kind than colours.
    """
    taken = _taken.setdefault(kind, {})
    if name not in taken:
        first = crc32(name.encode())
        wishes = [NAMED[(first + place) % len(NAMED)] for place in range(len(NAMED))]
        uses = list(taken.values())
        taken[name] = min(wishes, key=uses.count)
    return taken[name]


def colours(kind: str, names: "list[str]", nobody: str) -> dict[str, str]:
    """Return the colour of each name of a kind, grey for nobody."""
    return {name: GREY if name == nobody else colour(kind, name) for name in names}
