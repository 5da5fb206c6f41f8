"""List through the verbs, and through the official SDK, at several latencies."""

import time
from collections.abc import Callable, Iterable, Sized
from typing import Any

import pandas as pd

import intercom_kit as ik
from tests.benchmarks.served import Served, sandbox

SIZE = ("--conversations", "10000", "--contacts", "3000", "--companies", "400", "--tickets", "5000", "--seed", "7")


def verbs(ws: ik.Workspace) -> dict[str, Callable[[], Sized]]:
    """Name what is listed, and how."""
    contacts = ws.contacts(limit=1_000)
    conversations = ws.conversations(limit=500)
    return {
        "contacts()": ws.contacts,
        "contacts(include=companies, tags, segments)": lambda: ws.contacts(include=("companies", "tags", "segments")),
        "companies()": ws.companies,
        "conversations(limit=None)": lambda: ws.conversations(limit=None),
        "events(1,000 contacts)": lambda: ws.events(contacts),
        "conversation_parts(500 conversations)": lambda: ws.conversation_parts(conversations),
        "tickets(limit=None), with their parts": lambda: ws.tickets(limit=None),
    }


def official_sdk(served: Served) -> dict[str, Callable[[], Sized]]:
    """List the same through python-intercom, which walks one page after another."""
    from intercom import Intercom

    client: Any = Intercom(token=served.token, base_url=served.base_url)

    def everything(pager: Iterable[Any]) -> list[Any]:
        return list(pager)

    return {
        "python-intercom: contacts.list": lambda: everything(client.contacts.list(per_page=150)),
        "python-intercom: conversations.list": lambda: everything(client.conversations.list(per_page=150)),
    }


def compare() -> pd.DataFrame:
    """Time everything at 0 and at 150 ms; the ratio says what latency costs."""
    columns: dict[str, dict[str, float]] = {}
    for latency in ("0", "0.15"):
        with sandbox(*SIZE, "--latency", latency) as served, ik.connect(served.token, base_url=served.base_url) as ws:
            for name, listed in (verbs(ws) | official_sdk(served)).items():
                before = len(ws.fetches)
                started = time.perf_counter()
                rows = len(listed())
                seconds = time.perf_counter() - started
                row = columns.setdefault(name, {"rows": rows})
                row[f"seconds at {float(latency) * 1000:.0f} ms"] = seconds
                row["requests"] = float(ws.fetches["requests"][before:].sum()) or float("nan")
    return pd.DataFrame.from_dict(columns, orient="index").rename_axis("listing").reset_index()
