"""The update of a table that is exported already: what changed since, and what was deleted, merged into its months."""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial

from intercom_kit.fetch.gathering import Gathering
from intercom_kit.fetch.landing import Landing
from intercom_kit.fetch.listing import deleted_since
from intercom_kit.frames.receipt import Receipt
from intercom_kit.lake import files
from intercom_kit.lake.manifest import PlannedSpan, TopUp
from intercom_kit.lake.steps import Step
from intercom_kit.lake.writing import Writer, found_in
from intercom_kit.search.spans import Search
from intercom_kit.tables import TABLES, Table

CHANGED = "changed "  # how the steps of an update begin


def steps(writer: Writer, table: Table, top_up: TopUp) -> Iterator[Step]:
    """Yield the steps that bring a table up to date: what changed in each span, and then what was deleted."""
    for planned in top_up.left():
        search = Search((), planned.span, changed_since=top_up.since)
        write = partial(_write_changed, writer, table, planned, top_up)
        yield Step(table, found_in(table, search), write, "what changed")
    if deletions := table.deletions:
        work = deleted_since(deletions, datetime.fromtimestamp(top_up.since, UTC))
        yield Step(deletions, work, partial(_take_out_deleted, writer, table, top_up), "what was deleted")
    elif not top_up.left():
        _end(writer, table, top_up)


def _write_changed(writer: Writer, table: Table, planned: PlannedSpan, top_up: TopUp, gathering: Gathering) -> None:
    """Merge what changed in a span."""
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
    if table.deletions is None and not top_up.left():
        _end(writer, table, top_up)
    writer.manifest.write()


def _end(writer: Writer, table: Table, top_up: TopUp) -> None:
    """Note that the rows are as of when the update began, unless something is missing, which the next one fetches."""
    known = writer.manifest.table(table.name)
    if not any(step.startswith(CHANGED) for step in known.missing):
        known.as_of = top_up.begun
        if table.carries:
            writer.manifest.table(table.carries.name).as_of = top_up.begun
    known.top_up = None
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


def _take_out_deleted(writer: Writer, table: Table, top_up: TopUp, gathering: Gathering) -> None:
    """Take out the rows that were deleted in Intercom, and the rows of other tables that are of them."""
    with gathering.landing.settled(gathering.receipt) as (cursor, landed):
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
    _end(writer, table, top_up)


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
