"""Errors as sentences that an assistant can act on: remedies name tools and commands, not Python."""

import re

from intercom_kit.api.quoting import reason
from intercom_kit.errors import IntercomError, NotConnectedError, RateLimitedError, TokenInvalidError
from intercom_kit.mcp.declaring import TOOL_OF_VERB

CONNECT = (
    "Ask the user to run `intercom-kit login` in a terminal, or to set INTERCOM_ACCESS_TOKEN for this server; "
    "`intercom-kit mcp --demo` serves made-up data without an account."
)

# What only a person may allow.
_ALLOWANCE = re.compile(r" Where a request for each .* allows it\.")

_VERB = re.compile(r"\b(?:ws\.|intercom_kit\.)?(\w+)\((?:id)?\)")


def spoken(error: IntercomError) -> str:
    """Say what went wrong and what to do, for an assistant."""
    if isinstance(error, TokenInvalidError):
        return f"{_first_sentence(str(error))} {CONNECT}"
    if isinstance(error, NotConnectedError):
        return f"Not connected to Intercom. {CONNECT}"
    if isinstance(error, RateLimitedError) and error.until:
        return f"Intercom's rate limit is used up: call again after {error.until:%Y-%m-%dT%H:%M:%SZ}."
    return in_tools(_ALLOWANCE.sub("", str(error)))


# From here on, an exception may quote a value of a row, such as a text that is no number.
_VALUE = re.compile("[\"'`“].*", re.DOTALL)


def unexpected(error: BaseException, *, with_values: bool = True) -> str:
    """Say what failed that nobody foresaw, and what to do; without `with_values`, nothing that may come from rows."""
    told = reason(error) if with_values else _VALUE.sub("…", reason(error))
    return (
        f"Something unexpected went wrong ({told}). Call again once; if it stays, tell the user this sentence: it may "
        "be a mistake in intercom_kit, or in the settings of the machine that it runs on"
    )


def in_tools(sentence: str) -> str:
    """Let a sentence name tools where it names verbs."""
    return _VERB.sub(lambda found: TOOL_OF_VERB.get(found[1], found[0]), sentence).rstrip(".")


def _first_sentence(text: str) -> str:
    return text.split(". ")[0].rstrip(".") + "."
