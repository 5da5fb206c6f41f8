"""Error messages for an assistant: their remedies name tools and commands, not Python."""

import re

from intercom_kit.api.quoting import reason
from intercom_kit.errors import IntercomError, NotConnectedError, NotFoundError, RateLimitedError, TokenInvalidError
from intercom_kit.mcp.telling.wording import in_tools

CONNECT = (
    "Ask the user to run `intercom-kit login` in a terminal, or to set INTERCOM_ACCESS_TOKEN for this server; "
    "`intercom-kit mcp --demo` serves a demo without an account."
)

# The tool that finds what was not found, by what it is.
_FINDING = {
    "contact": "intercom_list_all_contacts(filters={'email': …}) finds contacts",
    "company": "intercom_list_companies(name=…) finds companies by a part of their name",
    "conversation": "intercom_search_conversations finds conversations",
    "ticket": "intercom_query over tickets finds them",
}


def spoken(error: IntercomError) -> str:
    """Return an error's message for an assistant: what went wrong, and what to do."""
    if isinstance(error, TokenInvalidError):
        return f"{_first_sentence(str(error))} {CONNECT}"
    if isinstance(error, NotConnectedError):
        from intercom_kit.auth.finding import WAYS  # once a call has looked for a credential

        return in_tools(str(error).replace(WAYS, CONNECT))
    if isinstance(error, RateLimitedError) and error.until:
        return f"Intercom's rate limit is used up: call again after {error.until:%Y-%m-%dT%H:%M:%SZ}."
    said = in_tools(str(error))
    if isinstance(error, NotFoundError) and (found := re.match(r"There is no (\w+)", said)):
        finding = _FINDING.get(found[1], "")
        return f"{said}. {finding}" if finding and finding.partition("(")[0].split()[0] not in said else said
    return said


# From a quotation mark on, an exception's message may quote a row's value.
_VALUE = re.compile("[\"'`“].*", re.DOTALL)


def unexpected(error: BaseException, *, with_values: bool = True) -> str:
    """Return the message for an unexpected exception; without `with_values`, without values that may be from rows."""
    why = reason(error) if with_values else _VALUE.sub("…", reason(error))
    return (
        f"Something unexpected went wrong ({why}). Call again once; if it stays, tell the user this sentence: it may "
        "be a mistake in intercom_kit, or in the settings of the machine that it runs on"
    )


def _first_sentence(text: str) -> str:
    return text.split(". ")[0].rstrip(".") + "."
