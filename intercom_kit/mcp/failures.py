"""Error messages for an assistant: their remedies name tools and commands, not Python."""

import re

from intercom_kit.api.quoting import reason
from intercom_kit.errors import IntercomError, NotConnectedError, RateLimitedError, TokenInvalidError
from intercom_kit.mcp.declaring import TOOL_OF_VERB

CONNECT = (
    "Ask the user to run `intercom-kit login` in a terminal, or to set INTERCOM_ACCESS_TOKEN for this server; "
    "`intercom-kit mcp --demo` serves a demo without an account."
)

# The part of a remedy that only a person may decide on.
_ALLOWANCE = re.compile(r" Where a request for each .* allows it\.")

_VERB = re.compile(r"\b(?:ws\.|intercom_kit\.)?(\w+)\((?:id)?\)")


def spoken(error: IntercomError) -> str:
    """Return an error's message for an assistant: what went wrong, and what to do."""
    if isinstance(error, TokenInvalidError):
        return f"{_first_sentence(str(error))} {CONNECT}"
    if isinstance(error, NotConnectedError):
        return f"Not connected to Intercom. {CONNECT}"
    if isinstance(error, RateLimitedError) and error.until:
        return f"Intercom's rate limit is used up: call again after {error.until:%Y-%m-%dT%H:%M:%SZ}."
    return in_tools(_ALLOWANCE.sub("", str(error)))


# From a quotation mark on, an exception's message may quote a row's value.
_VALUE = re.compile("[\"'`“].*", re.DOTALL)


def unexpected(error: BaseException, *, with_values: bool = True) -> str:
    """Return the message for an unexpected exception; without `with_values`, without values that may be from rows."""
    why = reason(error) if with_values else _VALUE.sub("…", reason(error))
    return (
        f"Something unexpected went wrong ({why}). Call again once; if it stays, tell the user this sentence: it may "
        "be a mistake in intercom_kit, or in the settings of the machine that it runs on"
    )


def in_tools(sentence: str) -> str:
    """Return a sentence with tools in place of verbs."""
    return _VERB.sub(lambda found: TOOL_OF_VERB.get(found[1], found[0]), sentence).rstrip(".")


def _first_sentence(text: str) -> str:
    return text.split(". ")[0].rstrip(".") + "."
