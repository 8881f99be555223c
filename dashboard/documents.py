"""The published documents as pages read them: from the folder they lie in, or from the bucket they went to."""

from __future__ import annotations

import asyncio
import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from scrapers.errors import StoreError, StoreUnavailableError

ASKED_EVERY_S = 2.0
"""A document in a bucket is asked for at most this often, however many readers there are."""
TIMEOUT_S = 8.0


@dataclass(frozen=True, slots=True)
class PublishedDocument:
    """A document. `fresh`: it says of itself that it still holds. Seconds since it was made, past its validity."""

    content: dict[str, Any]
    fresh: bool
    age_s: float
    overdue_s: float


@dataclass(slots=True)
class _Kept:
    """What was read last. version: of the file or the answer; asked_at: monotonic seconds."""

    version: object
    content: dict[str, Any]
    asked_at: float


class Documents:
    """Reads documents by name and keeps each until another is published. One of `folder` and `url` is needed.

    url  the public address of the bucket, without a slash at its end
    """

    def __init__(self, folder: Path | None, url: str | None) -> None:
        self._folder = folder
        self._url = url
        self._kept: dict[str, _Kept] = {}

    async def read(self, name: str) -> PublishedDocument | None:
        """The document; None when it was never published. Raises StoreError when it cannot be read."""
        if self._folder is not None:
            kept = await self._from_folder(self._folder / name)
        else:
            kept = await self._from_bucket(name)
        if kept is None:
            return None
        made, valid_until = (datetime.fromisoformat(kept.content[key]) for key in ("generated_at", "valid_until"))
        now = datetime.now(UTC)
        age_s, overdue_s = ((now - at).total_seconds() for at in (made, valid_until))
        return PublishedDocument(kept.content, now < valid_until, age_s, overdue_s)

    async def _from_folder(self, path: Path) -> _Kept | None:
        name = path.name
        try:
            state = await asyncio.to_thread(os.stat, path)
            version = (state.st_ino, state.st_mtime_ns, state.st_size)
            kept = self._kept.get(name)
            if kept is None or kept.version != version:
                body = await asyncio.to_thread(path.read_bytes)
                kept = self._kept[name] = _Kept(version, _parsed(name, body), time.monotonic())
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StoreError(f"{path} cannot be read: {error.strerror}") from error
        return kept

    async def _from_bucket(self, name: str) -> _Kept | None:
        import httpx  # most fleets publish into a folder

        kept = self._kept.get(name)
        if kept is not None and time.monotonic() - kept.asked_at < ASKED_EVERY_S:
            return kept
        headers = {"if-none-match": str(kept.version)} if kept is not None and kept.version else {}
        try:
            async with httpx.AsyncClient(timeout=TIMEOUT_S) as client:
                answer = await client.get(f"{self._url}/{name}", headers=headers)
        except httpx.HTTPError as error:
            raise StoreUnavailableError(f"Storage is not reached: {error or type(error).__name__}") from error
        if answer.status_code == httpx.codes.NOT_MODIFIED and kept is not None:
            kept.asked_at = time.monotonic()
            return kept
        if answer.status_code in (400, 404):  # Storage says 400 of an object that is not there
            return None
        if answer.status_code != httpx.codes.OK:
            raise StoreUnavailableError(f"Storage answered {answer.status_code} for {name}")
        kept = _Kept(answer.headers.get("etag"), _parsed(name, answer.content), time.monotonic())
        self._kept[name] = kept
        return kept


def _parsed(name: str, body: bytes) -> dict[str, Any]:
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise StoreError(f"{name} is no JSON: {error}") from error
    if not isinstance(content, dict) or "valid_until" not in content:
        raise StoreError(f"{name} is no published document: valid_until is missing")
    return content
