"""A large lake, made from a small one by DuckDB alone: its rows many times over, with other ids and other times."""

import shutil
from pathlib import Path

import duckdb

from intercom_kit.lake import manifest
from intercom_kit.lake.files import MONTH, month_of, reading
from intercom_kit.lake.manifest import LakeTable, Manifest
from intercom_kit.lake.stores.local import LocalStore
from intercom_kit.sql.quoting import identifier, location
from intercom_kit.tables import (
    COMPANIES,
    CONTACT_COMPANIES,
    CONTACT_SEGMENTS,
    CONTACT_TAGS,
    CONTACTS,
    CONVERSATION_PARTS,
    CONVERSATIONS,
    EVENTS,
    TABLES,
    TICKET_PARTS,
    TICKETS,
    Table,
)

MOST_LETTERS = 40  # of a text: metrics read whether there is one

_COPIED = (COMPANIES, CONTACTS, CONVERSATIONS, CONVERSATION_PARTS, TICKETS, TICKET_PARTS, EVENTS)
_COPIED += (CONTACT_COMPANIES, CONTACT_SEGMENTS, CONTACT_TAGS)
_IDS = ("id", "contact_id", "company_id", "conversation_id", "ticket_id", "intercom_user_id", "user_id", "external_id")
_LISTS_OF_IDS = ("contact_ids", "company_ids")
_TEXTS = ("body", "description")
# What no metric reads, and would only take time to write.
_UNREAD = ("metadata", "email", "phone", "author_name", "author_email", "event_details", "notified_at")
_UNREAD += ("title", "external_references", "source_subject", "source_body", "source_url", "source_id", "rating_remark")
_UNREAD += ("source_author_id", "source_author_name", "source_author_email", "ai_agent_source_urls", "linked_ids")
_UNREAD += ("team_first_responses", "team_first_responses_in_office_hours", "attributes", "custom_attributes")

# Durations and moments of one conversation are longer and later by the same seconds, up to a quarter of an hour.
_LATER = "(hash({id}, copy) % 900)::bigint"
_DURATIONS = ("time_to_assignment", "time_to_admin_reply", "time_to_first_close", "time_to_last_close")
_DURATIONS += ("median_time_to_reply", "handling_time", "adjusted_handling_time")
_MOMENTS = ("first_assignment_at", "first_admin_reply_at", "first_close_at")
_MOMENTS += ("last_assignment_at", "last_admin_reply_at", "last_close_at")


def grow(source: Path, target: Path, copies: int, events: int = 1, memory_limit: str = "3GB") -> None:
    """Write a lake with `copies` of a lake's people, companies, conversations and tickets, and more events of each."""
    small = manifest.read(source)
    large = Manifest(LocalStore(target), small.identity, small.privacy, small.pseudonyms)
    spill = target / ".spill"
    with duckdb.connect() as database:
        database.execute("set TimeZone = 'UTC'; set preserve_insertion_order = false")
        database.execute("set partitioned_write_max_open_files = 30")
        database.execute(f"set memory_limit = '{memory_limit}'; set temp_directory = {location(spill)}")
        for name, known in small.tables.items():
            if known.files:
                rows, by_month = _rows(small, TABLES[name], copies, events), any(map(month_of, known.files))
                files = _write(database, target / name, rows, by_month=by_month)
                large.tables[name] = LakeTable(
                    files, since=known.since, as_of=known.as_of, columns=_columns(TABLES[name])
                )
    shutil.rmtree(spill, ignore_errors=True)
    large.write()


def _rows(small: Manifest, table: Table, copies: int, events: int) -> str:
    """Return the SELECT of a table's rows, copied if they are of those that a larger workspace has more of."""
    rows, columns = reading(small, small.tables[table.name].files), ", ".join(map(identifier, _columns(table)))
    if table not in _COPIED:
        return f"select {columns} from {rows}"
    rows += f", range({copies}) as copies(copy), range({events if table is EVENTS else 1}) as again(again)"
    return f"select {columns} from (select * replace ({_replaced(table)}) from {rows})"


def _columns(table: Table) -> list[str]:
    return [column.name for column in table.columns if column.name not in _UNREAD]


def _write(database: duckdb.DuckDBPyConnection, folder: Path, rows: str, *, by_month: bool) -> dict[str, int]:
    """Write rows into files, and return these with how many each has."""
    folder.mkdir(parents=True)
    rows, target, options = f"({rows})", folder / "rows.parquet", "format parquet, compression zstd"
    if by_month:
        rows, target, options = f"(select *, {MONTH} as month from {rows})", folder, f"{options}, partition_by (month)"
    database.execute(f"copy {rows} to {location(target)} ({options})")
    counted = f"select file_name, num_rows from parquet_file_metadata({location(folder / '**/*.parquet')})"
    return {str(Path(file).relative_to(folder.parent)): n for file, n in database.execute(counted).fetchall()}


def _replaced(table: Table) -> str:
    """Return the columns of a copy that differ from the original's."""
    own = _columns(table)
    changed = {name: f"{name} || '-' || copy" for name in _IDS if name in own}
    changed |= {name: f"list_transform({name}, lambda id: id || '-' || copy)" for name in _LISTS_OF_IDS if name in own}
    changed |= {name: f"left({name}, {MOST_LETTERS})" for name in _TEXTS if name in own}
    if table is CONVERSATIONS:
        later = _LATER.format(id="id")
        changed |= {name: f"{name} + {later}" for name in _DURATIONS}
        changed |= {name: f"{name} + to_seconds({later})" for name in _MOMENTS}
    elif table is CONVERSATION_PARTS:
        later = _LATER.format(id="conversation_id")
        changed["created_at"] = f"created_at + to_seconds(if(author_type = 'admin', {later}, 0))"
    elif table is EVENTS:
        changed["id"] = "id || '-' || copy || '-' || again"
        changed["created_at"] = "created_at - to_seconds((hash(id, copy, again) % 86400)::bigint)"
    elif table is COMPANIES:
        changed["name"] = "name || ' ' || copy"
    return ", ".join(f'{value} as "{name}"' for name, value in changed.items())
