"""The fsspec filesystem of a URL: of the package for its protocol, or of obstore, which needs no other."""

from collections.abc import Mapping
from typing import Any, Literal

import fsspec
from obstore.exceptions import AlreadyExistsError
from obstore.fsspec import FsspecStore

OBSTORE = ("s3", "s3a", "gs", "gcs", "abfs", "abfss", "az")


def filesystem(url: str, options: Mapping[str, Any]) -> tuple[Any, str]:
    """Return the filesystem of a URL, and the path there; raise ImportError if its package is missing."""
    protocol, _, path = url.partition("://")
    try:
        # Listings that fsspec remembers would hide what other programs write.
        found: tuple[Any, str] = fsspec.url_to_fs(url, **{"use_listings_cache": False, **options})
    except ImportError:
        if protocol not in OBSTORE:
            raise
        made: Any = _Objects  # its types know no protocol that is told only when it runs
        return made(protocol, **options), path
    return found


class _Objects(FsspecStore):
    """obstore's filesystem, with what it lacks: puts where there is nothing yet, and listings in one request."""

    cachable = False

    async def _pipe_file(self, path: str, value: Any, mode: str = "overwrite", **_: Any) -> None:
        bucket, key = self._split_path(path)
        try:
            puts: Literal["create", "overwrite"] = "create" if mode == "create" else "overwrite"
            await self._construct_store(bucket).put_async(key, value, mode=puts)
        except AlreadyExistsError as error:
            raise FileExistsError(path) from error

    async def _find(self, path: str, *_: Any, detail: bool = False, **__: Any) -> dict[str, Any] | list[str]:
        bucket, prefix = self._split_path(path)
        found = await self._construct_store(bucket).list(prefix or None).collect_async()
        sizes = {f"{bucket}/{each['path']}": {"size": each["size"]} for each in found}
        return sizes if detail else sorted(sizes)
