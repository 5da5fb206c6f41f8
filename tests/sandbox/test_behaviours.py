"""Which behaviour is in force: words, presets, one object or all, and what each choice does to a search."""

import re
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

import intercom_kit.sandbox
from intercom_kit.sandbox import UnknownBehaviourError, serve_in_child
from intercom_kit.sandbox.behaviours import REGISTRY, Behaviours, entries

from .conftest import NOW, Client, Start

DUBLIN = ZoneInfo("Europe/Dublin")
HOUR, DAY = 3600, 86_400
SUMMER = int(datetime(2026, 7, 14, tzinfo=UTC).timestamp())  # midnight in UTC, one o'clock in Dublin
KINDS = ("contacts", "conversations")
KEYS = {"contacts": "data", "conversations": "conversations", "tickets": "tickets"}


def where(field: str, operator: str, value: Any) -> dict[str, Any]:
    return {"field": field, "operator": operator, "value": value}


def found(client: Client, kind: str, query: Any, **more: Any) -> list[str]:
    return [row["id"] for row in client.search(kind, query, **more)[KEYS[kind]]]


def refusal(client: Client, kind: str, query: Any, **more: Any) -> tuple[int, str]:
    return client.refused(f"/{kind}/search", "POST", json={"query": query, **more})


def hours(*numbers: int) -> dict[str, list[Any]]:
    """Make a contact, a conversation and a ticket for each hour after the midnight of a summer's day, in UTC."""
    rows = [{"id": str(n + 1000), "updated_at": SUMMER + n * HOUR, "last_seen_at": SUMMER + n * HOUR} for n in numbers]
    return {"contacts": rows, "conversations": [{**row, "ticket": {"id": row["id"]}} for row in rows]}


# --- words -------------------------------------------------------------------------------------


def test_the_documented_preset_is_the_default() -> None:
    assert Behaviours().in_force == Behaviours("documented").in_force != Behaviours("measured").in_force


@pytest.mark.parametrize("preset", ["documented", "measured"])
def test_a_preset_says_what_the_registry_says_for_every_entry_and_object(preset: str) -> None:
    behaviours = Behaviours(preset)
    for entry in entries().values():
        for object_ in entry.objects:
            assert behaviours.of(entry.name, object_) == entry.presets[preset][object_]
    assert behaviours.of("search-days", "contacts") == {"documented": "workspace", "measured": "utc"}[preset]


def test_later_words_win_and_a_word_without_an_object_is_for_all() -> None:
    behaviours = Behaviours(["measured", "sort=honoured", "conversations.sort=ignored", "index-lag=180"])
    assert [behaviours.of("sort", kind) for kind in KEYS] == ["honoured", "ignored", "honoured"]
    assert behaviours.seconds("index-lag", "tickets") == 180
    assert behaviours.of("per-page-over") == "refuse"
    assert Behaviours("sort=ignored", "documented").of("sort", "contacts") == "honoured"


def test_words_come_in_one_text_a_list_or_a_mapping() -> None:
    words = Behaviours("measured, contacts.search-days=workspace")
    assert words.in_force == Behaviours(["measured", "contacts.search-days=workspace"]).in_force
    assert words.in_force == Behaviours({"contacts.search-days": "workspace", "preset": "measured"}).in_force
    assert Behaviours({"index-lag": 90}).seconds("index-lag", "contacts") == 90


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("mesured", "did you mean 'measured'"),
        ("serch-days=utc", "did you mean 'search-days'"),
        ("sort=honored", r"did you mean 'honoured'.*honoured, ignored"),
        ("companies.sort=ignored", r"no object 'companies'.*contacts, conversations, tickets"),
        ("contacts.events-next=null", "leave the object out"),
        ("text-match=words", "no behaviour 'text-match'"),
        ("index-lag=soon", "a number of seconds"),
        ("index-lag=-1", "a number of seconds"),
        ("index-lag=inf", "a number of seconds"),
    ],
)
def test_an_unknown_word_is_refused_with_what_is_known(word: str, message: str) -> None:
    with pytest.raises(UnknownBehaviourError, match=message):
        Behaviours(word)


def test_the_command_line_takes_words_too() -> None:
    with serve_in_child(conversations=3, now=NOW, behaves=["measured", "per-page-over=clip,bounds=closed"]) as child:
        client = Client(child)  # type: ignore[arg-type]
        with client.http:
            assert client.get("/conversations", per_page=1000)["total_count"] == 3
            assert refusal(client, "contacts", where("created_at", ">=", 1)) == (400, "data_invalid")
            assert client.search("conversations", where("created_at", ">=", 1))["total_count"] == 3


def test_a_child_says_which_word_it_does_not_know(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(RuntimeError), serve_in_child(behaves="sorted=honoured"):
        pass
    assert "did you mean 'sort'" in capfd.readouterr().err


def test_a_running_sandbox_changes_and_forgets_what_it_found_before(start: Start) -> None:
    sandbox, client = start(records=hours(1, 2, 3))
    query = where("updated_at", ">", SUMMER + 2 * HOUR)
    assert found(client, "conversations", query) == ["1003"]
    sandbox.behaves("bounds=closed")
    assert found(client, "conversations", query) == ["1003", "1002"]
    sandbox.behaves("conversations.search-days=utc")
    assert found(client, "conversations", query) == ["1003", "1002", "1001"]
    sandbox.behaves("bounds=open")
    assert found(client, "conversations", query) == []
    assert sandbox.behaviours.of("search-days", "conversations") == "utc"
    with pytest.raises(UnknownBehaviourError):
        sandbox.behaves("bounds=shut")


def test_every_choice_is_served_and_every_doubt_stands_in_the_registry() -> None:
    folder = Path(intercom_kit.sandbox.__file__).parent
    code = "\n".join(path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.py")))
    served = set(re.findall(r'(?:\.of|chosen|seconds)\("([a-z-]+)"', code))
    assert served == set(entries())
    doubts = re.findall(r"UNCONFIRMED *(?:\[([a-z-]+)\])?", code)
    registry = tomllib.loads(REGISTRY.read_text(encoding="utf-8"))
    assert set(doubts) <= set(registry)
    assert set(entries()) - set(doubts) == set()


# --- search-days, bounds -----------------------------------------------------------------------

DAYS: dict[str, Any] = {
    "seconds": lambda moment: moment,
    "utc": lambda moment: moment // DAY,
    "workspace": lambda moment: datetime.fromtimestamp(moment, DUBLIN).date(),
}
COMPARED: dict[str, Any] = {
    ">": lambda a, b: a > b,
    "<": lambda a, b: a < b,
    "=": lambda a, b: a == b,
    ">=": lambda a, b: a >= b,
    "<=": lambda a, b: a <= b,
    "!=": lambda a, b: a != b,
}


@pytest.mark.parametrize("bounds", ["open", "closed"])
@pytest.mark.parametrize("days", DAYS)
@pytest.mark.parametrize("kind", KEYS)
def test_dates_are_compared_by_seconds_or_by_whole_days(start: Start, kind: str, days: str, bounds: str) -> None:
    numbers = range(-30, 60, 3)
    words = [f"search-days={days}", f"bounds={bounds}", "date-operators=accept", "contacts.in-operator=refuse"]
    _, client = start(records=hours(*numbers), behaves=words)
    for asked in (-HOUR, 0, 23 * HOUR - 1, 23 * HOUR, DAY):
        for operator, compare in COMPARED.items():
            compare_ = COMPARED[f"{operator}="] if operator in "<>" and bounds == "closed" else compare
            day = DAYS[days](SUMMER + asked)
            expected = {str(n + 1000) for n in numbers if compare_(DAYS[days](SUMMER + n * HOUR), day)}
            query = where("updated_at", operator, SUMMER + asked)
            assert set(found(client, kind, query, pagination={"per_page": 150})) == expected, (operator, asked)


def test_a_list_of_days_finds_what_lies_in_any(start: Start) -> None:
    _, client = start(records=hours(-2, 5, 23, 30, 60), behaves="search-days=utc")
    days = [SUMMER + 7, SUMMER + 2 * DAY]
    assert set(found(client, "conversations", where("updated_at", "IN", days))) == {"1005", "1023", "1060"}
    assert set(found(client, "conversations", where("updated_at", "NIN", days))) == {"998", "1030"}
    assert len(found(client, "conversations", where("updated_at", "NIN", []))) == 5


@pytest.mark.parametrize(("month", "day", "length"), [(3, 29, 23), (10, 25, 25)])
def test_a_day_on_which_the_clock_changes_has_23_or_25_hours(start: Start, month: int, day: int, length: int) -> None:
    midnight = int(datetime(2026, month, day, tzinfo=DUBLIN).timestamp())
    records = {"conversations": [{"id": str(n), "created_at": midnight + n * HOUR} for n in range(30)]}
    _, client = start(records=records, behaves="search-days=workspace")
    same = where("created_at", "=", midnight + 22 * HOUR)
    assert client.search("conversations", same)["total_count"] == length
    later = where("created_at", ">", midnight)
    assert client.search("conversations", later)["total_count"] == 30 - length


@pytest.mark.parametrize("days", DAYS)
@pytest.mark.parametrize("moment", [-(10**12), 253_402_300_799, 10**15])
def test_dates_beyond_every_calendar_are_still_compared(start: Start, days: str, moment: int) -> None:
    _, client = start(records=hours(0, 1), behaves=f"search-days={days}")
    found_ = client.search("contacts", where("updated_at", "<", moment))["total_count"]
    assert found_ == (2 if moment > 0 else 0)


def test_contacts_in_preview_are_compared_by_seconds_whatever_holds_before(start: Start) -> None:
    _, client = start(records=hours(1, 2, 3), behaves="measured", headers={"Intercom-Version": "Preview"})
    assert found(client, "contacts", where("updated_at", ">", SUMMER + 2 * HOUR)) == ["1003"]
    assert found(client, "contacts", where("updated_at", "!=", SUMMER + 2 * HOUR)) == ["1003", "1001"]


def test_bounds_of_numbers_and_ids_are_left_out_or_included(start: Start) -> None:
    records = {"conversations": [{"id": str(n), "statistics": {"count_reopens": n}} for n in range(5)]}
    sandbox, client = start(records=records)
    for bounds, count in (("open", 2), ("closed", 3)):
        sandbox.behaves(f"bounds={bounds}")
        for query in (where("statistics.count_reopens", ">", 2), where("id", "<", "2")):
            assert len(found(client, "conversations", query)) == count


# --- sort --------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_a_sort_is_honoured_or_has_no_effect(start: Start, kind: str) -> None:
    rows = [{"id": str(n), "created_at": n, "updated_at": 10 - n, "last_seen_at": 10 - n} for n in range(4)]
    sandbox, client = start(records={kind: rows})
    sort = {"field": "created_at", "order": "descending"}
    assert found(client, kind, where("id", "!=", "x"), sort=sort) == ["3", "2", "1", "0"]
    sandbox.behaves(f"{kind}.sort=ignored")
    for order in ("ascending", "descending"):
        assert found(client, kind, where("id", "!=", "x"), sort={**sort, "order": order}) == ["0", "1", "2", "3"]
    assert found(client, kind, where("id", "!=", "x"), sort={"field": "nonsense"}) == ["0", "1", "2", "3"]
    assert refusal(client, kind, where("id", "!=", "x"), sort={**sort, "order": "desc"}) == (400, "invalid_sort_order")


# --- operators, empty bounds, page sizes -------------------------------------------------------


@pytest.mark.parametrize("kind", KEYS)
def test_at_least_and_at_most_are_accepted_for_dates_or_refused(start: Start, kind: str) -> None:
    sandbox, client = start(records=hours(1, 2, 3), behaves="search-days=seconds,date-operators=accept")
    assert found(client, kind, where("updated_at", ">=", SUMMER + 2 * HOUR)) == ["1003", "1002"]
    assert found(client, kind, where("updated_at", "<=", SUMMER + 2 * HOUR)) == ["1002", "1001"]
    assert found(client, kind, where("updated_at", "!=", SUMMER + 2 * HOUR)) == ["1003", "1001"]
    sandbox.behaves("date-operators=refuse")
    refused = [">=", "<=", "!="] if kind == "contacts" else [">=", "<="]
    for operator in refused:
        assert refusal(client, kind, where("updated_at", operator, SUMMER)) == (400, "data_invalid")
    assert found(client, kind, where("updated_at", ">", SUMMER + 2 * HOUR)) == ["1003"]


@pytest.mark.parametrize("kind", KEYS)
def test_lists_of_values_are_accepted_or_refused(start: Start, kind: str) -> None:
    sandbox, client = start(records=hours(1, 2, 3), behaves="in-operator=accept")
    assert set(found(client, kind, where("id", "IN", ["1001", "1003"]))) == {"1001", "1003"}
    assert found(client, kind, where("id", "NIN", ["1001", "1003"])) == ["1002"]
    sandbox.behaves(f"{kind}.in-operator=refuse")
    for operator in ("IN", "NIN"):
        assert refusal(client, kind, where("id", operator, ["1001"])) == (400, "data_invalid")
    assert found(client, kind, where("id", "=", "1001")) == ["1001"]


@pytest.mark.parametrize("kind", KEYS)
def test_an_empty_text_as_a_bound_finds_everything_or_is_refused(start: Start, kind: str) -> None:
    records = hours(1, 2)
    for rows in records.values():
        rows[0]["snoozed_until"] = rows[0]["last_replied_at"] = SUMMER
    sandbox, client = start(records=records, behaves="empty-bound=accept")
    assert len(found(client, kind, where("id", ">", ""))) == 2
    assert found(client, kind, where("id", "<", "")) == []
    assert len(found(client, kind, where("updated_at", ">", ""))) == 2
    sometimes = "last_replied_at" if kind == "contacts" else "snoozed_until"
    assert found(client, kind, where(sometimes, ">", "")) == ["1001"]
    sandbox.behaves("empty-bound=refuse")
    for field in ("id", "updated_at"):
        assert refusal(client, kind, where(field, ">", "")) == (400, "parameter_invalid")


@pytest.mark.parametrize("kind", KEYS)
def test_a_text_contains_a_part_or_whole_words(start: Start, kind: str) -> None:
    field = {"contacts": "name", "conversations": "source.body", "tickets": "title"}[kind]
    texts = ["Your facture is here", "In FACT, it is", "a matter of fact: here"]
    contacts = [{"id": str(n), "name": text} for n, text in enumerate(texts)]
    conversations = [
        {"id": str(n), "title": text, "source": {"body": f"<p>{text}</p>"}, "ticket": {}}
        for n, text in enumerate(texts)
    ]
    sandbox, client = start(records={"contacts": contacts, "conversations": conversations})
    cases = {"Fact": "012", "is here": "0", "fact here": "", "?": ""}
    for preset, expected in (("substring", cases), ("words", {**cases, "Fact": "12", "fact here": "2"})):
        sandbox.behaves(f"tilde={preset}")
        for wanted, ids in expected.items():
            assert sorted(found(client, kind, where(field, "~", wanted))) == [*ids], (preset, wanted)
            others = sorted(found(client, kind, where(field, "!~", wanted)))
            assert others == [id_ for id_ in "012" if id_ not in ids]


def test_a_page_size_above_the_maximum_is_cut_down_or_refused(start: Start) -> None:
    sandbox, client = start(contacts=200)
    person = client.get("/contacts")["data"][0]["id"]
    everybody = {"query": where("created_at", ">", 0), "pagination": {"per_page": 151}}
    cursors = ["/contacts?per_page=151", "/conversations?per_page=151"]
    cursors.append(f"/events?type=user&intercom_user_id={person}&per_page=151")
    numbered = ["/companies?per_page=61", f"/contacts/{person}/companies?per_page=61"]
    for path in cursors + numbered:
        assert client.get(path)
    assert len(client.get("/contacts?per_page=151")["data"]) == 150
    assert client.http.post("/contacts/search", json=everybody).json()["pages"]["per_page"] == 150
    sandbox.behaves("per-page-over=refuse")
    for path in cursors:
        answer = client.http.get(path)
        error = answer.json()["errors"][0]
        assert (answer.status_code, error["code"]) == (400, "invalid_per_page")
        assert error["message"] == "must be an integer between 0 and 150"
    for path in numbered:
        answer = client.http.get(path)
        error = answer.json()["errors"][0]
        assert (answer.status_code, error["code"], error["message"]) == (
            400,
            "parameter_invalid",
            "Per Page is too big",
        )
    assert client.refused("/companies/list?per_page=61", "POST") == (400, "parameter_invalid")
    for kind in KEYS:
        assert client.refused(f"/{kind}/search", "POST", json=everybody) == (400, "invalid_per_page")
    assert len(client.get("/contacts?per_page=150")["data"]) == 150


# --- events ------------------------------------------------------------------------------------


def events_of(client: Client, **query: Any) -> Any:
    return client.get("/events", type="user", intercom_user_id="a", **query)


def three_events(start: Start) -> tuple[Any, Client]:
    events = [{"id": str(n), "event_name": "e", "created_at": NOW - n, "intercom_user_id": "a"} for n in range(3)]
    return start(records={"contacts": [{"id": "a", "role": "user"}], "events": events})


def test_the_last_page_of_events_has_null_for_next_or_no_next(start: Start) -> None:
    sandbox, client = three_events(start)
    for choice, absent in (("null", False), ("absent", True)):
        sandbox.behaves(f"events-next={choice}")
        first = events_of(client, per_page=2)
        last = client.http.get(first["pages"]["next"]).json()
        empty = events_of(client, before=1)
        for page in (last, empty):
            assert page["pages"].get("next") is None
            assert ("next" not in page["pages"]) is absent


def test_before_leaves_out_the_millisecond_or_includes_it(start: Start) -> None:
    sandbox, client = three_events(start)
    for choice, ids in (("open", ["2"]), ("closed", ["1", "2"])):
        sandbox.behaves(f"events-before={choice}")
        assert [event["id"] for event in events_of(client, before=(NOW - 1) * 1000)["events"]] == ids


# --- scopes and tickets ------------------------------------------------------------------------


def test_a_missing_scope_is_refused_with_one_status_or_either(start: Start) -> None:
    sandbox, client = start(missing_scopes=["read_conversations", "read_admins"])
    answers = {"401": (401, "token_unauthorized"), "403": (403, "forbidden")}
    for choice, (conversations, admins) in (("401", ("401", "401")), ("403", ("403",) * 2), ("either", ("403", "401"))):
        sandbox.behaves(f"missing-scope={choice}")
        assert client.refused("/conversations") == answers[conversations]
        assert client.refused("/admins") == answers[admins]


WITH_TICKETS = {
    "conversations": [
        {"id": "1", "updated_at": 1, "ticket": None},
        {"id": "2", "updated_at": 2, "open": True, "title": "Login", "ticket": {"id": 9, "ticket_id": "90"}},
        {"id": "3", "updated_at": 3},
        {"id": "4", "updated_at": 4, "open": False, "ticket": {"ticket_id": "91", "category": "Tracker"}},
    ]
}


@pytest.mark.parametrize(
    ("choice", "scopes", "seen"),
    [("hidden", [], "4321"), ("hidden", ["read_tickets"], "31"), ("visible", ["read_tickets"], "4321")],
)
def test_tickets_are_among_the_conversations_or_only_with_their_scope(
    start: Start, choice: str, scopes: list[str], seen: str
) -> None:
    _, client = start(records=WITH_TICKETS, missing_scopes=scopes, behaves=f"tickets={choice}")
    listed = client.get("/conversations")
    assert [row["id"] for row in listed["conversations"]] == [*seen]
    assert listed["total_count"] == len(seen)
    searched = client.search("conversations", where("updated_at", ">", 0))
    assert [row["id"] for row in searched["conversations"]] == [*seen]
    for id_ in "1234":
        assert client.http.get(f"/conversations/{id_}").status_code == (200 if id_ in seen else 404)


def test_tickets_are_searched_under_the_ids_of_their_conversations(start: Start) -> None:
    sandbox, client = start(records=WITH_TICKETS)
    page = client.search("tickets", where("updated_at", ">", 0), pagination={"per_page": 1})
    assert (page["type"], page["total_count"], page["pages"]["total_pages"]) == ("ticket.list", 2, 2)
    assert page["tickets"][0]["category"] == "Tracker"
    after = page["pages"]["next"]["starting_after"]
    rest = client.search("tickets", where("updated_at", ">", 0), pagination={"per_page": 1, "starting_after": after})
    ticket = rest["tickets"][0]
    assert (ticket["type"], ticket["id"], ticket["ticket_id"]) == ("ticket", "2", "90")
    assert (ticket["open"], ticket["updated_at"], ticket["ticket_attributes"]) == (
        True,
        2,
        {"_default_title_": "Login"},
    )
    assert found(client, "tickets", where("open", "=", False)) == ["4"]
    sandbox.upsert("conversations", {"id": "3", "ticket": {"ticket_id": "92"}})
    assert found(client, "tickets", where("updated_at", ">", 0)) == ["4", "3", "2"]


def test_the_search_of_tickets_wants_its_scope(start: Start) -> None:
    _, client = start(records=WITH_TICKETS, missing_scopes=["read_tickets"])
    assert refusal(client, "tickets", where("updated_at", ">", 0)) == (401, "token_unauthorized")


# --- a program of somebody else's --------------------------------------------------------------


@pytest.mark.parametrize("preset", ["measured", "empty-bound=accept"])
def test_a_loop_as_in_singers_tap_reads_every_conversation_once(start: Start, preset: str) -> None:
    """It begins with `id > ""`, sorted by id, and follows the cursor in the body until there is none."""
    _, client = start(conversations=700, behaves=preset)
    body: dict[str, Any] = {
        "pagination": {"per_page": 150},
        "query": {"operator": "OR", "value": [where("id", ">", "")]},
        "sort": {"field": "id", "order": "ascending"},
    }
    read: list[str] = []
    while True:
        answer = client.http.post("/conversations/search", json=body)
        assert answer.status_code == 200
        read += [row["id"] for row in answer.json()["conversations"]]
        following = answer.json()["pages"].get("next")
        if not following:
            break
        body["pagination"]["starting_after"] = following["starting_after"]
    assert len(read) == len(set(read)) == 700
    assert set(read) == {row["id"] for row in client.all("/conversations", "conversations")}
