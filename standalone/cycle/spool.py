"""Cycles that wait on disk while the database is away: bounded, checksummed, replayed in order."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson

from scrapers.errors import FleetError

MAGIC = b"odds-spool-1\n"


class SpoolDamagedError(FleetError):
    """A spooled cycle cannot be read back: its checksum or form is wrong."""


class Spool:
    """A folder of numbered files, one cycle each. One process writes it (it holds the scraper's file lock).

    A file is MAGIC, the SHA-256 of the rest in hex and a newline, then the cycle as compressed JSON. It is
    written beside, synced and renamed, so a file that is there is whole unless the disk damaged it.
    """

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self.folder = folder
        self.max_bytes = max_bytes

    def append(self, cycle: dict[str, Any]) -> bool:
        """Put one cycle at the end; False, writing nothing, when that would exceed `max_bytes`."""
        body = zlib.compress(orjson.dumps(cycle), 6)
        content = MAGIC + sha256(body).hexdigest().encode() + b"\n" + body
        if self.size() + len(content) > self.max_bytes:
            return False
        self.folder.mkdir(parents=True, exist_ok=True)
        taken = (*self._names(), *self.folder.glob("set-aside/*.cycle"))
        number = max((int(path.name[:10]) for path in taken), default=0) + 1
        path = self.folder / f"{number:010d}.cycle"
        beside = path.with_suffix(".part")
        with beside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.rename(path)
        return True

    def cycles(self) -> Iterator[tuple[Path, dict[str, Any]]]:
        """Every waiting cycle in order. Raises SpoolDamagedError at the first that cannot be read."""
        for path in self._names():
            yield path, _read(path)

    def done(self, path: Path) -> None:
        """The cycle is in the database: remove it."""
        path.unlink()

    def set_aside(self, reason: str) -> int:
        """Move everything that waits to `set-aside/`, for a person; returns how many cycles that were."""
        names = self._names()
        if names:
            aside = self.folder / "set-aside"
            aside.mkdir(exist_ok=True)
            for path in names:
                path.rename(aside / f"{path.stem}-{reason}.cycle")
        return len(names)

    def waiting(self) -> int:
        """How many cycles wait."""
        return len(self._names())

    def size(self) -> int:
        """Bytes of the waiting cycles."""
        return sum(path.stat().st_size for path in self._names())

    def _names(self) -> list[Path]:
        return sorted(self.folder.glob("*.cycle"))


def _read(path: Path) -> dict[str, Any]:
    content = path.read_bytes()
    digest, _, body = content.removeprefix(MAGIC).partition(b"\n")
    if not content.startswith(MAGIC) or sha256(body).hexdigest().encode() != digest:
        raise SpoolDamagedError(f"{path}: the checksum does not fit the content; the file is damaged")
    try:
        cycle: dict[str, Any] = orjson.loads(zlib.decompress(body))
    except (zlib.error, orjson.JSONDecodeError) as error:
        raise SpoolDamagedError(f"{path}: not a spooled cycle: {error}") from error
    return cycle
