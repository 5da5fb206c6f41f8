"""Ask the sandbox without the client: the truth that frames are compared with."""

from collections.abc import Iterable
from functools import cache
from typing import Any

import httpx
import pandas as pd

from intercom_kit.sandbox import Sandbox

Record = dict[str, Any]


class Truth:
    """Ask by hand, one plain request after another."""

    def __init__(self, sandbox: Sandbox) -> None:
        headers = {"Authorization": f"Bearer {sandbox.token}", "Intercom-Version": "2.16"}
        self.http = httpx.Client(base_url=sandbox.base_url, headers=headers, timeout=30)

    def get(self, path: str, **query: Any) -> Record:
        """Give one answer."""
        response = self.http.get(path, params=query)
        assert response.status_code == 200, response.text
        answer: Record = response.json()
        return answer

    @cache  # noqa: B019 - one truth lives as long as the session
    def contacts(self) -> list[Record]:
        """List all contacts in order of creation."""
        return sorted(self._by_cursor("/contacts", "data"), key=lambda record: (record["created_at"], record["id"]))

    @cache  # noqa: B019
    def conversations(self) -> list[Record]:
        """List all conversations, the newest first."""
        found = self._by_cursor("/conversations", "conversations")
        return sorted(found, key=lambda record: (record["created_at"], record["id"]), reverse=True)

    @cache  # noqa: B019
    def companies(self) -> list[Record]:
        """List all companies that have contacts, in order of creation."""
        found: list[Record] = []
        while True:
            page = self.get("/companies", per_page=60, page=len(found) // 60 + 1)
            found += page["data"]
            if page["pages"]["next"] is None:
                return sorted(found, key=lambda record: (record["created_at"], record["id"]))

    def events(self, contact_id: str) -> list[Record]:
        """List the events of one contact."""
        found: list[Record] = []
        query: Record = {"type": "user", "intercom_user_id": contact_id, "per_page": 150}
        while True:
            page = self.get("/events", **query)
            found += page["events"]
            if not page["pages"]["next"]:
                return found
            query["before"] = httpx.URL(page["pages"]["next"]).params["before"]

    def _by_cursor(self, path: str, key: str) -> list[Record]:
        found: list[Record] = []
        query: Record = {"per_page": 150}
        while True:
            page = self.get(path, **query)
            found += page[key]
            if not page["pages"].get("next"):
                return found
            query["starting_after"] = page["pages"]["next"]["starting_after"]


def ids(records: Iterable[Record]) -> list[str]:
    """List the ids of records."""
    return [str(record["id"]) for record in records]


def told(frame: pd.DataFrame) -> Record:
    """Give what a frame says of itself."""
    account: Record = frame.attrs["intercom"]
    return account


def moments(frame: pd.DataFrame, column: str) -> list[int | None]:
    """Give a column of instants as unix seconds."""
    return [None if pd.isna(value) else int(value.timestamp()) for value in frame[column]]


def values(frame: pd.DataFrame, column: str) -> list[Any]:
    """Give a column as plain values, with None for missing ones."""
    return [value if isinstance(value, list) or not pd.isna(value) else None for value in frame[column]]
