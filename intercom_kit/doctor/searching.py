"""What searches show of dates, bounds, orders, and how far they lag behind."""

from collections.abc import Sequence
from datetime import tzinfo

from intercom_kit.doctor.kinds import Kind, Row
from intercom_kit.doctor.questions import Answer, Questions
from intercom_kit.doctor.results import Results
from intercom_kit.doctor.trial import Trial, created_within, differing, trial
from intercom_kit.search.bounds import DAY
from intercom_kit.search.learning import EITHER

TOO_FEW = "not tried: there are too few rows to search for"
CONTRADICTION = "not clear: the search did not find rows that it should"
BOUNDS_DIFFER = "not clear: one of `>` and `<` includes its bound, the other does not"
NO_ZONE = "the workspace's timezone is unknown, so that its days cannot be told from UTC's"
SAME_DAYS = "the workspace's days are those of UTC"
NO_ROW_TELLS = "no row was found of a time when the workspace's days differ from UTC's"
HALF_SEEN = "not clear: one order was honoured, and the opposite one was not asked for"
ONLY_SEARCHED = "not tried: they are listed by the search alone"
SEEN = "not seen: the search knew the last change that was listed"
STALE = "not clear: what changed more than a day ago is unknown to the search"

_SHOWN = ("search-days", "sort", "bounds", "index-lag")


async def search(questions: Questions, results: Results, kind: Kind, rows: Sequence[Row], zone: tzinfo | None) -> None:
    """Find out about the search of one kind of object with a request, and with two more where that is not enough."""
    asked = trial(rows, zone, questions.now)
    if asked is None:
        results.leave(_SHOWN, TOO_FEW, kind.name)
        return
    answer = await _ask(questions, kind, asked)
    if answer.why:
        results.leave(_SHOWN, answer.why, kind.name)
        return
    came = kind.rows(answer)
    found = {row.id for row in came}
    _lag(questions, results, kind, asked, rows, came)
    if not asked.whole(found):
        results.leave(_SHOWN[:3], CONTRADICTION, kind.name)
        return
    if bounds := asked.bounds(found):
        results.find("bounds", bounds, kind.name)
    else:
        results.leave("bounds", BOUNDS_DIFFER, kind.name)
    days, honoured, telling, note = asked.core.days(found), asked.honoured(came), None, ""
    if days == EITHER:
        telling, note = await _telling(questions, kind, asked.turned(), zone)
        days = "utc" if note == SAME_DAYS else days
    if not honoured:
        results.find("sort", "ignored", kind.name)
    if honoured or telling:
        again = telling or asked.turned()
        answer = await _ask(questions, kind, again)
        if honoured:
            _order(results, answer, kind, again)
        if telling:
            days, note = _told_apart(answer, kind, telling, note)
    if days:
        results.find("search-days", days, kind.name, note)
    else:
        results.leave("search-days", CONTRADICTION, kind.name)


async def _ask(questions: Questions, kind: Kind, asked: Trial) -> Answer:
    return await questions.ask(kind.search.method, kind.search.path, body=asked.query(), items=kind.items)


def _order(results: Results, answer: Answer, kind: Kind, again: Trial) -> None:
    """Tell by the opposite order whether it was chance that the first one was honoured."""
    came = kind.rows(answer)
    if answer.why or not again.whole({row.id for row in came}):
        results.leave("sort", HALF_SEEN if answer.why else CONTRADICTION, kind.name)
    else:
        results.find("sort", "honoured" if again.honoured(came) else "ignored", kind.name)


def _told_apart(answer: Answer, kind: Kind, telling: Trial, note: str) -> tuple[str, str]:
    """Return whose days are compared, by rows that tell them apart, or why that stays open."""
    if answer.why:
        return EITHER, answer.why
    found = {row.id for row in kind.rows(answer)}
    told = telling.core.days(found) if telling.whole(found) else None
    return (told, "") if told in ("utc", "workspace") else (EITHER, note)


async def _telling(questions: Questions, kind: Kind, asked: Trial, zone: tzinfo | None) -> tuple[Trial | None, str]:
    """Fetch rows of a time when the workspace's days differ from UTC's; return a trial with them, or why there is none.

    The note holds as long as the trial does not tell the days apart.
    """
    if zone is None:
        return None, NO_ZONE
    span = differing(zone, questions.now)
    if span is None:
        return None, SAME_DAYS
    answer = await questions.ask(kind.search.method, kind.search.path, body=created_within(*span), items=kind.items)
    if answer.why:
        return None, answer.why
    return asked.telling(kind.rows(answer), zone), NO_ROW_TELLS


def _lag(
    questions: Questions, results: Results, kind: Kind, asked: Trial, known: Sequence[Row], came: Sequence[Row]
) -> None:
    """Compare what the search knows of rows with what their list said."""
    if kind.listing is None:
        results.leave("index-lag", ONLY_SEARCHED, kind.name)
        return
    unseen = asked.unseen(known, came)
    if unseen is None:
        age = questions.now - asked.newest.updated_at
        results.leave("index-lag", f"{SEEN}, {_age(age)} ago", kind.name)
        return
    seconds = max(1, int(questions.now - unseen))
    if seconds > DAY:
        results.leave("index-lag", STALE, kind.name)
    else:
        results.find("index-lag", str(seconds), kind.name, f"at least {seconds:,} s")


def _age(seconds: float) -> str:
    """Return a rough age, which tells nothing of how busy a workspace is."""
    for most, words in ((60, "less than a minute"), (3600, "less than an hour"), (DAY, "less than a day")):
        if seconds < most:
            return words
    return "more than a day"
