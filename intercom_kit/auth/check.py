"""Ask Intercom whose a credential is, and take it to the host where the workspace is kept."""

import time
from dataclasses import replace

from intercom_kit.api.budget import RateBudget
from intercom_kit.api.identity import Identity, identify
from intercom_kit.api.regions import HOSTS
from intercom_kit.api.transport import Transport
from intercom_kit.auth.credentials import Credential
from intercom_kit.auth.renewal import Renewal
from intercom_kit.concurrency import loop
from intercom_kit.errors import TokenInvalidError

LEAST = 0.1  # seconds; what a host gets where others used all the time


def check(credential: Credential, *, patience: float = 30.0) -> Credential:
    """Ask /me whose a credential is, and give it back with `identity`, and on the right regional host.

    Costs one request; where no region was named and the workspace is kept in another, one or two more. Raises
    TokenInvalidError, WrongRegionError where another region was named, OtherWorkspaceError where it belongs to another
    workspace than it must.
    """
    return loop.run(_check(credential, patience))


async def _check(credential: Credential, patience: float) -> Credential:
    renewal = Renewal(credential)
    hosts = [credential.base_url]
    if credential.may_move:  # UNCONFIRMED [region-routing]: some say that tokens of another region are a 401
        hosts += [host for host in HOSTS.values() if host != credential.base_url]
    refusal: TokenInvalidError | None = None
    deadline = time.monotonic() + patience
    for host in hosts:
        try:
            identity, budget = await _identify(renewal, host, deadline)
        except TokenInvalidError as error:
            refusal = refusal or error
            continue
        home = HOSTS.get(identity.region, host) if credential.may_move else host
        if home != host:
            identity, budget = await _identify(renewal, home, deadline)
        region = identity.region or credential.region
        return replace(renewal.credential, base_url=home, region=region, identity=identity, budget=budget)
    assert refusal is not None  # noqa: S101 - there is at least one host
    raise refusal


async def _identify(renewal: Renewal, host: str, deadline: float) -> tuple[Identity, RateBudget]:
    """Ask a host, in what is left of the time until the deadline."""
    transport = Transport(host, renewal.token, patience=max(LEAST, deadline - time.monotonic()))
    try:
        identity = await identify(transport, renewal.credential.region, renewal.credential.workspace_id)
        return identity, transport.budget
    finally:
        await transport.close()
