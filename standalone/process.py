"""Being a good process: stop on a signal, say when ready, and never two of one kind on one folder."""

from __future__ import annotations

import asyncio
import fcntl
import os
import select
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

from loguru import logger

NODE_CHANNEL = "NODE_CHANNEL_FD"
HANGING_CALL_S = 8.0
"""What a stopping scraper grants a call that hangs; PM2 kills it after 10 s."""


class Stop:
    """A flag that SIGINT and SIGTERM raise. Steps between two looks at it must fit PM2's `kill_timeout`."""

    def __init__(self) -> None:
        # A pipe, not a threading.Event: a signal handler may run while this very thread holds the event's lock.
        # Its one byte is never read, so whoever waits, now or later, finds it readable.
        self._read, self._write = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        self._flag = False
        self._waiters: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

    def listen(self) -> Self:
        """Raise the flag on SIGINT and SIGTERM from now on. Call it in the main thread."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_signal)
        return self

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.set()

    def set(self) -> None:
        """Raise the flag; everything that waits on it wakes up."""
        if not self._flag:
            self._flag = True
            os.write(self._write, b"x")
        for loop, event in list(self._waiters):
            if not loop.is_closed():
                loop.call_soon_threadsafe(event.set)

    def is_set(self) -> bool:
        """Whether the process should end."""
        return self._flag

    def wait(self, seconds: float) -> bool:
        """Sleep until the flag is raised, at most `seconds`; True when it was raised."""
        select.select([self._read], [], [], seconds)
        return self._flag

    def __del__(self) -> None:
        os.close(self._read)
        os.close(self._write)

    async def wait_async(self, seconds: float | None = None) -> bool:
        """The same without blocking the event loop; None waits for good."""
        if self.is_set():
            return True
        entry = (asyncio.get_running_loop(), asyncio.Event())
        self._waiters.append(entry)
        try:
            # A signal may have come between the look above and the registration.
            if self.is_set():
                return True
            async with asyncio.timeout(seconds):
                await entry[1].wait()
            return True
        except TimeoutError:
            return self._flag
        finally:
            self._waiters.remove(entry)


def end_after(stop: Stop, seconds: float = HANGING_CALL_S) -> None:
    """See to it that the process ends within `seconds` of its stop signal, whatever a thread of it waits for.

    A commit that hangs in the database cannot be taken back; its lease runs out by itself.
    """

    def watch() -> None:
        while not stop.wait(3600):
            pass
        time.sleep(seconds)  # the process is gone before this ends, unless something hangs
        logger.warning("a call still hangs {:g} s after the stop signal; ending without it", seconds)
        os._exit(1)

    threading.Thread(target=watch, name="end-after-stop", daemon=True).start()


def end_when_stuck(turned_at: Callable[[], float], seconds: float) -> None:
    """See to it that the process ends (exit code 1) when its loop has made no turn for `seconds`.

    turned_at: when it last did, monotonic s. A supervisor starts it anew; to everybody else it merely went silent.
    """

    def watch() -> None:
        while time.monotonic() - turned_at() < seconds:
            time.sleep(seconds / 4)
        logger.error("the loop has made no turn for {:g} s; ending", seconds)
        os._exit(1)

    threading.Thread(target=watch, name="end-when-stuck", daemon=True).start()


def report_ready() -> None:
    """Tell PM2 (`wait_ready`) that this process does its work now; nothing when PM2 does not listen.

    PM2 opens an IPC descriptor and waits for the JSON string "ready" on it (tried with PM2 7.0.4).
    """
    descriptor = os.environ.pop(NODE_CHANNEL, None)
    if descriptor is not None:
        os.write(int(descriptor), b'"ready"\n')


class FileLock:
    """An exclusive lock on a file, released by the kernel when its process ends, however it ends."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: int | None = None

    def acquire(self) -> bool:
        """Take the lock if it is free; False when another process holds it. Never waits."""
        if self._file is not None:
            return True
        self.path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return False
        self._file = file
        return True

    def release(self) -> None:
        """Give the lock back; nothing when it is not held."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()
