"""Tests of searches: how dates are compared, whether bounds are closed, their order, and their lag."""

from collections.abc import Sequence
from datetime import tzinfo

from intercom_kit.doctor.object_types import ObjectType, Row
from intercom_kit.doctor.questions import Answer, Questions
from intercom_kit.doctor.results import Results
from intercom_kit.doctor.trial import Trial, created_within, differing, trial
from intercom_kit.search.bounds import DAY
from intercom_kit.search.learning import EITHER

TOO_FEW = "not tried: there are too few rows to search for"
CONTRADICTION = "not clear: the search did not find rows that it should"
BOUNDS_DIFFER = "not clear: one of `>` and `<` includes its bound, the other does not"
NO_ZONE = "the workspace's timezone is unknown, so that its days cannot be distinguished from UTC's"
SAME_DAYS = "the workspace's days are those of UTC"
NO_ROW_TELLS = "no row was found from a time when the workspace's days differ from UTC's"
HALF_SEEN = "not clear: one order was honoured, and the opposite one was not tested"
ONLY_SEARCHED = "not tried: they are listed by the search alone"
SEEN = "not seen: the search already knew the last listed change"
STALE = "not clear: the search does not know a change of more than a day ago"

_SHOWN = ("search-days", "sort", "bounds", "index-lag")


async def search(
    questions: Questions, results: Results, object_type: ObjectType, rows: Sequence[Row], zone: tzinfo | None
) -> None:
    """Test the search of one type of object with one request, and two more if that is not conclusive."""
    first = trial(rows, zone, questions.now)
    if first is None:
        results.leave(_SHOWN, TOO_FEW, object_type.name)
        return
    answer = await _ask(questions, object_type, first)
    if answer.why:
        results.leave(_SHOWN, answer.why, object_type.name)
        return
    received = object_type.rows(answer)
    found = {row.id for row in received}
    _lag(questions, results, object_type, first, rows, received)
    if not first.whole(found):
        results.leave(_SHOWN[:3], CONTRADICTION, object_type.name)
        return
    if bounds := first.bounds(found):
        results.find("bounds", bounds, object_type.name)
    else:
        results.leave("bounds", BOUNDS_DIFFER, object_type.name)
    days, honoured, telling, note = first.core.days(found), first.honoured(received), None, ""
    if days == EITHER:
        telling, note = await _telling(questions, object_type, first.turned(), zone)
        days = "utc" if note == SAME_DAYS else days
    if not honoured:
        results.find("sort", "ignored", object_type.name)
    if honoured or telling:
        second = telling or first.turned()
        answer = await _ask(questions, object_type, second)
        if honoured:
            _order(results, answer, object_type, second)
        if telling:
            days, note = _days(answer, object_type, telling, note)
    if days:
        results.find("search-days", days, object_type.name, note)
    else:
        results.leave("search-days", CONTRADICTION, object_type.name)


async def _ask(questions: Questions, object_type: ObjectType, search: Trial) -> Answer:
    return await questions.ask(
        object_type.search.method, object_type.search.path, body=search.query(), items=object_type.items
    )


def _order(results: Results, answer: Answer, object_type: ObjectType, opposite: Trial) -> None:
    """Record whether the opposite order is honoured, too: the first one may have been chance."""
    received = object_type.rows(answer)
    if answer.why or not opposite.whole({row.id for row in received}):
        results.leave("sort", HALF_SEEN if answer.why else CONTRADICTION, object_type.name)
    else:
        results.find("sort", "honoured" if opposite.honoured(received) else "ignored", object_type.name)


def _days(answer: Answer, object_type: ObjectType, telling: Trial, note: str) -> tuple[str, str]:
    """Return whether UTC's or the workspace's days are compared, and a note if that stays unknown."""
    if answer.why:
        return EITHER, answer.why
    found = {row.id for row in object_type.rows(answer)}
    days = telling.core.days(found) if telling.whole(found) else None
    return (days, "") if days in ("utc", "workspace") else (EITHER, note)


async def _telling(
    questions: Questions, object_type: ObjectType, base: Trial, zone: tzinfo | None
) -> tuple[Trial | None, str]:
    """Return a trial with rows of a time when the workspace's days differ from UTC's, if any, and a note.

    The note applies if there is no such trial, or it is not conclusive.
    """
    if zone is None:
        return None, NO_ZONE
    span = differing(zone, questions.now)
    if span is None:
        return None, SAME_DAYS
    answer = await questions.ask(
        object_type.search.method, object_type.search.path, body=created_within(*span), items=object_type.items
    )
    if answer.why:
        return None, answer.why
    return base.telling(object_type.rows(answer), zone), NO_ROW_TELLS


def _lag(
    questions: Questions,
    results: Results,
    object_type: ObjectType,
    search: Trial,
    known: Sequence[Row],
    received: Sequence[Row],
) -> None:
    """Record how far the search lags behind the list, by rows that changed."""
    if object_type.listing is None:
        results.leave("index-lag", ONLY_SEARCHED, object_type.name)
        return
    unseen = search.unseen(known, received)
    if unseen is None:
        age = questions.now - search.newest.updated_at
        results.leave("index-lag", f"{SEEN}, {_age(age)} ago", object_type.name)
        return
    seconds = max(1, int(questions.now - unseen))
    if seconds > DAY:
        results.leave("index-lag", STALE, object_type.name)
    else:
        results.find("index-lag", str(seconds), object_type.name, f"at least {seconds:,} s")


def _age(seconds: float) -> str:
    """Return a rough age, which does not reveal how busy a workspace is."""
    for limit, words in ((60, "less than a minute"), (3600, "less than an hour"), (DAY, "less than a day")):
        if seconds < limit:
            return words
    return "more than a day"
