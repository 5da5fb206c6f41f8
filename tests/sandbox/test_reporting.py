"""The reporting export: jobs, files, and rows that are worked out of parts."""

import csv
import gzip
import io
from typing import Any

import pytest

from intercom_kit.sandbox import Sandbox

from .conftest import NOW, Client, Start

JOBS = "/export/reporting_data"
ALL = {"start_time": 0, "end_time": NOW}


def datasets(client: Client) -> dict[str, Any]:
    return {each["id"]: each for each in client.get(f"{JOBS}/get_datasets")["data"]}


def enqueued(client: Client, **body: Any) -> Any:
    answer = client.http.post(f"{JOBS}/enqueue", json={**ALL, **body})
    assert answer.status_code == 200, answer.text
    return answer.json()["job_identifier"]


def downloaded(client: Client, job: str) -> bytes:
    """Ask until a job is ready, and download its file."""
    for _ in range(6):
        answer = client.http.get(f"{JOBS}/{job}")
        if answer.status_code == 200 and answer.json()["status"] != "pending":
            break
    file = client.http.get(f"/download/reporting_data/{job}", headers={"Accept": "application/octet-stream"})
    assert file.status_code == 200, file.text
    return file.content


def rows(client: Client, dataset: str, *attributes: str) -> list[dict[str, str]]:
    data = downloaded(client, enqueued(client, dataset_id=dataset, attribute_ids=list(attributes)))
    return list(csv.DictReader(io.StringIO(data.decode())))


def test_jobs_are_pending_for_one_to_three_polls(start: Start) -> None:
    _, client = start()
    for polls in (1, 2, 3):
        job = enqueued(client, dataset_id="conversation", attribute_ids=["conversation.conversation_id"])
        found = [client.get(f"{JOBS}/{job}")["status"] for _ in range(4)]
        assert found == ["pending"] * (polls - 1) + ["complete"] * (5 - polls)


def test_five_jobs_may_be_pending(start: Start) -> None:
    sandbox, client = start()
    sandbox.workspace.report_jobs.stays_pending = True
    body = {"dataset_id": "tickets", "attribute_ids": ["conversation.conversation_id"]}
    for _ in range(5):
        enqueued(client, **body)
    assert client.refused(f"{JOBS}/enqueue", "POST", json={**ALL, **body}) == (429, "rate_limit_exceeded")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"dataset_id": None}, "'dataset_id' is a required parameter"),
        ({"dataset_id": "imaginary"}, "imaginary is not a valid dataset_id"),
        ({"attribute_ids": None}, "'attribute_ids' is a required parameter"),
        ({"attribute_ids": []}, "attribute_ids must contain at least one attribute_id"),
        ({"attribute_ids": "x"}, "'attribute_ids' not an array must be of type Array"),
        ({"attribute_ids": ["non_existent"]}, "attribute_ids invalid for conversation dataset: non_existent"),
        ({"attribute_ids": ["conversation_id"]}, "attribute_ids invalid for conversation dataset: conversation_id"),
    ],
)
def test_what_is_refused_is_refused_in_intercoms_words(client: Client, change: dict[str, Any], says: str) -> None:
    body = {"dataset_id": "conversation", "attribute_ids": ["conversation.conversation_id"], **ALL, **change}
    answer = client.http.post(f"{JOBS}/enqueue", json={key: value for key, value in body.items() if value is not None})
    assert answer.status_code == 400
    assert [(error["code"], error["message"]) for error in answer.json()["errors"]] == [("bad_request", says)]


def test_unknown_jobs_and_those_that_are_not_ready_are_not_found(client: Client) -> None:
    assert client.refused(f"{JOBS}/none") == (404, "not_found")
    assert client.refused("/download/reporting_data/none", headers={"Accept": "*/*"}) == (404, "not_found")
    assert client.refused("/download/reporting_data/none") == (404, "not_found")
    assert client.refused(f"{JOBS}/get_datasets", headers={"Intercom-Version": "2.13"})[0] == 400


def test_before_2_16_ids_are_bare_and_conversations_without_a_reply_of_the_customer_are_missing(
    sandbox: Sandbox, client: Client
) -> None:
    new = {row["conversation_id"] for row in rows(client, "conversation", "conversation.conversation_id")}
    older = Client(sandbox, **{"Intercom-Version": "2.15"})
    with older.http:
        old = {row["conversation_id"] for row in rows(older, "conversation", "conversation_id")}
        assert "qualified_id" not in datasets(older)["conversation"]["attributes"][0]
    assert old < new
    records = {each["id"]: each for each in sandbox.workspace.conversations.records()}
    for id_ in new - old:
        authors = {part["author"]["type"] for part in records[id_]["conversation_parts"]["conversation_parts"]}
        assert records[id_]["source"] is None or records[id_]["source"]["delivered_as"] != "customer_initiated"
        assert not authors & {"user", "lead"}


def test_columns_of_ids_hold_names_and_their_twins_the_ids(sandbox: Sandbox, client: Client) -> None:
    name, twin = "teammate.currently_assigned_teammate_id", "teammate.currently_assigned_teammate_id_raw_id"
    names = {str(each["id"]): each["name"] for each in sandbox.workspace.simple["admins"].records()}
    for row in rows(client, "conversation", name, twin):
        shown, id_ = row.values()
        assert shown == names.get(id_, "Unassigned")


def test_texts_have_line_breaks_and_two_attributes_of_one_name_equal_headers(client: Client) -> None:
    ids = ["conversation.Brand", "people.Brand", "conversation.AI Issue summary"]
    data = downloaded(client, enqueued(client, dataset_id="conversation", attribute_ids=ids))
    header, *lines = csv.reader(io.StringIO(data.decode(), newline=""))
    assert header == ["Brand", "Brand", "AI Issue summary"]
    assert lines[0][0] != lines[0][1]
    assert any("\n" in line[2] for line in lines)


def test_durations_agree_with_statistics_though_they_are_counted_apart(sandbox: Sandbox, client: Client) -> None:
    columns = {
        "duration.first_response_time_in_office_hours": "time_to_admin_reply",
        "duration.time_to_close_in_office_hours": "time_to_last_close",
        "duration.time_to_first_close_in_office_hours": "time_to_first_close",
    }
    found = rows(client, "conversation", "conversation.conversation_id", *columns)
    assert len(found) > 500
    for row in found:
        statistics = sandbox.workspace.conversations.get(row["conversation_id"])["statistics"] or {}  # type: ignore[index]
        for attribute, statistic in columns.items():
            assert (
                row[attribute.partition(".")[2]] == str(statistics.get(statistic) or "") or statistics[statistic] == 0
            )


def test_handling_is_counted_per_teammate_and_adds_up(sandbox: Sandbox, client: Client) -> None:
    found = rows(
        client,
        "teammate_handling_conversation",
        "conversation.conversation_id",
        "duration.teammate_handling_time_in_office_hours",
    )
    for row in found:
        record: Any = sandbox.workspace.conversations.get(row["conversation_id"])
        assert int(row["teammate_handling_time_in_office_hours"]) == record["statistics"]["handling_time"]


def test_the_bot_inbox_ends_with_the_first_assignment(sandbox: Sandbox, client: Client) -> None:
    whole, rest = "duration.conversation_first_response_time", "duration.first_response_time_excluding_bot_inbox"
    waited = 0
    for row in rows(client, "conversation", "conversation.conversation_id", whole, rest):
        _, all_of_it, without = row.values()
        record: Any = sandbox.workspace.conversations.get(row["conversation_id"])
        if all_of_it != without:
            parts = record["conversation_parts"]["conversation_parts"]
            assigned = next(part["created_at"] for part in parts if part["part_type"] == "assignment")
            assert record["ai_agent_participated"]
            assert int(all_of_it) - int(without) == assigned - record["created_at"]
            waited += 1
    assert waited > 10


def test_deleted_conversations_stay_if_their_metrics_are_retained(start: Start) -> None:
    sandbox, client = start()
    ids = [row["conversation_id"] for row in rows(client, "conversation", "conversation.conversation_id")]
    sandbox.delete("conversations", ids[0], retain_metrics=True)
    sandbox.delete("conversations", ids[1])
    left = rows(client, "conversation", "conversation.conversation_id", "people.user_name")
    assert {row["conversation_id"]: row["user_name"] for row in left}[ids[0]] == ""
    assert ids[1] not in {row["conversation_id"] for row in left}
    retained = {each["id"]: each["metrics_retained"] for each in client.get("/conversations/deleted")["conversations"]}
    assert retained == {ids[0]: True, ids[1]: False}


def test_behaviours_change_status_dress_words_zone_and_header(start: Start) -> None:
    sandbox, client = start(behaves="report-status=completed,report-job=late,report-dress=gzip,report-words=portuguese")
    sandbox.behaves("report-zone=workspace,report-header=qualified")
    attributes = ["timestamp.conversation_started_at", "standard.current_conversation_state"]
    job = enqueued(client, dataset_id="conversation", attribute_ids=attributes)
    assert client.http.get(f"{JOBS}/{job}").status_code == 404
    data = gzip.decompress(downloaded(client, job)).decode()
    assert client.get(f"{JOBS}/{job}")["status"] == "completed"
    assert data.splitlines()[0] == "timestamp.conversation_started_at,standard.current_conversation_state"
    assert "Fechada" in data
