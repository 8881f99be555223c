"""Batches on disk, from the moment they are made until the database has them: bounded, checksummed, in order.

Every process has a folder of its own, held by a lock that the kernel frees when the process ends, however it ends.
Whoever finds a folder whose lock is free may send what is left in it (`orphans`). Files are not forced to the disk:
they outlive the process, which is what they are for, and not a power cut.
"""

from __future__ import annotations

import fcntl
import os
import re
import threading
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import orjson

from scrapers.errors import FleetError

UNFIT = re.compile(r"[^A-Za-z0-9_-]")
"""What a folder's name does not take over from a component's."""

MAGIC = b"etl-journal-1 "
LOCK = "owner.lock"
REFUSED = "refused"
REFUSED_KEPT = 50
MOST_BYTES = 32_000_000


class JournalDamagedError(FleetError):
    """A batch cannot be read back: its checksum or form is wrong."""


class Kept(NamedTuple):
    """A batch as it was written. key: a UUID, by which the database knows it again."""

    key: str
    rows: Mapping[str, Any]


class Journal:
    """One process's folder. One thread appends, another one may send."""

    def __init__(self, folder: Path, lock: int, most_bytes: int = MOST_BYTES) -> None:
        """lock: the descriptor that holds the folder's lock. Made by `open_journal` and `orphans`."""
        self.folder = folder
        self._lock = lock
        self._most_bytes = most_bytes
        self._turn = threading.Lock()
        held = {path: path.stat().st_size for path in self.waiting()}
        self._bytes = sum(held.values())
        self._number = max((int(path.stem) for path in held), default=0)

    def append(self, rows: Mapping[str, Any], *, key: str | None = None) -> int | None:
        """Write one batch; its number, or None, writing nothing, where the journal would grow beyond its limit.

        key: of one that the database may have already; a new one by default. Raises OSError when the disk does not
        take it.
        """
        body = orjson.dumps([key or str(uuid4()), rows])
        if self._bytes + len(body) > self._most_bytes:
            return None
        number = self._number + 1
        path = self.folder / f"{number:010d}.batch"
        beside = path.with_suffix(".part")
        content = MAGIC + b"%08x\n" % zlib.crc32(body) + body
        beside.write_bytes(content)
        beside.rename(path)
        self._number = number
        self._weigh(len(content))
        return number

    def waiting(self) -> list[Path]:
        """What was not sent yet, oldest first."""
        return sorted(self.folder.glob("*.batch"))

    def done(self, path: Path) -> None:
        """The database has it."""
        size = path.stat().st_size
        path.unlink()
        self._weigh(-size)

    def set_aside(self, path: Path) -> Path:
        """Keep a batch that the database refuses for good where a person finds it; the newest few of them stay."""
        folder = self.folder.parent / REFUSED
        folder.mkdir(exist_ok=True)
        self._weigh(-path.stat().st_size)
        kept = path.rename(folder / f"{self.folder.name}-{path.name}")
        for old in sorted(folder.iterdir(), key=lambda one: one.stat().st_mtime_ns)[:-REFUSED_KEPT]:
            old.unlink()
        return kept

    def close(self) -> None:
        """Give the folder up; it goes where nothing waits in it."""
        if not self.waiting():
            for path in self.folder.iterdir():
                path.unlink()
            self.folder.rmdir()
        os.close(self._lock)

    def _weigh(self, change: int) -> None:
        with self._turn:
            self._bytes += change


def open_journal(root: Path, name: str, most_bytes: int = MOST_BYTES) -> Journal:
    """A new folder below `root`. It gets its name only once it is locked, so nobody takes it for an orphan."""
    unique = f"{UNFIT.sub('_', name)}-{os.getpid()}-{uuid4().hex[:8]}"
    beside = root / f".{unique}"
    beside.mkdir(parents=True)
    lock = os.open(beside / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return Journal(beside.rename(root / unique), lock, most_bytes)


def orphans(root: Path) -> Iterator[Journal]:
    """Folders of processes that are gone, each locked for the caller, who closes it."""
    for lock_file in sorted(root.glob(f"[!.]*/{LOCK}")):
        try:
            lock = os.open(lock_file, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            continue  # another one has just emptied it
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            continue
        if lock_file.exists():
            yield Journal(lock_file.parent, lock)
        else:
            os.close(lock)


def read(path: Path) -> Kept:
    """One batch. Raises JournalDamagedError."""
    head, _, body = path.read_bytes().partition(b"\n")
    if head != MAGIC + b"%08x" % zlib.crc32(body):
        raise JournalDamagedError(f"{path}: the checksum does not fit the content; the file is damaged")
    try:
        key, rows = orjson.loads(body)
    except (orjson.JSONDecodeError, ValueError) as error:
        raise JournalDamagedError(f"{path}: not a batch: {error}") from error
    return Kept(key, rows)
