"""Where published files go: a folder, or a public bucket of Supabase Storage."""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from scrapers.errors import StoreError, StoreUnavailableError
from store.supabase import LazyClient

PIECES_AT_ONCE = 1024
"""Written by one call: what Linux takes at most (IOV_MAX)."""

Body = bytes | Sequence[bytes]
"""A file's content: whole, or in pieces that follow each other."""


class FileStore(Protocol):
    """Holds published files by name."""

    def put(self, name: str, body: Body, content_type: str, max_age_s: int) -> None:
        """Replace the file `name`, whole: no reader ever sees a part of it.

        `max_age_s`: how long readers may keep it without asking again, where the store serves them itself.
        Raises StoreUnavailableError when another attempt can help, else StoreError.
        """
        ...


class DirectoryFileStore:
    """Files in one folder, created when missing; readable by everybody, for a web server to serve."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, name: str, body: Body, content_type: str, max_age_s: int) -> None:
        """See FileStore.put. Types and caching are the web server's business.

        Nothing is forced to the disk: what is published is replaced within seconds and refused by its readers soon
        after, while dozens of forced writes each round would hold up the database's own. For the same reason the
        room is taken first: when a file with blocks still to be found replaces another, ext4 writes it out at once
        (auto_da_alloc).
        """
        path = self.folder / name
        fresh = path.with_name(f".{path.name}.new")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with open(fresh, "wb", buffering=0) as file:
                _write(file.fileno(), _pieces(body))
            fresh.replace(path)
        except OSError as error:
            raise StoreError(f"{path} cannot be written: {error.strerror}") from error


class SupabaseFileStore:
    """Files in one public bucket, which is created on the first put when it is missing."""

    def __init__(self, url: str, key: str, bucket: str) -> None:
        self.bucket = bucket
        self._client = LazyClient(url, key)
        self._bucket_is_there = False

    def put(self, name: str, body: Body, content_type: str, max_age_s: int) -> None:
        """See FileStore.put."""
        import httpx
        from storage3.exceptions import StorageApiError

        try:
            if not self._bucket_is_there:
                self._make_bucket()
            self._client.get().storage.from_(self.bucket).upload(
                name,
                b"".join(_pieces(body)),
                {
                    "content-type": content_type,
                    "cache-control": str(max_age_s),  # Storage makes `max-age=` of it
                    "upsert": "true",
                },
            )
        except StorageApiError as error:
            self._bucket_is_there = False
            raise StoreError(f"Supabase Storage: {self.bucket}/{name}: {error.message}") from error
        except httpx.HTTPError as error:
            raise StoreUnavailableError(
                f"Supabase Storage is not reached: {error or type(error).__name__}"
            ) from error

    def close(self) -> None:
        """Close its connections; it may be used again."""
        self._client.close()

    def _make_bucket(self) -> None:
        from storage3.exceptions import StorageApiError

        storage = self._client.get().storage
        try:
            storage.create_bucket(self.bucket, options={"public": True})
        except StorageApiError as error:
            # The HTTP status of the conflict depends on the version of Storage (400 or 409).
            if "409" not in (str(error.status), error.code) and "exist" not in error.message.lower():
                raise
        self._bucket_is_there = True


def _pieces(body: Body) -> Sequence[bytes]:
    return (body,) if isinstance(body, bytes) else body


def _write(file: int, pieces: Sequence[bytes]) -> None:
    """Write the pieces as they lie, without a copy of them side by side. Raises OSError."""
    size = sum(map(len, pieces))
    if size:
        os.posix_fallocate(file, 0, size)
    written = sum(
        os.writev(file, pieces[start : start + PIECES_AT_ONCE]) for start in range(0, len(pieces), PIECES_AT_ONCE)
    )
    if written != size:
        raise OSError(errno.EIO, f"{written} of {size} bytes were taken")
