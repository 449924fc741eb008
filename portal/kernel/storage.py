"""Storage of files: a folder by default, an S3-compatible bucket by configuration. One interface; reads and writes are
streamed."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import obstore
from obstore.store import LocalStore, from_url

CHUNK = 256 * 1024


class Storage:
    """Named blobs. Names are made by us (ids), never by people."""

    def __init__(self, url: str) -> None:
        """*url* is `file:///folder` (made if missing) or `s3://bucket/prefix` with the usual AWS_* environment."""
        if url.startswith("file://"):
            folder = Path(url.removeprefix("file://"))
            folder.mkdir(parents=True, exist_ok=True)
            self._store: Any = LocalStore(folder)
        else:
            self._store = from_url(url)

    def write(self, name: str, chunks: Iterable[bytes]) -> None:
        """Store *chunks* as *name*, holding no more than a few chunks in memory."""
        obstore.put(self._store, name, iter(chunks), chunk_size=5 * 1024 * 1024)

    def read(self, name: str) -> Iterator[bytes]:
        """The bytes of *name* in chunks. Raises FileNotFoundError before the first chunk if there is none."""
        found = obstore.get(self._store, name)
        return (bytes(chunk) for chunk in found.stream(min_chunk_size=CHUNK))

    def size(self, name: str) -> int:
        """How many bytes *name* has. Raises FileNotFoundError if there is none."""
        return int(obstore.head(self._store, name)["size"])

    def delete(self, name: str) -> None:
        """Delete *name*; not an error if it is gone."""
        try:
            obstore.delete(self._store, name)
        except FileNotFoundError:
            return


_storage: Storage | None = None


def open_storage(url: str) -> Storage:
    """Open the storage named by STORAGE_URL, once, at start."""
    global _storage
    _storage = Storage(url)
    return _storage


def storage() -> Storage:
    """The configured storage."""
    if _storage is None:
        raise RuntimeError("storage is not configured")
    return _storage
