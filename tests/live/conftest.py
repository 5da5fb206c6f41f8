"""What the tests of the client share: the truth to compare with, and records made by hand."""

from collections.abc import Iterator

import pytest

from intercom_kit.sandbox import Sandbox

from .truth import Truth


@pytest.fixture(scope="session")
def truth(sandbox: Sandbox) -> Iterator[Truth]:
    """The truth about the sandbox that nobody changes."""
    asking = Truth(sandbox)
    with asking.http:
        yield asking
