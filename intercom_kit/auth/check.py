"""Check a credential: who owns it, and which regional host has the workspace."""

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

LEAST = 0.1  # seconds for a host if the others used up the time


def check(credential: Credential, *, patience: float = 30.0) -> Credential:
    """Return a credential with its `identity` and the right regional host, after asking /me.

    Costs one request; without a region, one or two more if the workspace is not hosted in the default region. Raises
    TokenInvalidError, WrongRegionError where the named region is wrong, and OtherWorkspaceError where the credential
    belongs to another workspace than its `workspace_id`.
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
    """Return the identity by one host's answer within the deadline, and the rate budget."""
    transport = Transport(host, renewal.token, patience=max(LEAST, deadline - time.monotonic()))
    try:
        identity = await identify(transport, renewal.credential.region, renewal.credential.workspace_id)
        return identity, transport.budget
    finally:
        await transport.close()
