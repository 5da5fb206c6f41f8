"""Tests of articles and calls: the key of an article's conversations, and what calls look like."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from intercom_kit.doctor.questions import Questions
from intercom_kit.doctor.results import Results
from intercom_kit.paging.paths import filled
from intercom_kit.values.plain import id_text

NO_ARTICLE = "not seen: there is no article"
NO_KEY = "not clear: the statistics of an article have neither key, or both"
NO_CALL = "not seen: there is no call"

_KEYS = ("conversations", "conversions")
_TIMES = ("initiated_at", "answered_at", "ended_at", "created_at", "updated_at")


async def articles(questions: Questions, results: Results) -> None:
    """Test with two requests, since only single articles have statistics."""
    listed = await questions.ask("GET", "/articles", query={"per_page": 1}, items="data")
    ids = [id_text(each.get("id")) for each in listed.members("data")]
    if listed.why or not ids or not ids[0]:
        results.leave("article-key", listed.why or NO_ARTICLE)
        return
    answer = await questions.ask("GET", filled("/articles/{id}", ids[0]), shown="/articles/{id}")
    statistics = answer.whole.get("statistics")
    found = [key for key in _KEYS if isinstance(statistics, dict) and key in statistics]
    if answer.why or len(found) != 1:
        results.leave("article-key", answer.why or NO_KEY)
    else:
        results.find("article-key", found[0])


async def calls(questions: Questions, results: Results) -> None:
    """Test with one request; the finding tells the form of calls alone, and nothing of any."""
    answer = await questions.ask("GET", "/calls", query={"per_page": 25}, items="data")
    found = answer.members("data")
    if answer.why or not found:
        results.leave("calls", answer.why or NO_CALL)
        return
    forms = {_form(each[name]) for each in found for name in _TIMES if each.get(name) is not None}
    results.find("calls", f"times as {' and '.join(sorted(forms))}, in {_order(found)}")


def _form(value: Any) -> str:
    return "seconds" if isinstance(value, int | float) else "text"


def _order(found: Sequence[dict[str, Any]]) -> str:
    times = [each.get("initiated_at") for each in found]
    numbers = [each for each in times if isinstance(each, int)]
    if len(set(numbers)) < 2 or len(numbers) < len(times):
        return "an order that they do not show"
    if all(after <= before for before, after in pairwise(numbers)):
        return "descending order"
    return "ascending order" if numbers == sorted(numbers) else "no order by their beginning"
