"""Starting, stopping, and being the same again."""

import ast
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

import intercom_kit.sandbox
from intercom_kit.sandbox import serve, serve_in_child

from .conftest import NOW, Client, Start


def test_the_sandbox_knows_nothing_of_the_client() -> None:
    """It must not agree with the client's mistakes, so it imports nothing from the rest of the package."""
    for path in Path(intercom_kit.sandbox.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                assert node.level == 0
                names = [f"{node.module}.{alias.name}" for alias in node.names]
            for name in names:
                assert not name.startswith("intercom_kit") or name.startswith("intercom_kit.sandbox"), path


def test_the_same_seed_and_present_give_the_same_data(start: Start, generated_anew: None) -> None:
    def everything(**options: int) -> list[object]:
        _, client = start(**options)
        people = client.all("/contacts")
        events = client.get("/events", type="user", intercom_user_id=people[3]["id"])["events"]
        return [people, client.all("/conversations", "conversations"), client.get("/companies/scroll")["data"], events]

    assert everything(seed=3) == everything(seed=3)
    assert everything(seed=3) != everything(seed=4)


def test_a_change_in_one_sandbox_does_not_reach_another_of_the_same_data(start: Start) -> None:
    first, _ = start()
    second, client = start()
    gone, renamed = (str(each["id"]) for each in client.all("/contacts")[:2])
    first.delete("contacts", gone)
    first.upsert("contacts", {"id": renamed, "name": "Somebody Else"})
    first.upsert("tags", {"id": client.get("/tags")["data"][0]["id"], "name": "renamed"})
    first.merge(str(client.all("/contacts")[2]["id"]), into=renamed)
    _, third = start()
    assert client.all("/contacts") == third.all("/contacts")
    assert {"Somebody Else"}.isdisjoint(each["name"] for each in client.all("/contacts"))
    assert "renamed" not in [each["name"] for each in client.get("/tags")["data"]]
    assert len(second.workspace.merged) < len(first.workspace.merged)


def test_several_sandboxes_live_side_by_side_with_tokens_of_their_own(start: Start) -> None:
    first, _ = start()
    second, client = start()
    assert first.base_url != second.base_url
    assert first.token != second.token
    assert client.http.get(f"{first.base_url}/me").status_code == 401


def test_closing_is_quick_final_and_leaves_no_thread() -> None:
    before = threading.active_count()
    with serve(conversations=5, contacts=12, companies=3, now=NOW) as sandbox:
        address = sandbox.base_url
        assert httpx.get(f"{address}/nowhere").status_code == 404
    assert threading.active_count() == before
    with pytest.raises(httpx.ConnectError):
        httpx.get(address)


def test_a_given_port_and_token_are_used(start: Start) -> None:
    free, _ = start()
    port = int(free.base_url.rsplit(":", 1)[1])
    free.close()
    again, client = start(port=port, token="mine")
    assert again.base_url.endswith(f":{port}")
    assert client.http.headers["Authorization"] == "Bearer mine"
    assert client.get("/me")


def test_it_serves_many_clients_while_its_data_changes(start: Start) -> None:
    sandbox, client = start(conversations=300)
    ids = [row["id"] for row in client.all("/conversations", "conversations")]

    def change(number: int) -> None:
        sandbox.upsert("conversations", {"id": ids[number], "priority": "high"})

    with ThreadPoolExecutor(8) as pool:
        changes = [pool.submit(change, number) for number in range(60)]
        answers = list(pool.map(lambda id_: client.http.get(f"/conversations/{id_}").status_code, ids))
        for done in changes:
            done.result()
    assert set(answers) == {200}


def test_a_child_process_prints_its_address_first_and_serves() -> None:
    with serve_in_child(conversations=20, contacts=12, companies=3, now=NOW, faults={"latency": 0.0}) as child:
        headers = {"Authorization": f"Bearer {child.token}"}
        assert httpx.get(f"{child.base_url}/conversations", headers=headers).json()["total_count"] == 20
    with pytest.raises(httpx.ConnectError):
        httpx.get(child.base_url)


def test_a_child_that_cannot_start_says_so() -> None:
    with pytest.raises(RuntimeError, match="could not start"), serve_in_child(load="/nowhere"):
        pass


def test_headers_look_like_intercoms(client: Client) -> None:
    headers = client.http.get("/me").headers
    assert len(headers["x-request-id"]) == 20
    assert headers["content-type"] == "application/json; charset=utf-8"
    assert headers["server"] == "nginx"
