"""Answers that the bookmaker may be asked about again: "still the same?" costs neither side a body.

Only for servers that offer it (ETag, Last-Modified). Bodies are kept on disk and in no process's memory.
"""

from __future__ import annotations

import os
import re
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import blake2b
from pathlib import Path
from typing import IO

from loguru import logger
from pydantic import BaseModel, ConfigDict, ValidationError

ENTITY_TAG = re.compile(r'(W/)?"[\x21\x23-\x7e]{0,256}"')
"""RFC 9110, 8.8.3, without the bytes beyond ASCII that it tolerates."""

SETTLED = timedelta(seconds=2)
"""A Last-Modified younger than this cannot tell two versions of the same second apart (RFC 9110, 8.8.2.2)."""

HTTP_DATE_CHARS = 40
HEADER_BYTES = 1024
"""More than the first line of a file can be."""


class DamagedBodyError(Exception):
    """The kept body is not the one that came: its file was cut or changed."""


class Validators(BaseModel):
    """The first line of a kept answer's file: what the server said of this body, and how to know it again."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    etag: str | None
    last_modified: str | None
    bytes: int
    crc32: int

    @property
    def conditions(self) -> tuple[tuple[str, str], ...]:
        """The request headers that ask whether the body still holds."""
        pairs = (("If-None-Match", self.etag), ("If-Modified-Since", self.last_modified))
        return tuple((name, value) for name, value in pairs if value is not None)


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """A kept answer, open: it can be read whatever becomes of its file meanwhile."""

    validators: Validators
    _file: IO[bytes]

    def read(self) -> bytes:
        """The body; raises DamagedBodyError when it is not the one that came."""
        body = self._file.read()
        if len(body) != self.validators.bytes or zlib.crc32(body) != self.validators.crc32:
            raise DamagedBodyError(f"{self._file.name} was damaged")
        return body


class KeptAnswers:
    """The folder of one bookmaker: one file per address, `max_bytes` in all; what was kept longest ago goes first.

    Addresses stand there as hashes, since they may hold keys. A disk that refuses is logged once and costs
    nothing else.
    """

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self._folder = folder
        self._max_bytes = max_bytes
        self._sizes: dict[str, int] | None = None
        self._told = False

    @contextmanager
    def about(self, url: str) -> Iterator[KeptAnswer | None]:
        """The answer kept of `url`, to be read within the block; None when there is none."""
        try:
            file = self._path(url).open("rb")
        except OSError:  # not there; a folder that cannot be read is told by what cannot be kept
            yield None
            return
        with file:
            try:
                validators = Validators.model_validate_json(file.readline(HEADER_BYTES))
            except ValidationError:
                validators = None  # cut by a power failure
            yield None if validators is None else KeptAnswer(validators, file)

    def keep(self, url: str, headers: Mapping[str, str], body: bytes, now: datetime) -> None:
        """Keep `body` if its headers (by lower-case name) offer to be asked about; else forget what was kept."""
        etag, last_modified = offered(headers, now)
        if (etag is None and last_modified is None) or len(body) > self._max_bytes // 2:
            self.drop(url)
            return
        about = Validators(etag=etag, last_modified=last_modified, bytes=len(body), crc32=zlib.crc32(body))
        path = self._path(url)
        half = path.with_suffix(".tmp")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with half.open("wb") as file:
                file.write(about.model_dump_json().encode() + b"\n")
                file.write(body)
            os.replace(half, path)
            self._make_room(path.name, len(body))
        except OSError as error:
            self._tell(error)

    def drop(self, url: str) -> None:
        """Forget what was kept of `url`."""
        path = self._path(url)
        if self._sizes is not None:
            self._sizes.pop(path.name, None)
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            self._tell(error)

    def _make_room(self, newest: str, size: int) -> None:
        if self._sizes is None:
            self._sizes = _sizes(self._folder)
        self._sizes.pop(newest, None)
        self._sizes[newest] = size
        total = sum(self._sizes.values())
        while total > self._max_bytes:
            oldest = next(iter(self._sizes))
            (self._folder / oldest).unlink(missing_ok=True)
            total -= self._sizes.pop(oldest)

    def _path(self, url: str) -> Path:
        return self._folder / f"{blake2b(url.encode(), digest_size=16).hexdigest()}.body"

    def _tell(self, error: OSError) -> None:
        if not self._told:
            self._told = True
            logger.warning("answers are not kept, {} is not usable: {}", self._folder, error)


def offered(headers: Mapping[str, str], now: datetime) -> tuple[str | None, str | None]:
    """ETag and Last-Modified that a later request may be made with; None for each that may not. Pure."""
    if "no-store" in headers.get("cache-control", "").lower():
        return None, None
    etag = headers.get("etag", "").strip()
    last_modified = headers.get("last-modified", "").strip()
    return (
        etag if ENTITY_TAG.fullmatch(etag) else None,
        last_modified if _is_settled(last_modified, headers.get("date", ""), now) else None,
    )


def _is_settled(last_modified: str, date: str, now: datetime) -> bool:
    """Whether the body was some seconds old when it came, by the server's clock if it shows one."""
    modified, came = _moment(last_modified), _moment(date) or now
    return modified is not None and came - modified >= SETTLED


def _moment(value: str) -> datetime | None:
    """A date as HTTP writes it; None for anything else."""
    if len(value) > HTTP_DATE_CHARS or not value.isascii() or not value.endswith("GMT"):
        return None
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo is not None else None


def _sizes(folder: Path) -> dict[str, int]:
    """What lies in the folder, in the order in which it was kept; halves that a kill left are removed."""
    found = []
    for path in folder.iterdir():
        if path.suffix == ".tmp":
            path.unlink(missing_ok=True)
            continue
        about = path.stat()
        found.append((about.st_mtime_ns, path.name, about.st_size))
    return {name: size for _, name, size in sorted(found)}
