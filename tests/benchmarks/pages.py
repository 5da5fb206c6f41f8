"""Make the input of the conversion benchmark: the pages of a listing, as the sandbox serves them over HTTP."""

import json
from pathlib import Path

import httpx

from intercom_kit import sandbox


def write(folder: Path, conversations: int) -> list[Path]:
    """List all conversations from a sandbox and keep each page's body in a file; give the files in order."""
    files = []
    with sandbox.serve(
        conversations=conversations, contacts=3_000, companies=300, seed=7, rate_limit=1_000_000
    ) as served:
        headers = {"Authorization": f"Bearer {served.token}", "Intercom-Version": "2.16"}
        with httpx.Client(base_url=served.base_url, headers=headers, timeout=60) as client:
            body: dict[str, object] = {"query": {"field": "created_at", "operator": ">", "value": 0}}
            pagination: dict[str, object] = {"per_page": 150}
            while True:
                answer = client.post("/conversations/search", json={**body, "pagination": pagination})
                answer.raise_for_status()
                files.append(folder / f"{len(files):05}.json")
                files[-1].write_bytes(answer.content)
                following = json.loads(answer.content)["pages"].get("next")
                if not following:
                    return files
                pagination = {"per_page": 150, "starting_after": following["starting_after"]}
