"""The page docs/behaviours.md, generated from the registry of disputed behaviours.

`make docs` writes it: python -m tools.behaviour_page > docs/behaviours.md
"""

from collections.abc import Iterator, Mapping
from typing import Any

from intercom_kit.api.behaviours import Behaviour, registry

_OPENING = """\
<!-- Written by `make docs` from intercom_kit/behaviours.toml: change that file, and run it again. -->

# What is not known for sure about Intercom's API

Intercom's documentation, other clients and public measurements contradict each other on the behaviours below, or say
nothing. This package is right under every choice that is listed, and a session notices by itself some of what holds.

**You can settle these questions for everybody.** With a connected workspace, run

```
intercom-kit doctor --json > doctor.json
```

It asks before it starts, reads only, and takes at most 40 requests. The file says which behaviours were found, how
long answers took, the API's version, the region, and which parts of the API answered; it holds no name, id, address,
text or count of your workspace. Look through it, it is short, and attach it to an issue or a pull request of this
project. What is found is then noted below under "Known by whom". `intercom-kit doctor` without `--json` shows the same
as a table, and `ws.doctor()` as a DataFrame. It also sends what is otherwise never sent, to see what comes of it.

Each behaviour with choices can be tried on the sandbox: `intercom-kit sandbox --behaves NAME=CHOICE`, or
`OBJECT.NAME=CHOICE` for one kind of object.
"""


def page() -> str:
    """Return the whole page as Markdown."""
    return "\n".join([_OPENING, *(_section(each) for each in registry().values())])


def _section(behaviour: Behaviour) -> str:
    facts = "\n".join(f"- {fact}" for fact in _facts(behaviour))
    return f"## {behaviour.name}\n\n{behaviour.question}\n\n{facts}\n"


def _facts(behaviour: Behaviour) -> Iterator[str]:
    if behaviour.choices == "number":
        yield "Choices: a number of seconds"
    elif behaviour.choices:
        yield f"Choices: {', '.join(behaviour.choices)}"
    if behaviour.objects:
        yield f"Objects: {', '.join(behaviour.objects)}"
    yield f"Documented: {_choices(behaviour.documented)}"
    yield f"Measured by others: {'not found' if behaviour.measured is None else _choices(behaviour.measured)}"
    yield "Sources:\n" + "\n".join(f"  - {source}" for source in behaviour.sources)
    yield f"What depends on it: {behaviour.matters}"
    yield f"Known by whom: {'; '.join(behaviour.known) or 'nobody yet'}"


def _choices(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{kind}: {choice}" for kind, choice in value.items())
    return str(value)


if __name__ == "__main__":
    print(page(), end="")
