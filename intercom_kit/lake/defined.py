"""The attributes that a workspace had defined when its lake was exported, as `attr` and `schema` need them."""

from collections.abc import Iterable

import duckdb
import pandas as pd

from intercom_kit.errors import BadQueryError
from intercom_kit.frames.attributes import HOLDERS
from intercom_kit.frames.frame import Frame, result_frame
from intercom_kit.frames.receipt import LAKE, Receipt
from intercom_kit.lake.files import Cursor
from intercom_kit.lake.manifest import Manifest
from intercom_kit.lake.views import select_of
from intercom_kit.live.defined.definitions import Definitions
from intercom_kit.sql.attributes.mentions import Defined
from intercom_kit.sql.mistakes import translated
from intercom_kit.sql.prepared import table_names
from intercom_kit.tables import ATTRIBUTES, TABLES, Table


def schema(held: Manifest, cursor: Cursor, name: str | None) -> pd.DataFrame:
    """Describe the tables, or the columns of one with its attributes in SQL, where the lake has their definitions."""
    definitions = _definitions(held, cursor)
    if name in HOLDERS and ATTRIBUTES.name in held.exported:
        definitions.of(TABLES[name])
    return definitions.schema(name)


def for_query(held: Manifest, cursor: Cursor, names: Iterable[str], cost: Receipt) -> Defined:
    """Return the attributes of tables whose `attr` a query names, and add to `cost` what is to be known of them.

    Raises BadQueryError where the lake lacks their definitions, or personal data is left out.
    """
    if ATTRIBUTES.name not in held.exported:
        names = sorted(names)
        raise BadQueryError(
            f"{names[0]}.attr cannot be read, since this lake was written without the definitions of attributes: "
            f"ws.export({held.store.name!r}, tables={names!r}) brings it up to date with them. Until then "
            f"{HOLDERS[names[0]]}->>'name' is the text of one."
        )
    return _definitions(held, cursor).for_query(names, cost)


def _definitions(held: Manifest, cursor: Cursor) -> Definitions:
    def listed(part: Table) -> Frame:
        place = ATTRIBUTES.listed_by.index(part)
        if refused := held.table(ATTRIBUTES.name).missing.get(f"list {place}"):
            raise BadQueryError(refused)
        every = f"from ({select_of(held, ATTRIBUTES)})"
        model = part.column("model").path.removeprefix("=")
        try:
            found = cursor.execute(f"{every} where model = $1 order by {ATTRIBUTES.order}", [model])
        except duckdb.Error as error:  # its file was replaced meanwhile
            raise translated(error, table_names()) from error
        return result_frame(found, Receipt(LAKE))

    return Definitions(held.privacy, listed)
