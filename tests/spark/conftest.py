"""What the tests over Spark share: one lake, and servers on this machine that stand for a cluster.

They need Spark's client, which is not among what other tests need: `make test-spark` runs them.
"""

import importlib.util
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

import intercom_kit as ik
from intercom_kit import connect
from intercom_kit.lake import manifest
from intercom_kit.lake.opened import Lake
from intercom_kit.sandbox import serve
from tests.spark.servers import Server, cluster, sail

if importlib.util.find_spec("pyspark") is None:
    collect_ignore_glob = ["test_*.py"]

SIZE = {"conversations": 2_000, "contacts": 400, "companies": 60, "tickets": 300}
KEYED = ["contact_companies", "contact_tags", "contact_segments", "article_statistics"]

# What the sandbox has not: fractions of seconds, NULLs in lists, texts and numbers that engines read differently.
_FRACTION = "to_milliseconds((hash(id) % 4 * 250)::bigint)"
_HARDER = {
    "conversations": f"""
        created_at + {_FRACTION} as created_at,
        first_contact_reply_at + {_FRACTION} as first_contact_reply_at,
        first_admin_reply_at + 2 * {_FRACTION} as first_admin_reply_at,
        last_close_at + 3 * {_FRACTION} as last_close_at,
        if(hash(id) % 5 = 0, list_append(tag_names, null), tag_names) as tag_names,
        if(hash(id) % 3 = 0, '{{"Topic": "5d", "it''s": "a\\\\b", "Size": 1.50}}', custom_attributes::varchar)::json
            as custom_attributes
    """,
    "conversation_parts": f"created_at + {_FRACTION} as created_at",
    "ticket_parts": f"created_at + {_FRACTION} as created_at",
}


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake with all that metrics read, in a folder whose name Hadoop would take for a pattern."""
    folder = tmp_path_factory.mktemp("lake") / "a lake {of} [one] it's"
    with (
        serve(**SIZE, seed=7, rate_limit=100_000_000) as sandbox,
        connect(sandbox.token, base_url=sandbox.base_url) as ws,
    ):
        ws.export(folder, ["all", *KEYED], parts=True, events=True, max_requests=1_000_000)
        ws.export(folder, "activity_logs", since="365d", max_requests=1_000_000)
    held = manifest.read(folder)
    with duckdb.connect() as database:
        for table, columns in _HARDER.items():
            for file in held.tables[table].files:
                path = str(held.store.path(file)).replace("'", "''")
                database.execute(
                    f"create or replace table rows as from read_parquet('{path}', hive_partitioning = false)"
                )
                database.execute(f"copy (select * replace ({columns}) from rows) to '{path}' (format parquet)")
    (folder / "conversations" / "unnamed.parquet").write_bytes(b"a file that the manifest does not name")
    return folder


@pytest.fixture(scope="session")
def here(folder: Path) -> Iterator[Lake]:
    """The lake, read by DuckDB."""
    with ik.open(folder) as lake:
        yield lake


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A server of Spark Connect before a cluster of two workers."""
    with cluster(Path("build/spark/server")) as running:
        yield running


@pytest.fixture(scope="session")
def there(folder: Path, server: Server) -> Iterator[Lake]:
    """The lake, read by Spark."""
    with ik.open(folder, engine="spark", remote=server.remote) as lake:
        yield lake


@pytest.fixture(scope="session")
def witness(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    """The lake, read by Sail in place of Spark, which does not know how Hadoop escapes paths."""
    if importlib.util.find_spec("pysail") is None:
        pytest.skip("Sail could not be installed here")
    plain = tmp_path_factory.mktemp("sail") / "lake"
    shutil.copytree(folder, plain)
    with sail() as remote, ik.open(plain, engine="spark", remote=remote) as lake:
        yield lake
