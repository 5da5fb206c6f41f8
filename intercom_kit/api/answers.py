"""Read the text of a response: as a page, or as the error that it means."""

from collections.abc import Iterable, Mapping

from intercom_kit.api.asking import Request
from intercom_kit.api.failures import failure, not_intercom
from intercom_kit.api.heads import Page, read_page
from intercom_kit.api.secret import Secret
from intercom_kit.errors import IntercomError


def read_answer(
    request: Request, text: str, headers: Mapping[str, str], *, status: int | None, secrets: Iterable[Secret]
) -> Page | IntercomError:
    """Return the page of a response; with the status of a failure, the error, which quotes none of our secrets."""
    if status:
        return failure(status, headers, _redacted(text, secrets), request.path, request.page)
    if request.blank and not text.strip():
        return Page("")
    try:
        return read_page(text, request.items)
    except ValueError:
        return not_intercom(headers, text)


def _redacted(text: str, secrets: Iterable[Secret]) -> str:
    """Return an error body without our secrets, since errors quote it."""
    for secret in secrets:
        text = text.replace(secret.reveal(), "…") if secret.reveal() else text
    return text
