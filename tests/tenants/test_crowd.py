"""Many callers of several tenants at once, with logins, cancels and revocations in between: nothing crosses over.

`--tenancy 300` lets eight tenants with four callers each go on for five minutes; a short run has two with two.
"""

import random
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field

import httpx
import pytest

from intercom_kit.auth.profiles import load, profiles
from intercom_kit.mcp.tenants.limits import Limits
from intercom_kit.mcp.tenants.tenant import Tenant
from intercom_kit.sandbox import Sandbox

from .asking import ISSUER, Asking, Issuer, Said, code_on, page_in
from .conftest import Shop, opened
from .people import canary, owners, serve_canaries
from .test_identity import ended, legacy, session_of

LONG = 60  # seconds, from which on a run is long

# What a caller may be told while a colleague disconnects, or Intercom has revoked the connection.
EXPECTED = (
    "Not connected",
    "calls of yours are running",
    "no login of yours that waits",
    "This is not the code",
    "no result",
    "cursor is unknown or has expired",
    "call intercom_disconnect first",
    "was closed",
    "There is no field",
    "There is no column",
)

# What progress tells of contacts, of which each workspace has another number.
_OF_ALL = re.compile(r"contacts: [\d,]+ of ([\d,]+) rows")


@dataclass
class Side:
    """A tenant: its number, its callers' tokens, and what they were given, for others to steal."""

    number: int
    callers: list[Asking]
    cursors: list[str] = field(default_factory=list)
    results: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    pages: list[str] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    sessions: dict[str, str] = field(default_factory=dict)  # by their callers' tokens
    connecting: threading.Lock = field(default_factory=threading.Lock)

    @property
    def tenant(self) -> Tenant:
        return Tenant(ISSUER, "org_id", f"org{self.number}")


@dataclass
class Turn:
    """A caller whose turn it is, of which tenant, and dice to choose with."""

    side: Side
    caller: Asking
    dice: random.Random


class Crowd:
    """All that happens, and whatever was wrong."""

    def __init__(self, shop: Shop, sides: list[Side], seed: int, *, is_long: bool) -> None:
        self.shop, self.sides, self.seed = shop, sides, seed
        self.outcomes: Counter[str] = Counter()
        self.told = 0  # answers with progress
        self.wrong: list[str] = []
        self.secrets = {sandbox.token for sandbox in shop.sandboxes}
        self.acts: list[Callable[[Turn], None]] = [
            self.list_contacts,
            self.read,
            self.show_status,
            self.steal,
            self.search,
            self.complete,
            self.make_a_mistake,
            self.keep_a_session,
            self.describe,
            self.disconnect,
            self.list_contacts,
            self.cancel,
            self.revoke,
            self.steal,
            self.list_contacts,
            self.intrude,
            *([self.query, self.measure] if is_long else []),
        ]

    def work(self, turn: Turn, until: float) -> None:
        """Do everything once, then all of it again in another order, until the time is over."""
        acts = self.acts
        while True:
            for act in acts:
                if self.wrong:
                    return
                try:
                    act(turn)
                except Exception as error:  # noqa: BLE001 - it is told below
                    self.wrong.append(f"{act.__name__} of {turn.side.number}: {type(error).__name__}: {error}")
            if time.monotonic() > until:
                return
            rare = (self.revoke, self.disconnect)  # else hardly anybody would be connected
            shuffled = turn.dice.sample(self.acts, len(self.acts))
            acts = [act for act in shuffled if act not in rare or turn.dice.random() < 0.2]

    def checked(self, side: Side, said: Said, what: str, *, may_show: bool = True) -> Said:
        """Note what came back, and whatever in it is not this tenant's."""
        allowed = {side.number} if may_show else set()
        if owners(said.text) - allowed:
            self.wrong.append(f"{what} of {side.number} shows {owners(said.text)}: {said.text[:300]}")
        if any(int(count) - 30 in self.others(side) for count in _OF_ALL.findall(said.text)):
            self.wrong.append(f"{what} of {side.number} tells the progress of another: {said.text[:300]}")
        self.told += "notifications/progress" in said.text
        foreign = [f"org{other.number}" for other in self.sides if other is not side]
        foreign += [secret for secret in self.secrets if secret in said.text]
        if found := [each for each in foreign if each in said.text]:
            self.wrong.append(f"{what} of {side.number} shows {found}: {said.text[:300]}")
        why = next((each for each in EXPECTED if each in said.refused), "") if said.refused else "answered"
        if not why:
            self.wrong.append(f"{what} of {side.number}: {said.refused}")
        self.outcomes[f"{what}: {why}"] += 1
        return said

    def others(self, side: Side) -> set[int]:
        return {other.number for other in self.sides if other is not side}

    def connected(self, turn: Turn, page: str) -> bool:
        """Log in by the page that the caller was told, unless a colleague does already."""
        side = turn.side
        if not side.connecting.acquire(blocking=False):
            return False
        try:
            browser = self.shop.browser()
            side.pages.append(page)
            side.answers.append(browser.allowed(page))
            last = browser.open(side.answers[-1])
            if owners(last.text) - {side.number} or any(f"org{each}." in last.text for each in self.others(side)):
                self.wrong.append(f"the page of {side.number} shows {owners(last.text)}")
            side.codes.append(code_on(last))
            self.rob(turn)
            said = self.checked(side, turn.caller.call("intercom_connect", code=side.codes[-1]), "connect")
            return not said.refused
        finally:
            side.connecting.release()

    def call(self, turn: Turn, tool: str, **arguments: object) -> Said:
        """Call a tool, and once more where the caller had to connect before."""
        what = tool.removeprefix("intercom_")
        said = self.checked(turn.side, turn.caller.call(tool, **arguments), what)
        if "/connect/to/" in said.refused and self.connected(turn, page_in(said.refused)):
            return self.checked(turn.side, turn.caller.call(tool, **arguments), what)
        return said

    def list_contacts(self, turn: Turn) -> None:
        count, cursor = 0, {}
        while True:
            said = self.call(turn, "intercom_list_all_contacts", limit=20, **cursor)
            if said.refused:
                return
            count += said.answer["row_count"]
            if "next_cursor" not in said.answer:
                break
            turn.side.cursors.append(said.answer["next_cursor"])
            turn.side.results.append(said.answer["result_uri"])
            cursor = {"cursor": said.answer["next_cursor"]}
        if count != 30 + turn.side.number:
            self.wrong.append(f"{count} contacts of {turn.side.number}")

    def query(self, turn: Turn) -> None:
        said = self.call(turn, "intercom_query", sql="select count(*), min(name), max(email) from contacts")
        if not said.refused and said.answer["rows"][0][0] != 30 + turn.side.number:
            self.wrong.append(f"SQL of {turn.side.number} counts {said.answer['rows']}")

    def search(self, turn: Turn) -> None:
        self.call(turn, "intercom_search_conversations", text=turn.dice.choice(["the", "refund", "canary"]))

    def measure(self, turn: Turn) -> None:
        self.call(turn, "intercom_metric", name="conversations", by=["team"], since="2026-01-01")

    def describe(self, turn: Turn) -> None:
        self.call(turn, "intercom_describe", table=turn.dice.choice(["contacts", "teams"]), examples=True)

    def show_status(self, turn: Turn) -> None:
        said = self.call(turn, "intercom_status")
        if not said.refused:
            about = said.answer["about"]
            if about.get("connected", True) and (
                owners(about["workspace"]) != {turn.side.number}
                or about["limit_per_10_seconds"] != 100_000 + turn.side.number
            ):
                self.wrong.append(f"the status of {turn.side.number} is {about}")

    def read(self, turn: Turn) -> None:
        if turn.side.results:
            self.checked(turn.side, turn.caller.read(turn.dice.choice(turn.side.results)), "own result")

    def steal(self, turn: Turn) -> None:
        """Use what another tenant was given: none of it may be there."""
        other = turn.dice.choice([each for each in self.sides if each is not turn.side])
        said = []
        if other.cursors:
            cursor = turn.dice.choice(other.cursors)
            said.append(turn.caller.call("intercom_list_all_contacts", limit=20, cursor=cursor))
        if other.results:
            said.append(turn.caller.read(turn.dice.choice(other.results)))
        if other.codes:
            said.append(turn.caller.call("intercom_connect", code=other.codes[-1]))
        for each in said:
            if not each.refused:
                self.wrong.append(f"{turn.side.number} has stolen from {other.number}: {each.text[:300]}")
            self.checked(turn.side, each, "stolen", may_show=False)

    def rob(self, turn: Turn) -> None:
        """Let another use a code that has not been used yet."""
        thief = turn.dice.choice([each for each in self.sides if each is not turn.side])
        said = turn.dice.choice(thief.callers).call("intercom_connect", code=turn.side.codes[-1])
        if not any(why in said.refused for why in ("no login of yours", "not the code", "calls of yours")):
            self.wrong.append(f"{thief.number} has used a code of {turn.side.number}: {said.text[:300]}")
        self.outcomes["stolen: unused code"] += 1

    def intrude(self, turn: Turn) -> None:
        """Open the page of another's login, and bring Intercom's answer to it: neither leads to a code."""
        other = turn.dice.choice([each for each in self.sides if each is not turn.side])
        browser = self.shop.browser()
        if other.answers:
            for answer in (other.answers[-1], other.answers[-1].partition("state=")[0], f"{other.answers[-1]}&again=1"):
                self.refuse(turn, browser.open(answer), {400})
        if other.pages:
            self.refuse(turn, browser.open(other.pages[-1], "POST", **{"Sec-Fetch-Site": "cross-site"}), {403, 404})

    def refuse(self, turn: Turn, answer: httpx.Response, codes: set[int]) -> None:
        if answer.status_code not in codes or owners(answer.text):
            self.wrong.append(f"{turn.side.number} got {answer.status_code} for another's login: {answer.text[:300]}")
        self.outcomes["stolen: login"] += 1

    def complete(self, turn: Turn) -> None:
        said = turn.caller.complete(
            *turn.dice.choice([("weekly_support_review", "team"), ("account_brief", "company")])
        )
        self.checked(turn.side, said, "complete")

    def make_a_mistake(self, turn: Turn) -> None:
        """Ask for what is not there, by a name of one's own, which the error quotes."""
        name = canary(turn.side.number)
        said = self.call(turn, "intercom_list_all_contacts", fields=[name])
        if "no field" in said.refused and name not in said.refused:
            self.wrong.append(f"the error of {turn.side.number} is of another: {said.refused}")

    def keep_a_session(self, turn: Turn) -> None:
        """Use a session of the older protocol, and try those of others, also to cancel what they ask."""
        listing = {"name": "intercom_list_all_contacts", "arguments": {"limit": 3}}
        if before := turn.side.sessions.pop(turn.caller.token, None):
            ended(turn.caller, before)
        session = turn.side.sessions[turn.caller.token] = session_of(turn.caller)
        answer = legacy(turn.caller, "tools/call", session, **listing)
        if owners(answer.text) - {turn.side.number}:
            self.wrong.append(f"a session of {turn.side.number} shows {owners(answer.text)}: {answer.text[:300]}")
        legacy(turn.caller, "notifications/cancelled", session, requestId=1)
        self.outcomes["session: answered"] += bool(owners(answer.text))
        for other in self.sides:
            mine = turn.side.callers.index(turn.caller)  # people of the same name are one to the sessions
            foreign = [other.sessions.get(each.token) for number, each in enumerate(other.callers) if number != mine]
            for stolen in filter(None, foreign if other is not turn.side else []):
                answer = legacy(turn.caller, "tools/call", stolen, **listing)
                if answer.status_code != 404:
                    self.wrong.append(f"{turn.side.number} has a session of {other.number}: {answer.text[:300]}")
                self.outcomes["stolen: session"] += 1

    def cancel(self, turn: Turn) -> None:
        try:
            turn.caller.call("intercom_list_conversations", patience=turn.dice.uniform(0.005, 0.05))
        except httpx.TimeoutException:
            self.outcomes["cancelled"] += 1

    def revoke(self, turn: Turn) -> None:
        """Let Intercom revoke a connection that came from a login."""
        names = [each.name for each in profiles()]
        if turn.side.tenant.profile in names:
            token = load(turn.side.tenant.profile).token.reveal()
            if token != self.shop.sandboxes[turn.side.number].token:
                self.secrets.add(token)
                self.shop.sandboxes[turn.side.number].revoke(token)
                self.outcomes["revoked"] += 1

    def disconnect(self, turn: Turn) -> None:
        if turn.caller is turn.side.callers[0]:
            self.call(turn, "intercom_disconnect")


@pytest.fixture
def crowd(
    request: pytest.FixtureRequest,
    issuer: Issuer,
    sandboxes: list[Sandbox],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Crowd]:
    seconds, seed = request.config.getoption("--tenancy"), request.config.getoption("--mix-seed")
    is_long = seconds >= LONG
    tenants, callers = (8, 4) if is_long else (2, 2)
    limits = Limits(calls_per_minute=100_000, queries=2 if is_long else 1, idle=5)
    with ExitStack() as stack:
        more = [stack.enter_context(serve_canaries(number)) for number in range(3, tenants)]
        home = tmp_path_factory.mktemp("crowd")
        shop = stack.enter_context(opened(home, issuer, [*sandboxes, *more], claim="org_id", limits=limits))
        sides = [
            Side(number, [shop.ask(f"caller{each}", org_id=f"org{number}") for each in range(callers)])
            for number in range(tenants)
        ]
        for side in sides:
            shop.stored(side.number, side.tenant)
        yield Crowd(shop, sides, seed, is_long=is_long)


@pytest.mark.timeout(3_000)
def test_nothing_of_one_tenant_reaches_another(crowd: Crowd, request: pytest.FixtureRequest) -> None:
    until = time.monotonic() + request.config.getoption("--tenancy")
    everybody = [(side, caller) for side in crowd.sides for caller in side.callers]
    threads = [
        threading.Thread(
            target=crowd.work,
            args=(Turn(side, caller, random.Random(crowd.seed + number)), until),  # noqa: S311 - to be repeatable
        )
        for number, (side, caller) in enumerate(everybody)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(request.config.getoption("--tenancy") + 120)
    print(crowd.told, "with progress;", dict(sorted(crowd.outcomes.items())))
    assert crowd.wrong == []
    assert not any(thread.is_alive() for thread in threads)
    assert crowd.outcomes["stolen: no result"] > 0
    assert crowd.outcomes["stolen: cursor is unknown or has expired"] > 0
    assert crowd.outcomes["session: answered"] > 0
    assert crowd.outcomes["list_all_contacts: answered"] > 0
