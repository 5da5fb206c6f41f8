"""Where a lake's files are: a local folder, or a place in an object store."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from intercom_kit.errors import BadLakeError
from intercom_kit.lake.stores.local import LocalStore
from intercom_kit.lake.stores.store import Store

# A folder, or a URL such as s3://bucket/lake; a store stands for itself.
Where = str | Path | Store


def is_remote(where: Where) -> bool:
    """Return whether a lake is elsewhere than in a local folder."""
    return isinstance(where, str) and "://" in where and not where.startswith("file://")


def store_at(where: Where, options: Mapping[str, Any] | None = None) -> Store:
    """Return the store of a lake; `options` are those of the URL's fsspec filesystem.

    Raises BadLakeError where a package is missing that the URL needs.
    """
    if isinstance(where, Store):
        return where
    if is_remote(where):
        try:
            from intercom_kit.lake.stores.remote import RemoteStore
        except ImportError:
            raise BadLakeError("Lakes in object stores need fsspec: pip install 'intercom_kit[stores]'.") from None
        return RemoteStore(str(where), dict(options or {}))
    if options:
        raise BadLakeError(f"storage_options= are for object stores, and {str(where)!r} is a local folder: omit them.")
    return LocalStore(Path(str(where).removeprefix("file://")).expanduser())
