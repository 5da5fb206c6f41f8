"""The update of a table that is exported already: what changed since, and what was deleted, merged into its months."""

from datetime import UTC, datetime

from intercom_kit.fetch.landing import Landing
from intercom_kit.fetch.listing import deleted_since
from intercom_kit.frames.receipt import Receipt
from intercom_kit.lake import files
from intercom_kit.lake.manifest import PlannedSpan, TopUp
from intercom_kit.lake.writing import Writer, found_in
from intercom_kit.search.spans import Search
from intercom_kit.tables import TABLES, Table

CHANGED = "changed "  # how the steps of an update begin


def changed(writer: Writer, table: Table, planned: PlannedSpan, top_up: TopUp) -> None:
    """Fetch what changed in a span, and merge it."""
    search = Search((), planned.span, changed_since=top_up.since)
    with writer.fetched(table, found_in(table, search), "what changed") as gathering:
        with gathering.landing.settled(gathering.receipt) as (cursor, landed):
            if planned.first is not None:
                cursor.execute(f"delete from {landed} where created_at < to_timestamp({planned.first})")
            carried = gathering.landing.carried
            _merged(writer, table, cursor, landed, carried)
            if carried:
                writer.note_carried(table, carried, cursor, landed, CHANGED + planned.name)
        if not gathering.receipt.complete:
            writer.manifest.table(table.name).missing[CHANGED + planned.name] = gathering.receipt.why
        top_up.done.append(planned.name)
        writer.manifest.write()


def _merged(writer: Writer, table: Table, cursor: files.Cursor, landed: str, carried: Landing | None) -> None:
    """Write the months of rows anew, and of the rows that came inside them: in place of those of earlier versions."""
    for month in files.months(cursor, landed):
        here = f"from {landed} where {files.MONTH} = '{month}'"
        if carried:
            own = carried.table.every_key.column
            with carried.settled(Receipt(carried.table.name)) as (_, inner):
                fresh = f"select {files.columns_of(carried.table)} from {inner} where {own} in (select id {here})"
                kept = f"{own} not in (select id {here})"
                files.rewrite(writer.manifest, cursor, carried.table, month, fresh, kept)
        files.rewrite(writer.manifest, cursor, table, month, f"select {files.columns_of(table)} {here}")


def deleted(writer: Writer, table: Table, since: int) -> None:
    """Take out the rows that were deleted in Intercom since a second, and the rows of other tables that are of them."""
    deletions = table.deletions
    if deletions is None:
        return
    moment = datetime.fromtimestamp(since, UTC)
    with (
        writer.fetched(deletions, deleted_since(deletions, moment), "what was deleted") as gathering,
        gathering.landing.settled(gathering.receipt) as (cursor, landed),
    ):
        ids = [id for (id,) in cursor.execute(f"select id from {landed}").fetchall()]
        if not gathering.receipt.complete:
            known = writer.manifest.table(table.name)
            known.missing[CHANGED + "deletions"] = f"what was deleted is not known: {gathering.receipt.why}"
    take_out(writer, table.name, table.key, ids)
    for name, known in list(writer.manifest.tables.items()):
        other = TABLES[name]
        for key in other.keys:
            if key.every == table.name and known.files:
                take_out(writer, name, key.column, ids)


def take_out(writer: Writer, name: str, column: str, ids: list[str]) -> None:
    """Rewrite the files that hold rows with some ids without them."""
    known, table = writer.manifest.table(name), TABLES[name]
    if not ids or not known.files:
        return
    with writer.database.cursor() as cursor:
        cursor.execute("create or replace temp table gone as select unnest($1::varchar[]) as id", [ids])
        for file in list(known.files):
            source = files.reading(writer.manifest, [file])
            if cursor.execute(f'select 1 from {source} where "{column}" in (from gone) limit 1').fetchall():
                kept = f'select {files.columns_of(table)} from {source} where "{column}" not in (from gone)'
                files.rewrite_file(writer.manifest, cursor, table, file, kept)
