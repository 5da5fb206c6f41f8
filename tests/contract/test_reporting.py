"""The answers of the reporting export are what Intercom's own API description says."""

from typing import Any

import httpx
import pytest
from openapi_schema_validator import OAS30Validator
from referencing import Registry

from .test_openapi import description, http, pytestmark, registry, sandbox  # noqa: F401 - fixtures

JOBS = "/export/reporting_data"
BODY = {
    "dataset_id": "conversation",
    "attribute_ids": ["conversation.conversation_id"],
    "start_time": 1_790_000_000,
    "end_time": 1_795_000_000,
}


def closed(schema: Any) -> Any:
    """Return a schema that forbids what it does not declare, at any depth."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {key: closed(value) for key, value in schema.items()} | (
        {"additionalProperties": False} if schema.get("type") == "object" and "properties" in schema else {}
    )


def problems(
    description: dict[str, Any],  # noqa: F811
    registry: Registry[Any],  # noqa: F811
    path: str,
    method: str,
    answer: httpx.Response,
) -> list[str]:
    response = description["paths"][path][method]["responses"][str(answer.status_code)]
    schema = response["content"]["application/json"]["schema"]
    if reference := schema.get("$ref"):
        schema = {"$ref": f"urn:intercom{reference}"}
    found = OAS30Validator(closed(schema), registry=registry).iter_errors(answer.json())
    return [f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}" for error in found]


def test_datasets_jobs_and_files_are_as_described(
    http: httpx.Client,  # noqa: F811
    description: dict[str, Any],  # noqa: F811
    registry: Registry[Any],  # noqa: F811
) -> None:
    listed = http.get(f"{JOBS}/get_datasets")
    assert problems(description, registry, f"{JOBS}/get_datasets", "get", listed) == []
    begun = http.post(f"{JOBS}/enqueue", json=BODY)
    assert problems(description, registry, f"{JOBS}/enqueue", "post", begun) == []
    job, path = begun.json()["job_identifier"], f"{JOBS}/{{job_identifier}}"
    for _ in range(4):
        shown = http.get(f"{JOBS}/{job}")
        assert problems(description, registry, path, "get", shown) == []
    assert shown.json()["status"] == "complete"
    file = http.get(f"/download/reporting_data/{job}", headers={"Accept": "application/octet-stream"})
    assert file.status_code == 200


@pytest.mark.parametrize("change", [{"dataset_id": "imaginary"}, {"attribute_ids": []}, {"attribute_ids": ["none"]}])
def test_refusals_are_as_described(
    http: httpx.Client,  # noqa: F811
    description: dict[str, Any],  # noqa: F811
    registry: Registry[Any],  # noqa: F811
    change: dict[str, Any],
) -> None:
    refused = http.post(f"{JOBS}/enqueue", json={**BODY, **change})
    assert refused.status_code == 400
    assert problems(description, registry, f"{JOBS}/enqueue", "post", refused) == []
    messages = [
        error["message"]
        for example in description["paths"][f"{JOBS}/enqueue"]["post"]["responses"]["400"]["content"][
            "application/json"
        ]["examples"].values()
        for error in example["value"]["errors"]
    ]
    assert refused.json()["errors"][0]["message"].replace("none", "non_existent") in messages


def test_an_unknown_job_is_as_described(
    http: httpx.Client,  # noqa: F811
    description: dict[str, Any],  # noqa: F811
    registry: Registry[Any],  # noqa: F811
) -> None:
    unknown = http.get(f"{JOBS}/job0")
    assert problems(description, registry, f"{JOBS}/{{job_identifier}}", "get", unknown) == []
