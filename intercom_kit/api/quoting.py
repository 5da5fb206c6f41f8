"""Quote foreign text in a sentence: on one line, printable, of bounded length, and without secrets."""

from intercom_kit.api.secret import redacted

LONGEST = 300  # letters
_SCANNED = 10_000  # characters to clean; the text may hold megabytes


def quoted(text: object, longest: int = LONGEST) -> str:
    """Return a text cleaned and shortened for a terminal, a log or an assistant."""
    scanned = redacted(str(text))[:_SCANNED]
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in scanned).split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def reason(error: BaseException) -> str:
    """Return the type and the message of an exception that is not of this package."""
    return f"{type(error).__name__}: {message}" if (message := quoted(_message(error))) else type(error).__name__


def _message(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # noqa: BLE001 - an exception whose own message fails has none
        return ""
