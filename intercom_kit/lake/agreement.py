"""Whether a lake and a workspace go together: only then may rows of one stand beside, or in place of, the other's."""

from hashlib import sha256

from intercom_kit.errors import BadLakeError
from intercom_kit.fetch.session import Session
from intercom_kit.lake.manifest import Manifest
from intercom_kit.tables import TABLES
from intercom_kit.tables.privacy import KEY


def pseudonyms(session: Session) -> str:
    """Return what tells the pseudonyms of this program run from those of others; empty where there are none."""
    return sha256(f"lake {KEY}".encode()).hexdigest()[:12] if session.privacy == "masked" else ""


def require_agreement(lake: Manifest, session: Session, instead: str) -> None:
    """Raise BadLakeError where a lake is of another workspace, or in another form; `instead` is what else to do."""
    where, own = f"The lake in {lake.store.name!r}", session.identity
    if lake.identity.workspace_id != own.workspace_id:
        raise BadLakeError(
            f"{where} is of the workspace {lake.identity.workspace!r} ({lake.identity.workspace_id}), not of "
            f"{own.workspace!r} ({own.workspace_id}): {instead}."
        )
    if lake.privacy != session.privacy:
        raise BadLakeError(f"{where} was written with privacy={lake.privacy!r}: connect with the same, or {instead}.")
    for name, known in lake.tables.items():
        if known.files and known.columns != [column.name for column in TABLES[name].columns]:
            raise BadLakeError(
                f"{where} was written by another version, whose {name} have other columns. It can be read; to go on, "
                "export anew into another folder."
            )
    if lake.pseudonyms != pseudonyms(session):
        raise BadLakeError(
            f"{where} has pseudonyms of another program run, whose key is not stored anywhere, so that new rows could "
            "not be joined with old ones: export anew into another folder."
        )
