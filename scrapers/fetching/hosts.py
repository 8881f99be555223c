"""What this machine's processes know of a host together: one small file for each, held under a lock."""

from __future__ import annotations

import asyncio
import fcntl
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import quote

from loguru import logger
from pydantic import BaseModel, ConfigDict, ValidationError

from scrapers.fetching.pace import HostState

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
LOCK_TRIED_EVERY_S = 0.002
LOCK_TRIED_FOR_S = 0.5
"""A holder needs microseconds; one that was stopped in the middle must not stop everybody else."""


class HostFile(BaseModel):
    """A file's content: monotonic times mean nothing without the boot they were taken in."""

    model_config = ConfigDict(extra="forbid")

    boot: str
    state: HostState


class HostFiles:
    """The folder `<folder>/<host>.json`. Satisfies `pace.Hosts`.

    The lock is the kernel's (flock), so it ends with its holder. A file that is unreadable, from before a reboot
    or impossible counts as absent. A disk that refuses is logged once: each process is then polite by itself,
    from what it knew last.
    """

    def __init__(self, folder: Path, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._folder = folder
        self._clock = clock
        self._boot = boot_id()
        self._known: dict[str, HostState] = {}
        self._told = False

    @asynccontextmanager
    async def held(self, host: str) -> AsyncIterator[HostState]:
        """See `Hosts`."""
        try:
            file = await self._locked(self._folder / f"{quote(host, safe='')}.json")
        except OSError as error:
            self._tell(error)
            yield self._known.setdefault(host, HostState())
            return
        try:
            state = self._known[host] = self._read(file)
            yield state
            self._write(file, state)
        finally:
            os.close(file)

    async def _locked(self, path: Path) -> int:
        try:
            file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except FileNotFoundError:
            path.parent.mkdir(parents=True, exist_ok=True)
            file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            last_try = time.monotonic() + LOCK_TRIED_FOR_S
            while True:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    return file
                except BlockingIOError:
                    if time.monotonic() >= last_try:
                        raise
                await asyncio.sleep(LOCK_TRIED_EVERY_S)
        except BaseException:
            os.close(file)
            raise

    def _read(self, file: int) -> HostState:
        # Of a write that a kill cut short before the truncation, the first line is whole.
        text = os.pread(file, 65_536, 0).partition(b"\n")[0]
        if not text:
            return HostState()
        try:
            found = HostFile.model_validate_json(text)
        except ValidationError as error:
            logger.warning("a file in {} is not readable and begins anew: {}", self._folder, error)
            return HostState()
        if found.boot != self._boot:
            return HostState()
        if not found.state.is_sound(self._clock()):
            logger.warning("a file in {} holds impossible times and begins anew", self._folder)
            return HostState()
        return found.state

    def _write(self, file: int, state: HostState) -> None:
        text = HostFile(boot=self._boot, state=state).model_dump_json().encode() + b"\n"
        try:
            os.pwrite(file, text, 0)
            os.ftruncate(file, len(text))
        except OSError as error:
            self._tell(error)

    def _tell(self, error: OSError) -> None:
        if not self._told:
            self._told = True
            logger.warning("hosts are not shared with other processes, {} is not usable: {}", self._folder, error)


def boot_id() -> str:
    """What tells this run of the machine from every other; empty where the system tells nothing."""
    try:
        return BOOT_ID.read_text().strip()
    except OSError:
        return ""
