"""Tests of activity logs: whether a search needs a beginning, how many a page holds, and whose an entry is."""

from collections.abc import Iterator, Sequence
from typing import Any

from intercom_kit.doctor.questions import Questions
from intercom_kit.doctor.results import Results
from intercom_kit.search.bounds import DAY

SEARCH, LIST, ITEMS = "/admins/activity_logs/search", "/admins/activity_logs", "activity_logs"
AWAY = "admin_away_mode_change"
LARGEST = 250
DAYS = 30
DUPLICATE = 5  # seconds within which the later entry counts

TOO_FEW = "not seen: there are too few entries to fill a page"
NOT_BY_OTHERS = "not seen: no entry read here shows whose it is, as where one teammate set another away"
CONTRADICTION = "not clear: entries that one teammate made for another contradict each other"

_SHOWN = ("activity-since", "activity-page", "away-by")


async def activity(questions: Questions, results: Results) -> None:
    """Test with two or three requests."""
    body: dict[str, Any] = {"event_types": [AWAY], "per_page": LARGEST}
    answer = await questions.ask("POST", SEARCH, body=body, items=ITEMS)
    refused = answer.refused
    if refused:
        since = int(questions.now) - DAYS * DAY
        answer = await questions.ask("POST", SEARCH, body={**body, "created_at_after": since}, items=ITEMS)
    if answer.why:
        results.leave(_SHOWN, answer.why)
        return
    results.find("activity-since", "required" if refused else "optional")
    _whose(results, answer.members(ITEMS))
    await _page(questions, results)


async def _page(questions: Questions, results: Results) -> None:
    """Test the size of a page of the list."""
    query = {"created_at_after": int(questions.now) - DAYS * DAY, "per_page": LARGEST}
    answer = await questions.ask("GET", LIST, query=query, items=ITEMS)
    count = len(answer.members(ITEMS))
    if answer.refused:
        results.find("activity-page", f"{LARGEST} are refused", note=answer.why)
    elif answer.why or not answer.page or not (answer.page.next or count >= LARGEST):
        results.leave("activity-page", answer.why or TOO_FEW)
    else:
        results.find("activity-page", f"{count} where {LARGEST} are asked for")


def _whose(results: Results, entries: Sequence[dict[str, Any]]) -> None:
    """Record whether an entry that one teammate made for another is that of `performed_by` or of `update_by`."""
    shown = set(_shown(entries))
    if len(shown) == 1:
        results.find("away-by", shown.pop())
    else:
        results.leave("away-by", CONTRADICTION if shown else NOT_BY_OTHERS)


def _shown(entries: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Yield what each entry of two teammates shows: the next change of who went away is the return.

    An entry shows nothing if the next change of the other one is a return, too, or if the page does not have both.
    """
    following: dict[str, tuple[int, bool]] = {}  # the next change that each teammate made alone, the newest first
    for each in entries:
        metadata, at = each.get("metadata") or {}, each.get("created_at")
        away, pair = metadata.get("away_mode"), (_id(each.get("performed_by")), _id({"id": metadata.get("update_by")}))
        if not isinstance(away, bool) or not isinstance(at, int) or not all(pair):
            continue
        if pair[0] == pair[1]:
            if pair[0] not in following or following[pair[0]][0] - at > DUPLICATE:
                following[pair[0]] = (at, away)
            continue
        turns = [who in following and following[who][1] is not away for who in pair]
        if all(who in following for who in pair) and sum(turns) == 1:
            yield "performed_by" if turns[0] else "update_by"
        for who in pair:  # whose next change this entry is, is what is not known
            following.pop(who, None)


def _id(who: Any) -> str:
    id = who.get("id") if isinstance(who, dict) else None
    return "" if id is None else str(id)
