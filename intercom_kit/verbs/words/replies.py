"""Conversations found by words of any of their messages, which Intercom's search cannot compare but for the first."""

from typing import Any

from intercom_kit.errors import BadRequestError
from intercom_kit.search.conditions import words_of
from intercom_kit.search.filters import Selection
from intercom_kit.verbs.including import Inclusion

# One word in the opening message, its subject, or any part; tags of HTML are no words.
_SAID = r"""(
    contains(lower(regexp_replace(source_body, '<[^>]*>', ' ', 'g')), {word})
    or contains(lower(source_subject), {word})
    or exists (
        select 1 from conversation_parts as part
        where part.conversation_id = conversations.id and contains(lower(part.body), {word})
    )
)"""

_HOW = "name a span or filters for replies=True, as in since='90d'"


def said(selection: Selection, text: Any) -> Selection:
    """Return a selection narrowed to conversations in whose messages every word of a text occurs, in any case.

    Raises BadRequestError where DuckDB cannot compare what else is selected.
    """
    if selection.alone is None:
        raise BadRequestError(
            "Only Intercom's search can apply one of these filters (a tag, None, or a text), and it does not find "
            f"replies: {_HOW}, and filter the frame by the rest."
        )
    for number, word in enumerate(words_of(text)):
        selection.parameters[f"said_{number}"] = word.lower()
        selection.where.append(_SAID.format(word=f"$said_{number}"))
    return selection


def require_all(limit: int | None, included: Inclusion) -> None:
    """Raise BadRequestError for a number of rows, which saves no request here, and for what SQL does not know."""
    if limit is not None:
        raise BadRequestError(
            f"limit={limit} saves nothing here, since replies are read conversation by conversation: {_HOW}."
        )
    if included.names:
        raise BadRequestError("include= and replies=True do not go together: fetch what is found with include= by id.")
