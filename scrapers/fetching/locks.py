"""Locks that processes of one machine share. The kernel frees them when their holder ends, however it ends."""

from __future__ import annotations

import asyncio
import fcntl
import os
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

_POLL_S = 0.25


class LockedError(TimeoutError):
    """Others held the locks all the time that was waited."""


@asynccontextmanager
async def one_of(paths: Sequence[Path], wait_s: float) -> AsyncIterator[Path]:
    """Hold the first of these locks that is free; the files are made as needed and stay.

    Two holders within one process exclude each other as well. Raises LockedError when none was free within
    `wait_s` seconds.
    """
    until = time.monotonic() + wait_s
    while (held := _try_each(paths)) is None:
        if time.monotonic() >= until:
            raise LockedError(f"held by others for {wait_s:g} s: {', '.join(path.name for path in paths)}")
        # The kernel has no event for "one of several locks of other processes is free".
        await asyncio.sleep(_POLL_S)
    path, file = held
    try:
        yield path
    finally:
        os.close(file)


def _try_each(paths: Sequence[Path]) -> tuple[Path, int] | None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
        except BaseException:
            os.close(file)
            raise
        else:
            return path, file
    return None
