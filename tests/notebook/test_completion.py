"""IPython completes what verbs take: filters, values, metrics, groups, spans, and SQL in a string."""

from collections.abc import Iterator

import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell

import intercom_kit as ik

from .test_magic import completions


@pytest.fixture(scope="module")
def shell() -> Iterator[InteractiveShell]:
    """IPython with a workspace as `ws`, and without the extension."""
    shell = InteractiveShell.instance()
    with ik.demo(conversations=20, contacts=20, companies=4) as ws:
        shell.user_ns["ws"] = ws
        yield shell
    shell.user_ns.clear()
    InteractiveShell.clear_instance()


@pytest.mark.parametrize(
    ("written", "completed"),
    [
        ("ws.conversations(rating_m|", {"rating_min=", "rating_max="}),
        ("ws.tickets(ope|", {"open="}),
        ('ws.conversations(state="|', {"open", "closed", "snoozed"}),
        ("ws.conversations(since='7d', state=|", {'"open"', '"closed"', '"snoozed"'}),
        ("ws.conversations(state=['open', 'cl|", {"closed"}),
        ("x = len(ws.contacts(role='|", {"user", "lead"}),
        ("ws.contacts(include=['co|", {"companies"}),
        ("ws.contacts(expand='|", {"custom_attributes"}),
        ("ws.conversations(updated_since='last m|", {"last month"}),
        ("ws.metric('first_r|", {"first_response_time", "first_response_survival"}),
        ("ws.metric('csat', by='te|", {"team", "teammate"}),
        ("ws.metric('csat', by=['team', 'company.ind|", {"company.industry"}),
        ("ws.metric('csat', period='q|", {"quarter"}),
        ("ws.explain_metric('first_response_time', definition='cal|", {"calendar"}),
        ("ws.metric(\n    'csat',\n    compare='|", {"previous"}),
        ("ws.sql('select c.rat| from conversations c", {"rating"}),
        ("ws.sql('''select count(*) from seg|", {"segments"}),
        ("ws.schema('tick|", {"tickets", "ticket_parts"}),
    ],
)
def test_an_argument_is_completed(shell: InteractiveShell, written: str, completed: set[str]) -> None:
    found = set(completions(shell, written))
    assert completed <= found, found


def test_a_value_is_not_mixed_with_names_of_python(shell: InteractiveShell) -> None:
    assert set(completions(shell, 'ws.conversations(state="|')) == {"open", "closed", "snoozed"}


def test_an_argument_that_is_given_is_not_offered_again(shell: InteractiveShell) -> None:
    assert "state=" not in completions(shell, "ws.conversations(state='open', sta|")
    assert "state=" in completions(shell, "ws.conversations(sta|")


@pytest.mark.parametrize(
    "written", ["other.conversations(state='|", "ws.conversations()(state='|", "# ws.tickets(state='|"]
)
def test_nothing_is_completed_elsewhere(shell: InteractiveShell, written: str) -> None:
    assert not {"closed", "submitted"} & set(completions(shell, written))


def test_nothing_is_asked_of_intercom(shell: InteractiveShell) -> None:
    before = shell.user_ns["ws"].budget["requests"]
    with provisionalcompleter():
        completions(shell, "ws.metric('volume', by='|")
    assert shell.user_ns["ws"].budget["requests"] == before
