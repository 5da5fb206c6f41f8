"""Every answer of the sandbox, good or refused, is what Intercom's own API description says.

The description requires no property and forbids none, so that hardly any mistake could break it. Here every
object is closed instead: a key that it does not declare, or a value of another type, fails. What recordings of the
live API show differently is written down in `DEPARTURES`, each with its reason; nothing else may differ.
"""

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from openapi_schema_validator import OAS30Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

from intercom_kit.sandbox import Sandbox, serve

DESCRIPTION = Path(__file__).parents[2].parent / "shared/openapi/intercom-2.16.yaml"
pytestmark = pytest.mark.skipif(
    not DESCRIPTION.exists(),
    reason=f"Intercom's API description is not part of this repository; put intercom-2.16.yaml at {DESCRIPTION}",
)

NULLABLE: dict[str, Any] = {"nullable": True}
TEXT: dict[str, Any] = {"type": "string"}
ANY: dict[str, Any] = {}
ITEMS = {"type": "array", "items": {}}
CONVERSATIONS = ("conversation", "conversation_list_item")

STATISTICS = (
    "time_to_assignment",
    "time_to_admin_reply",
    "time_to_first_close",
    "time_to_last_close",
    "median_time_to_reply",
    "first_contact_reply_at",
    "first_assignment_at",
    "first_admin_reply_at",
    "first_close_at",
    "last_assignment_at",
    "last_assignment_admin_reply_at",
    "last_contact_reply_at",
    "last_admin_reply_at",
    "last_close_at",
    "last_closed_by_id",
    "handling_time",
)

# (schemas, properties, how recordings show them, why). A dict with only "nullable" widens what is declared.
DEPARTURES: list[tuple[tuple[str, ...], tuple[str, ...], dict[str, Any], str]] = [
    (("contact",), ("email",), NULLABLE, "recorded: a lead without an address has null"),
    (("contact",), ("sms_consent", "unsubscribed_from_sms"), {"type": "boolean"}, "recorded, not described"),
    (
        ("contact",),
        ("utm_campaign", "utm_content", "utm_medium", "utm_source", "utm_term", "referrer", "enabled_push_messaging"),
        {"type": "string", "nullable": True},
        "recorded, not described (push messaging on single contacts only)",
    ),
    (
        ("contact",),
        ("opted_out_subscription_types", "opted_in_subscription_types"),
        {"$ref": "#/components/schemas/contact_notes"},
        "recorded as embedded lists, not described",
    ),
    (
        ("contact_tags", "contact_notes", "contact_companies", "contact_social_profiles"),
        ("type",),
        TEXT,
        "recorded: embedded lists say type list",
    ),
    (("contact_location",), ("country_code", "continent_code"), TEXT, "recorded, not described"),
    (("starting_after_paging",), ("page",), {"type": "integer"}, "recorded: next holds page and starting_after"),
    (("cursor_pages",), ("per_page",), ANY, "recorded: a GET echoes the page size as the text it was sent as"),
    (
        ("company_list",),
        ("pages",),
        {"$ref": "#/components/schemas/pages_link"},
        "recorded: company lists are numbered and next is an address",
    ),
    (
        ("contact_attached_companies",),
        ("data",),
        {"type": "array", "items": {"$ref": "#/components/schemas/company"}},
        "recorded (and the description's own example): data, not companies",
    ),
    (("conversation_teammates",), ("admins",), ITEMS, "recorded: admins, not teammates"),
    (CONVERSATIONS, ("topics",), {"type": "object"}, "recorded: a topic.list, not described"),
    (
        CONVERSATIONS,
        ("ticket",),
        {"anyOf": [{"$ref": "#/components/schemas/ticket"}, {"nullable": True, "enum": [None]}]},
        "recorded, not described",
    ),
    (("ticket",), ("company_id",), {"type": "string", "nullable": True}, "recorded, not described"),
    (("ticket_type",), ("is_internal",), {"type": "boolean"}, "in the description's examples, not in its schema"),
    (("ticket_type_attribute",), ("input_options",), NULLABLE, "null in the description's examples"),
    (
        ("ticket_type_attribute_list",),
        ("data",),
        {"type": "array", "items": {"$ref": "#/components/schemas/ticket_type_attribute"}},
        "in the description's examples, under data",
    ),
    (("ticket_custom_attributes",), (), {"additionalProperties": ANY}, "null, too, as in the description's example"),
    (("conversation_source",), (), NULLABLE, "recorded: a conversation may have no source"),
    (
        ("conversation_statistics",),
        STATISTICS,
        NULLABLE,
        "recorded: null until it happens",
    ),
    (("conversation_rating",), ("remark",), NULLABLE, "a score can come without a remark"),
    (
        ("custom_attributes",),
        (),
        {"additionalProperties": ANY},
        "recorded: booleans, too; the description's example has them",
    ),
    (("company",), ("custom_attributes",), {"type": "object"}, "an attribute may be a number: data_type says which"),
    (
        ("event_details",),
        (),
        {
            "anyOf": [
                *(
                    {"$ref": f"#/components/schemas/{name}"}
                    for name in (
                        "conversation_attribute_updated_by_workflow",
                        "conversation_attribute_updated_by_admin",
                        "conversation_attribute_updated_by_user",
                        "custom_action_started",
                        "custom_action_finished",
                        "operator_workflow_event",
                    )
                ),
                {
                    "type": "object",
                    "properties": {"tags_added": ITEMS, "tags_removed": ITEMS},
                    "required": ["tags_added", "tags_removed"],
                    "additionalProperties": False,
                },
            ]
        },
        "recorded: tags added and removed, not described",
    ),
    (("data_event",), ("metadata",), {"type": "object"}, "documented: numbers, links and amounts are values, too"),
    (("app",), ("secure",), {"type": "boolean"}, "recorded, not described"),
    (("data_event", "data_event_summary"), ("user_id", "email"), NULLABLE, "a contact may have neither"),
    (
        ("activity_log_list", "article_list", "collection_list", "note_list"),
        ("pages",),
        {"$ref": "#/components/schemas/pages_link"},
        "documented in text: next is an address",
    ),
    (
        ("article_list_item",),
        ("statistics",),
        {"$ref": "#/components/schemas/article_statistics"},
        "on single articles, which extend it",
    ),
    (("article_statistics",), ("conversations",), {"type": "integer"}, "recorded; described as conversions"),
    (("activity_log",), ("activity_type",), TEXT, "types are added from time to time; the sandbox has an unknown one"),
    (("call",), ("answered_at",), NULLABLE, "nobody answered a missed call (UNCONFIRMED [calls])"),
    (("call",), ("transcript",), ITEMS, "described inside the answer of the search by conversations"),
    (("call",), ("transcript_status",), {"type": "string", "nullable": True}, "the same"),
    (
        ("call_list",),
        ("pages",),
        {"$ref": "#/components/schemas/pages_link"},
        "numbered by its parameters; next is not described (UNCONFIRMED [calls])",
    ),
    (("data_event_list",), ("pages",), {"type": "object"}, "null for next at the end (UNCONFIRMED [events-next])"),
]

# The description gives these endpoints the wrong schema, or none.
RESPONSES = {
    ("GET", "/events"): ("data_event_list", "described as a summary, though it lists unless summary=true"),
    ("GET", "/events?summary"): ("data_event_summary", "the same path, summed up"),
    ("GET", "/companies?name"): ("company", "described as a list; its text and recordings give one bare company"),
    ("GET", "/contacts/{id}/companies"): ("contact_attached_companies", ""),
    ("POST", "/calls/search"): ("call_list", "described in place: calls with their transcripts, and no pages"),
}
# The user's own keys; errors are checked by their `required`; what extends another schema cannot close that one.
OPEN = {"custom_attributes", "event_details", "error", "conversation_attribute_base"}


def corrected(description: dict[str, Any]) -> dict[str, Any]:
    """Close every described object, then apply the departures."""
    schemas = description["components"]["schemas"]
    for name, schema in schemas.items():
        if schema.get("properties") and name not in OPEN and not {"allOf", "anyOf", "oneOf"} & schema.keys():
            schema["additionalProperties"] = False
    for names, properties, change, _ in DEPARTURES:
        for name in names:
            if not properties:
                schemas[name].update(change)
            for key in properties:
                declared = schemas[name]["properties"].get(key, {})
                schemas[name]["properties"][key] = {**declared, **change} if change is NULLABLE else change
    for schema in schemas.values():
        for key, declared in schema.get("properties", {}).items():
            schema["properties"][key] = _nullable_reference(declared)
    return description


def _nullable_reference(declared: dict[str, Any]) -> dict[str, Any]:
    """Read `nullable` beside a reference as it is meant: OpenAPI 3.0, to the letter, ignores it there."""
    references = [{"$ref": declared["$ref"]}] if "$ref" in declared else declared.get("allOf")
    if declared.get("nullable") and references:
        return {"anyOf": [*references, {"nullable": True, "enum": [None]}]}
    return declared


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.load(DESCRIPTION.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return corrected(loaded)


@pytest.fixture(scope="module")
def registry(description: dict[str, Any]) -> Any:
    return Registry().with_resource("urn:intercom", Resource(contents=description, specification=DRAFT4))


def problems(registry: Any, schema: str, answer: Any) -> list[str]:
    """Validate an answer against a schema of the description; every problem names its place."""
    reference = {"$ref": f"urn:intercom#/components/schemas/{schema}"}
    validator = OAS30Validator(reference, registry=registry)
    return [f"{'/'.join(map(str, e.absolute_path))}: {e.message[:200]}" for e in validator.iter_errors(answer)]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with serve(conversations=400, contacts=150, companies=40, tickets=100, now=1_795_377_600) as running:
        yield running


@pytest.fixture(scope="module")
def http(sandbox: Sandbox) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=sandbox.base_url, headers={"Authorization": f"Bearer {sandbox.token}"}) as client:
        yield client


def described_schema(description: dict[str, Any], method: str, template: str, status: int) -> str:
    """Find the schema that the description gives an answer."""
    if status == 200 and (method, template) in RESPONSES:
        return RESPONSES[method, template][0]
    by_shape = {_shape(path): path for path in description["paths"]}
    responses = description["paths"][by_shape[_shape(template.partition("?")[0])]][method.lower()]["responses"]
    if str(status) not in responses:
        assert status >= 400, f"{method} {template} answers {status}, which is not described"
        return "error"
    schema = responses[str(status)]["content"]["application/json"]["schema"]
    reference = schema.get("$ref") or schema["allOf"][0]["$ref"]
    return str(reference).rsplit("/", 1)[-1]


def _shape(path: str) -> tuple[str, ...]:
    return tuple("{}" if step.startswith("{") else step for step in path.strip("/").split("/"))


@pytest.fixture(scope="module")
def examples(http: httpx.Client) -> dict[str, Any]:
    """Find the ids that the paths below want."""
    contacts = http.get("/contacts", params={"per_page": 150}).json()["data"]
    return {
        "contact": max(contacts, key=lambda row: row["companies"]["total_count"])["id"],
        "external": next(row["external_id"] for row in contacts if row["role"] == "user" and row["external_id"]),
        "company": http.get("/companies?name=Acme Corp").json()["id"],
        "conversation": http.get("/conversations").json()["conversations"][0]["id"],
        "segment": http.get("/segments").json()["segments"][0]["id"],
        "team": http.get("/teams").json()["teams"][0]["id"],
        "admin": http.get("/admins").json()["admins"][0]["id"],
        "tag": http.get("/tags").json()["data"][0]["id"],
        "noted": max(contacts, key=lambda row: row["notes"]["total_count"])["id"],
        "subscribed": max(contacts, key=lambda row: row["opted_in_subscription_types"]["total_count"])["id"],
        "article": http.get("/articles").json()["data"][0]["id"],
        "collection": http.get("/help_center/collections").json()["data"][0]["id"],
        "schedule": http.get("/office_hours_schedules").json()["data"][0]["id"],
        "attribute": http.get("/conversations/attributes").json()["data"][0]["id"],
        "ticket": http.post("/tickets/search", json=SEARCH).json()["tickets"][0]["id"],
        "call": http.get("/calls").json()["data"][0]["id"],
        "phoned": [each["conversation_id"] for each in http.get("/calls").json()["data"][:20]],
        "ticket_type": http.get("/ticket_types").json()["data"][1]["id"],
    }


EXCEPTIONS = "office_hours_exceptions"
SEARCH = {"query": {"field": "created_at", "operator": ">", "value": 0}, "pagination": {"per_page": 150}}
ANSWERS = [
    ("GET", "/me", "/me"),
    ("GET", "/contacts", "/contacts?per_page=150"),
    ("POST", "/contacts/search", "/contacts/search"),
    ("GET", "/contacts/{id}", "/contacts/{contact}"),
    ("GET", "/contacts/find_by_external_id/{id}", "/contacts/find_by_external_id/{external}"),
    ("GET", "/contacts/{id}/companies", "/contacts/{contact}/companies"),
    ("GET", "/contacts/{id}/segments", "/contacts/{contact}/segments"),
    ("GET", "/contacts/{id}/tags", "/contacts/{contact}/tags"),
    ("GET", "/companies", "/companies?per_page=15"),
    ("GET", "/companies?name", "/companies?name=Acme Corp"),
    ("POST", "/companies/list", "/companies/list?per_page=60"),
    ("GET", "/companies/scroll", "/companies/scroll"),
    ("GET", "/companies/{id}", "/companies/{company}"),
    ("GET", "/companies/{id}/contacts", "/companies/{company}/contacts?per_page=2"),
    ("GET", "/companies/{id}/segments", "/companies/{company}/segments"),
    ("GET", "/segments", "/segments?include_count=true"),
    ("GET", "/segments/{id}", "/segments/{segment}"),
    ("GET", "/teams", "/teams"),
    ("GET", "/teams/{id}", "/teams/{team}"),
    ("GET", "/admins", "/admins?display_avatar=true"),
    ("GET", "/admins/{id}", "/admins/{admin}"),
    ("GET", "/tags", "/tags"),
    ("GET", "/tags/{id}", "/tags/{tag}"),
    ("GET", "/data_attributes", "/data_attributes"),
    ("GET", "/data_attributes", "/data_attributes?include_archived=true"),
    ("GET", "/conversations/attributes", "/conversations/attributes?include_archived=true"),
    ("GET", "/conversations/attributes/{id}", "/conversations/attributes/{attribute}"),
    ("GET", "/events", "/events?type=user&intercom_user_id={contact}"),
    ("GET", "/events?summary", "/events?type=user&intercom_user_id={contact}&summary=true"),
    ("GET", "/conversations", "/conversations?per_page=150"),
    ("POST", "/conversations/search", "/conversations/search"),
    ("GET", "/conversations", "/conversations?per_page=150&include_monitors=true&include_scorecards=true"),
    ("GET", "/conversations/{id}", "/conversations/{conversation}?include_monitors=true&include_scorecards=true"),
    ("GET", "/conversations/{id}", "/conversations/{conversation}"),
    ("GET", "/conversations/deleted", "/conversations/deleted"),
    ("GET", "/admins/activity_logs", "/admins/activity_logs?created_at_after=1790000000&per_page=100"),
    ("POST", "/admins/activity_logs/search", "/admins/activity_logs/search"),
    ("GET", "/admins/activity_log_event_types", "/admins/activity_log_event_types"),
    ("GET", "/away_status_reasons", "/away_status_reasons"),
    ("GET", "/contacts/{id}/notes", "/contacts/{noted}/notes"),
    ("GET", "/companies/{id}/notes", "/companies/{company}/notes"),
    ("GET", "/subscription_types", "/subscription_types"),
    ("GET", "/contacts/{id}/subscriptions", "/contacts/{subscribed}/subscriptions"),
    ("GET", "/articles", "/articles?per_page=100"),
    ("GET", "/articles/{id}", "/articles/{article}"),
    ("GET", "/help_center/collections", "/help_center/collections"),
    ("GET", "/help_center/collections/{id}", "/help_center/collections/{collection}"),
    ("GET", "/help_center/help_centers", "/help_center/help_centers"),
    ("GET", "/office_hours_schedules", "/office_hours_schedules"),
    ("GET", "/office_hours_schedules/{id}", "/office_hours_schedules/{schedule}"),
    ("GET", f"/office_hours_schedules/{{id}}/{EXCEPTIONS}", f"/office_hours_schedules/{{schedule}}/{EXCEPTIONS}"),
    (
        "GET",
        f"/office_hours_schedules/{{id}}/{EXCEPTIONS}/{{id}}",
        f"/office_hours_schedules/{{schedule}}/{EXCEPTIONS}/51",
    ),
    ("GET", "/calls", "/calls"),
    ("GET", "/calls/{id}", "/calls/{call}"),
    ("POST", "/calls/search", "/calls/search"),
    ("POST", "/tickets/search", "/tickets/search"),
    ("GET", "/tickets/{id}", "/tickets/{ticket}"),
    ("GET", "/ticket_types", "/ticket_types"),
    ("GET", "/ticket_types/{id}", "/ticket_types/{ticket_type}"),
    ("GET", "/ticket_states", "/ticket_states"),
]


@pytest.mark.parametrize(("method", "template", "path"), ANSWERS, ids=[f"{a[0]} {a[1]}" for a in ANSWERS])
def test_an_answer_is_as_described(
    http: httpx.Client,
    description: dict[str, Any],
    registry: Any,
    examples: dict[str, Any],
    method: str,
    template: str,
    path: str,
) -> None:
    body = {"created_at_after": 0, "per_page": 250} if "activity_logs" in path else SEARCH
    body = {"conversation_ids": examples["phoned"]} if "calls" in path else body
    body = body if path.endswith("search") else None
    answer = http.request(method, path.format(**examples), json=body)
    assert answer.status_code == 200, answer.text
    schema = described_schema(description, method, template, 200)
    assert problems(registry, schema, answer.json()) == []


def test_every_conversation_is_as_described(http: httpx.Client, registry: Any) -> None:
    """Check the rare shapes too: no source, no statistics, ratings, Fin, teams, 500 parts."""
    listed = http.post("/conversations/search", json=SEARCH).json()
    for row in listed["conversations"]:
        assert problems(registry, "conversation", http.get(f"/conversations/{row['id']}").json()) == []


def test_conversations_without_source_or_statistics_are_as_described(registry: Any) -> None:
    nothing = {"field": "source.delivered_as", "operator": "=", "value": None}
    unanswered = {"field": "statistics.first_contact_reply_at", "operator": "=", "value": None}
    with serve(conversations=2000, contacts=150, companies=40, now=1_795_377_600) as large:
        headers, address = {"Authorization": f"Bearer {large.token}"}, f"{large.base_url}/conversations/search"
        for query in (nothing, unanswered):
            body = {"query": query, "pagination": {"per_page": 150}}
            answer = httpx.post(address, json=body, headers=headers).json()
            assert answer["total_count"] > 0
            assert problems(registry, "conversation_list", answer) == []


def test_everybodys_events_are_as_described(http: httpx.Client, registry: Any) -> None:
    """Check those of leads without an address, and pages that nothing follows."""
    for contact in http.get("/contacts?per_page=150").json()["data"]:
        query = {"type": "user", "intercom_user_id": contact["id"], "per_page": "150"}
        assert problems(registry, "data_event_list", http.get("/events", params=query).json()) == []
        summary = http.get("/events", params={**query, "summary": "true"}).json()
        assert problems(registry, "data_event_summary", summary) == []


def test_a_deleted_conversation_is_as_described(registry: Any) -> None:
    with serve(records={"conversations": [{"id": "1"}]}) as sandbox:
        sandbox.delete("conversations", "1")
        headers = {"Authorization": f"Bearer {sandbox.token}"}
        answer = httpx.get(f"{sandbox.base_url}/conversations/deleted", headers=headers).json()
    assert len(answer["conversations"]) == 1
    assert problems(registry, "deleted_conversation_list", answer) == []


REFUSALS = [
    ("GET", "/contacts", "/contacts?per_page=x", {}, 400),
    ("GET", "/contacts", "/contacts", {"Authorization": "Bearer no"}, 401),
    ("GET", "/contacts", "/contacts?starting_after=", {}, 500),
    ("GET", "/contacts/{id}", "/contacts/none", {}, 404),
    ("GET", "/contacts/{id}", "/contacts/{merged}", {}, 410),
    ("GET", "/companies/{id}", "/companies/none", {}, 404),
    ("GET", "/segments/{id}", "/segments/none", {}, 404),
    ("GET", "/teams/{id}", "/teams/none", {}, 404),
    ("GET", "/admins/{id}", "/admins/none", {}, 404),
    ("GET", "/tags/{id}", "/tags/none", {}, 404),
    ("GET", "/conversations/{id}", "/conversations/0", {}, 404),
    ("GET", "/conversations/deleted", "/conversations/deleted", {"Intercom-Version": "2.15"}, 400),
    ("GET", "/admins/activity_logs", "/admins/activity_logs", {}, 400),
    ("GET", "/articles/{id}", "/articles/0", {}, 404),
    ("GET", "/help_center/collections/{id}", "/help_center/collections/0", {}, 404),
    ("GET", "/conversations/attributes/{id}", "/conversations/attributes/0", {}, 404),
    ("GET", "/calls/{id}", "/calls/0", {}, 404),
    ("POST", "/calls/search", "/calls/search", {}, 400),
    ("GET", "/tickets/{id}", "/tickets/0", {}, 404),
    ("GET", "/ticket_types/{id}", "/ticket_types/0", {}, 404),
    ("GET", "/ticket_states", "/ticket_states", {"Intercom-Version": "2.11"}, 400),
    ("POST", "/tickets/search", "/tickets/search", {}, 400),
    ("GET", "/data_attributes", "/data_attributes?model=conversation", {}, 422),
    ("GET", "/me", "/me", {"Intercom-Version": "9.9"}, 400),
    ("POST", "/contacts/search", "/contacts/search", {}, 400),
]


@pytest.mark.parametrize(
    ("method", "template", "path", "headers", "status"), REFUSALS, ids=[f"{r[2]} {r[4]}" for r in REFUSALS]
)
def test_a_refusal_is_as_described(
    http: httpx.Client,
    sandbox: Sandbox,
    description: dict[str, Any],
    registry: Any,
    method: str,
    template: str,
    path: str,
    headers: dict[str, str],
    status: int,
) -> None:
    merged = next(iter(sandbox.workspace.merged))
    answer = http.request(method, path.format(merged=merged), headers=headers)
    assert answer.status_code == status
    schema = described_schema(description, method, template, status)
    assert schema == "error"
    assert problems(registry, schema, answer.json()) == []


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        (("conversations", 0, "state"), "sleeping"),
        (("conversations", 0, "created_at"), "2026-01-01"),
        (("conversations", 0, "statistics", "time_to_admin_repyl"), 3),
        (("conversations", 0, "priority"), "priority"),
        (("conversations", 0, "teammates", "people"), []),
        (("pages", "next", "per_page"), "ten"),
        (("total_count",), None),
    ],
)
def test_a_wrong_answer_would_be_noticed(
    http: httpx.Client, registry: Any, path: tuple[str | int, ...], wrong: object
) -> None:
    query = {"field": "statistics.first_admin_reply_at", "operator": ">", "value": 0}
    answer = copy.deepcopy(http.post("/conversations/search", json={"query": query}).json())
    assert problems(registry, "conversation_list", answer) == []
    place = answer
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = wrong
    assert problems(registry, "conversation_list", answer) != []


def test_every_departure_is_needed_and_explained(description: dict[str, Any]) -> None:
    """A departure for something the description says anyway, or without a reason, is out of date."""
    plain = yaml.load(DESCRIPTION.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    for names, properties, change, reason in DEPARTURES:
        assert reason
        for name in names:
            declared = plain["components"]["schemas"][name]
            for key in properties:
                assert declared["properties"].get(key) != change, f"{name}.{key}"
                assert not (change is NULLABLE and declared["properties"][key].get("nullable")), f"{name}.{key}"
