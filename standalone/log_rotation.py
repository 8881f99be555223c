"""PM2's log files, kept small. This is the one owner of their rotation; PM2 itself lets them grow for ever.

A file above its size is copied to `<file>.1` (the older ones move to `.2` and so on, the oldest goes) and
emptied in place. PM2 (7.0.4) appends to files that it keeps open, so it writes on at the new end. What it
writes between the last look at the file and its emptying is lost: what comes within half a millisecond
(docs/history.md says how that was measured). Renaming the file and telling PM2 to open it anew (SIGUSR2) is no
better: it throws away what waits in its streams, of every process.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from itertools import pairwise
from pathlib import Path
from threading import Thread

from loguru import logger

from standalone.process import Stop

LOOK_EVERY_S = 15.0
"""A process that logs without end passes its cap by what it writes in this time."""
PIECE_BYTES = 1 << 20
STREAMS = ("out", "error")
SUPERVISOR_LOG = "pm2.log"

_OTHER_LETTERS = re.compile(r"[^A-Za-z0-9.\\-]")


class LogRotation:
    """Keeps files at about `max_bytes` each, and `keep` older ones of each.

    Of a file that grew to more than twice that (nobody rotated it for long), only the newest `max_bytes` are kept.
    """

    def __init__(self, files: Iterable[Path], *, max_bytes: int, keep: int) -> None:
        self._files = tuple(files)
        self._max_bytes = max_bytes
        self._keep = keep

    def run(self, stop: Stop) -> None:
        """Look at the files now and then, until told to stop. Never raises for what a disk does."""
        while not stop.is_set():
            self.rotate()
            stop.wait(LOOK_EVERY_S)

    def rotate(self) -> list[Path]:
        """Rotate what is too large; which files that were."""
        return [file for file in self._files if self._is_due(file) and self._rotate(file)]

    def _is_due(self, file: Path) -> bool:
        try:
            return file.stat().st_size > self._max_bytes
        except FileNotFoundError:
            return False

    def _rotate(self, file: Path) -> bool:
        try:
            log = os.open(file, os.O_RDWR | os.O_CLOEXEC)
        except OSError as error:
            logger.warning("the log {} cannot be rotated: {}", file, error)
            return False
        try:
            if self._keep:
                self._copy(file, log)
            os.ftruncate(log, 0)
        finally:
            os.close(log)
        return True

    def _copy(self, file: Path, log: int) -> None:
        """Copy the log aside. A disk without room for it keeps none."""
        copies = [file.with_name(f"{file.name}.{number}") for number in range(1, self._keep + 1)]
        try:
            for newer, older in reversed([*pairwise(copies)]):
                if newer.exists():
                    newer.replace(older)
            # Unbuffered, and until there is nothing more: the log is emptied the moment after.
            with copies[0].open("wb", buffering=0) as copy:
                size = os.fstat(log).st_size
                os.lseek(log, size - self._max_bytes if size > 2 * self._max_bytes else 0, os.SEEK_SET)
                while data := os.read(log, PIECE_BYTES):
                    copy.write(data)
        except OSError as error:
            copies[0].unlink(missing_ok=True)
            logger.warning("the log {} is emptied without a copy: {}", file, error)


def start_log_rotation(names: Iterable[str], stop: Stop, *, max_mb: int, keep: int) -> None:
    """Rotate what PM2 logs of these processes until `stop`; max_mb 0: leave the files alone.

    In a thread of its own: a full disk threatens most while the database is away and everybody says so.
    """
    if max_mb:
        rotation = LogRotation(pm2_log_files(names), max_bytes=max_mb * 1_000_000, keep=keep)
        Thread(target=rotation.run, args=(stop,), name="log-rotation", daemon=True).start()


def pm2_log_files(names: Iterable[str], environment: Mapping[str, str] = os.environ) -> list[Path]:
    """Where the PM2 that started this process logs what the named processes print, and its own log.

    Empty when PM2 did not start it. `environment`: PM2 hands the place of its log to each process.
    """
    own = environment.get("pm_out_log_path")
    if own is None:
        return []
    folder = Path(own).parent
    printed = [_OTHER_LETTERS.sub("-", name) for name in names]  # as PM2 makes a file's name of a process's
    return [
        *(folder / f"{name}-{stream}.log" for name in printed for stream in STREAMS),
        folder.parent / SUPERVISOR_LOG,
    ]
