"""A program whose children write profiles at the same time and are killed at any moment.

Each child saves, finds out, saves again and forgets in an order that is known, and says after each step that it is
done. So the file is right if it shows for each child what was said to be done, or one step more.
"""

import os
import random
import signal
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import filelock  # noqa: F401 - before the children, whose short lives would go by with it

from intercom_kit.api.identity import Identity
from intercom_kit.api.secret import Secret
from intercom_kit.auth import storage
from intercom_kit.auth.credentials import Credential
from intercom_kit.auth.profiles import findings, forget, keep_findings, load, profiles, save

WRITERS = ("ann", "bob")
LONGEST = 0.06  # seconds that a child lives
SORT = "sort conversations"

State = dict[str, tuple[str, str | None]]  # by profile, its token and what was found


@dataclass
class Writer:
    """One child after the other under one name, and what they must have left behind."""

    name: str
    done: int = 0
    state: State = field(default_factory=dict)

    def profile(self, step: int) -> str:
        return f"{self.name}-{step // 4 % 3}"

    def act(self, step: int) -> None:
        """Do a step in earnest."""
        name = self.profile(step)
        if step % 4 == 1:
            keep_findings(name, {SORT: [str(step), f"{datetime.now(UTC):%Y-%m-%d}"]})
        elif step % 12 == 11:
            forget(name)
        else:
            save(Credential(Secret(f"token-{step}"), "http://127.0.0.1:1", "us"), Identity(name, name), name)

    def imagine(self, state: State, step: int) -> State:
        """Say what a step makes of the profiles."""
        name = self.profile(step)
        if step % 4 == 1:
            return {**state, name: (state[name][0], str(step))}
        if step % 12 == 11:
            return {known: each for known, each in state.items() if known != name}
        return {**state, name: (f"token-{step}", state.get(name, ("", None))[1])}

    def live(self, said: int) -> None:
        """Go on from where the last child was, until killed."""
        for step in range(self.done, self.done + 1_000):
            self.act(step)
            os.write(said, b".")

    def account(self, steps: int, found: State) -> None:
        """Compare what is found with the steps that were said to be done, and take it from there."""
        for step in range(self.done, self.done + steps):
            self.state = self.imagine(self.state, step)
        self.done += steps
        more = self.imagine(self.state, self.done)
        if found == more and found != self.state:
            self.state, self.done = more, self.done + 1
        if found != self.state:
            raise AssertionError(f"{self.name} after {self.done} steps: {found} instead of {self.state}")


def found_of(writer: str) -> State:
    """Read the profiles of a writer as any program would."""
    names = [each.name for each in profiles() if each.name.startswith(writer)]
    return {name: (load(name).token.reveal(), findings(name).get(SORT, [None])[0]) for name in names}


def killed(writer: Writer) -> tuple[int, int]:
    """Start a child; give its process and where it says what is done."""
    heard, said = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            writer.live(said)
        finally:
            os._exit(1)
    os.close(said)
    return child, heard


def main(rounds: int, seed: int) -> None:
    chance, writers = random.Random(seed), [Writer(name) for name in WRITERS]  # noqa: S311 - nothing secret
    folder, left, slowest = storage.location().parent, 0, 0.0
    for _ in range(rounds):
        children = [killed(writer) for writer in writers]
        for child, _heard in chance.sample(children, len(children)):
            time.sleep(chance.uniform(0, LONGEST))
            os.kill(child, signal.SIGKILL)
        for child, _heard in children:
            os.waitpid(child, 0)
        left += any(folder.glob(".profiles-*"))
        begun = time.perf_counter()
        for writer, (_child, heard) in zip(writers, children, strict=True):
            with os.fdopen(heard, "rb") as file:
                writer.account(len(file.read()), found_of(writer.name))
        slowest = max(slowest, time.perf_counter() - begun)
        stray = [each.name for each in folder.glob("*") if each.name not in ("profiles.json", "profiles.lock")]
        if stray:
            raise AssertionError(f"left behind: {stray}")
    told: dict[str, Any] = {"rounds": rounds, "steps": sum(writer.done for writer in writers), "swept": left}
    print(told, f"slowest reading {slowest:.2f} s")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
