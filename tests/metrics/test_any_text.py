"""Names and values of any letters, quotes, line breaks and signs are asked for as they are."""

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from intercom_kit import connect
from intercom_kit.errors import BadFilterError
from intercom_kit.metrics import ask, find
from intercom_kit.sandbox import serve
from intercom_kit.zones import zone
from tests.conftest import NOW
from tests.metrics.world import World

BEGUN = datetime(2026, 11, 20, tzinfo=UTC)
WORLD = World("UTC", BEGUN + timedelta(days=1))
ODD = ['Plan "Pro"', "it's", "a\nb", "  a\n\n  b\t", "\u2028\u2029\x85\x0b", "back\\slash\\", "a/b~c~1", "$.x", "*", ""]
ODD += [
    "\U0001f600 \U0010ffff",
    "Straße 漢字 عربي",
    "-- no comment",
    "'; select 1; --",
    "{now}{day}{zone}",
    "%s",
    "a.b",
    "1",
]

# Letters of all planes, and often those that mean something in SQL or in JSON's paths.
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=9)
texts |= st.text(st.sampled_from("'\"\\\n\r\t /~$.*[]{};-%_:?\u2028\x85\U0001f600é"), max_size=9) | st.sampled_from(ODD)
names = texts.filter(lambda name: "\0" not in name)  # a name of a column cannot hold it
anything = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def hold(name: str, value: str) -> None:
    """Hold a conversation, with its contact, company and team, that has the value wherever there is room."""
    attributes = {name: value}
    WORLD.hold(
        "UTC",
        WORLD.now,
        conversations=[
            {
                "id": "c",
                "created_at": BEGUN,
                "contact_id": "p",
                "company_id": "a",
                "team_assignee_id": "1",
                "tag_names": [value],
                "title": value,
                "custom_attributes": json.dumps(attributes),
            },
            {"id": "other", "created_at": BEGUN, "title": f"not {value}", "tag_names": [f"{value}!"]},
        ],
        contacts=[{"id": "p", "role": "user", "custom_attributes": json.dumps(attributes), "location_country": value}],
        companies=[{"id": "a", "name": value, "plan_name": value, "custom_attributes": json.dumps(attributes)}],
        teams=[{"id": "1", "name": value}],
        events=[{"id": "e", "intercom_user_id": "p", "event_name": value, "created_at": BEGUN}],
    )


@anything
@given(names, texts)
@example('Plan "Pro"', "gold")
@example("a\nb", "c\n  d\n\n")
@example("x_since", "y")
@example("days_max", "z")
def test_attributes_of_any_name_and_value_group_and_filter(name: str, value: str) -> None:
    hold(name, value)
    for owner in ("", "contact.", "company."):
        key = f"{owner}custom_attributes.{name}"
        rows = _count(by=key, **{key: value})
        assert [(row[key], row["n"]) for row in rows] == [(value, 1)], key
        assert {row[key] for row in _count(by=key)} == {value, None}
    assert [row["n"] for row in _count(custom_attributes={name: value})] == [1]
    assert not _count(custom_attributes={name: f"{value} "})


@anything
@given(texts)
def test_columns_and_names_of_any_value_group_and_filter(value: str) -> None:
    hold("plan", value)
    for name in ("title", "tag", "team", "company", "plan", "country", "company.plan_name", "contact.location_country"):
        rows = _count(by=name, **{name: value})
        assert [(row[name], row["n"]) for row in rows] == [(value, 1)], name
        assert [row["n"] for row in _count(**{name: ["of no other", value]})] == [1], name
    assert WORLD.left_out("csat", BEGUN, title=value) == {"not rated": 1}


@anything
@given(texts, texts)
def test_a_funnel_has_steps_of_any_name(first: str, second: str) -> None:
    hold("plan", first)
    rows = WORLD.rows("funnel", BEGUN, steps=[first, second], contacts="all")
    assert [(row["event"], row["hits"]) for row in rows] == [(first, 1), (second, 0)]
    assert [row["event"] for row in WORLD.rows("feature_adoption", BEGUN, contacts={"country": first})] == [first]


@anything
@given(texts)
def test_a_population_is_a_company_or_segment_of_any_name(value: str) -> None:
    hold("plan", value)
    question = ask(
        find("active_share"),
        since=BEGUN,
        now=WORLD.now,
        zone=zone("UTC"),
        definition="events",
        filters={"contacts": {"company": value, "segment": [value, "b"]}},
    )
    tables = {"contact_companies": "contact_id, company_id", "contact_segments": "contact_id, segment_id"}
    WORLD.database.execute(f"insert into contact_companies ({tables['contact_companies']}) values ('p', 'a')")
    WORLD.database.execute(f"insert into contact_segments ({tables['contact_segments']}) values ('p', 's')")
    WORLD.database.execute("insert into segments (id, name) values ('s', ?)", [value])
    ((n,),) = WORLD.database.execute(f"select n from ({question.sql()})").fetchall()
    assert n == 1


def test_names_that_differ_in_case_alone_are_two() -> None:
    hold("Plan", "gold")
    (row,) = _count(by=["custom_attributes.Plan", "custom_attributes.plan"], title="gold")
    assert sorted(map(str, row.values()))[-2:] == ["None", "gold"]


@pytest.mark.parametrize("value", ["\ud800", "a\udfffb"])
def test_half_a_character_is_refused(value: str) -> None:
    with pytest.raises(BadFilterError, match="half of a character"):
        _count(title=value)
    with pytest.raises(BadFilterError, match="half of a character"):
        _count(by=f"custom_attributes.{value}")


def test_odd_names_and_values_are_found_over_http_too() -> None:
    """Here the conditions go through the planner, and some on to the search."""
    made = int(time.time()) - 3600
    odd = [(name, value) for name, value in zip(ODD, reversed(ODD), strict=True) if name]
    talks = [
        {
            "type": "conversation",
            "id": str(number),
            "created_at": made,
            "updated_at": made,
            "state": "open",
            "custom_attributes": {name: value},
            "source": {"type": "conversation", "subject": value},
            "tags": {"type": "tag.list", "tags": [{"type": "tag", "id": str(number), "name": value}]},
        }
        for number, (name, value) in enumerate(odd, 1)
    ]
    with (
        serve(records={"conversations": talks}, now=NOW) as sandbox,
        connect(sandbox.token, base_url=sandbox.base_url) as ws,
    ):

        def counted(**given: Any) -> Any:
            return ws.metric("conversations", definition="calendar", fresh="session", **given)

        for number, (name, value) in enumerate(odd, 1):
            key = f"custom_attributes.{name}"
            frame = counted(by=key, **{key: value})
            assert (frame[key].tolist(), frame["n"].tolist()) == ([value], [1]), (name, value)
            assert counted(id=str(number), tag=value, source_subject=value)["n"].tolist() == [1], value


def _count(**given: Any) -> list[dict[str, Any]]:
    return WORLD.rows("conversations", BEGUN, definition="calendar", **given)
