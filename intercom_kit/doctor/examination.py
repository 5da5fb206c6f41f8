"""The order of a check: the most important tests first, since the number of requests is limited."""

from collections.abc import Sequence
from datetime import tzinfo

from intercom_kit.doctor import lists, operators, searching
from intercom_kit.doctor.activity import activity
from intercom_kit.doctor.articles import articles, calls
from intercom_kit.doctor.events import events
from intercom_kit.doctor.object_types import CONTACT, CONVERSATION, TICKET, ObjectType, Row
from intercom_kit.doctor.questions import Answer, Questions
from intercom_kit.doctor.results import Results
from intercom_kit.doctor.tickets import tickets as of_tickets
from intercom_kit.reports.datasets import DATASETS, read_datasets
from intercom_kit.search.conditions import EVERY

_OF_SEARCHES = ("search-days", "sort", "bounds", "date-operators", "in-operator", "index-lag", "tilde")

# Requests that only show whether the token's permissions and the plan allow them.
_FIRST_PARTS = (("GET", "/tags", "data"),)
_LAST_PARTS = (("GET", "/teams", "teams"), ("GET", "/segments", "segments"))


async def examine(questions: Questions, zone: tzinfo | None) -> Results:
    """Return the results of all read-only tests. Raises any failure of the first request, and NotConnectedError."""
    results = Results()
    await questions.ask("GET", "/me", first=True)
    contacts = await lists.first_page(questions, results, CONTACT)
    conversations = await lists.first_page(questions, results, CONVERSATION)
    body = {"query": EVERY, "pagination": {"per_page": lists.KNOWN}}
    tickets = await questions.ask("POST", TICKET.search.path, body=body, items=TICKET.items)
    await _searched(questions, results, CONVERSATION, conversations, zone)
    await _searched(questions, results, CONTACT, contacts, zone)
    await _empty_bound(questions, results, ((CONVERSATION, conversations), (CONTACT, contacts), (TICKET, tickets)))
    await _parts(questions, _FIRST_PARTS)
    await lists.admins(questions, results)
    await lists.companies(questions, results)
    await events(questions, results, CONTACT.rows(contacts))
    await _searched(questions, results, TICKET, tickets, zone)
    await of_tickets(questions, results, tickets)
    await activity(questions, results)
    await articles(questions, results)
    await calls(questions, results)
    await _parts(questions, _LAST_PARTS)
    await _datasets(questions)
    lists.tickets(results, tickets, conversations)
    lists.refusals(questions, results)
    return results


async def _searched(
    questions: Questions, results: Results, object_type: ObjectType, answer: Answer, zone: tzinfo | None
) -> None:
    """Test the list and the search of one type of object with the rows of a page."""
    if answer.why:
        results.leave([*_OF_SEARCHES, "list-order"], answer.why, object_type.name)
        if object_type is CONTACT:
            results.leave("text-match", answer.why)
        return
    rows: Sequence[Row] = object_type.rows(answer)
    if object_type.listing:
        lists.list_order(results, object_type, rows)
    await searching.search(questions, results, object_type, rows, zone)
    await operators.date_operators(questions, results, object_type, rows)
    await operators.in_operator(questions, results, object_type, rows)
    await operators.words(questions, results, object_type, rows)


async def _empty_bound(
    questions: Questions, results: Results, object_types: Sequence[tuple[ObjectType, Answer]]
) -> None:
    """Test an empty bound on the first search that the token may use."""
    for object_type, answer in object_types:
        if not answer.why:
            await operators.empty_bound(questions, results, object_type)
            return
    results.leave("empty-bound", object_types[0][1].why)


async def _datasets(questions: Questions) -> None:
    """List which reports the workspace's plan has, by Intercom's own ids."""
    answer = await questions.ask("GET", DATASETS, items="data")
    questions.datasets = [each.id for each in read_datasets(answer.members("data"))]


async def _parts(questions: Questions, parts: Sequence[tuple[str, str, str]]) -> None:
    for method, path, items in parts:
        await questions.ask(method, path, items=items)
