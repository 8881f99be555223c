"""What the processes of one machine know about the ways out together: a small file that is replaced whole.

It names ways, never credentials. Who only looks pays one `stat`; who changes something takes a lock, reads
what the others wrote, and replaces the file.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from loguru import logger
from pydantic import BaseModel, ConfigDict, ValidationError

from scrapers.fetching.proxy_scores import RANK, Record, Standing

if TYPE_CHECKING:
    from scrapers.declarations import Bookmaker

LOCK_WAIT_S = 1.0
"""The lock is held for a millisecond. A holder that was stopped in the middle is not waited for any longer:
without the lock a count may get lost, the file stays whole."""

KEPT_UNLISTED_S = 86_400.0
"""How long a way that is not in our list is remembered: other processes may run with another list."""


def key_of(bookmaker: Bookmaker) -> str:
    """Who sticks to a way: the bookmaker's site, since scrapers of one site share its session."""
    return bookmaker.site.removeprefix("https://").removeprefix("www.")


class ProxyState(BaseModel):
    """Everything that is known. What is not in it is a way that nothing is known against.

    ways        way -> its own score
    bookmakers  bookmaker's key -> way -> how that bookmaker likes it
    sticks      bookmaker's key -> the way it keeps while that works
    """

    model_config = ConfigDict(extra="forbid")

    version: Literal[1] = 1
    ways: dict[str, Record] = {}
    bookmakers: dict[str, dict[str, Record]] = {}
    sticks: dict[str, str] = {}

    def own(self, way: str) -> Record:
        """The way's own score; a default one, which is not part of the state, when nothing is known."""
        return self.ways.get(way) or Record()

    def of(self, bookmaker: str, way: str) -> Record:
        """The way's score with one bookmaker; likewise."""
        return self.bookmakers.get(bookmaker, {}).get(way) or Record()

    def standing(self, bookmaker: str, way: str, now: float) -> Standing:
        """What this bookmaker may send this way: the worse of the two scores decides."""
        both = (self.own(way).standing(now), self.of(bookmaker, way).standing(now))
        return max(both, key=RANK.__getitem__)

    def rest_s(self, bookmaker: str, way: str, now: float) -> float:
        """Seconds until this bookmaker may send anything this way again; 0 when it may now."""
        return max(self.own(way).rest_s(now), self.of(bookmaker, way).rest_s(now))

    def put(self, bookmaker: str, way: str, own: Record, of: Record) -> None:
        """Take both scores of a way into the state."""
        self.ways[way] = own
        self.bookmakers.setdefault(bookmaker, {})[way] = of

    def tidy(self, now: float) -> None:
        """Drop what says nothing."""
        for scores in (self.ways, *self.bookmakers.values()):
            for way, record in list(scores.items()):
                if record.is_forgettable(now) or abs(now - record.failed_at) > KEPT_UNLISTED_S:
                    del scores[way]
        self.bookmakers = {key: scores for key, scores in self.bookmakers.items() if scores}


class StateFile:
    """`state.json` in `folder`.

    An unreadable file counts as an empty one and is replaced by the next change. A disk that refuses is
    logged once; this process then goes on with what it knows itself.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / "state.json"
        self._state = ProxyState()
        self._seen: tuple[int, int, int] | None = None
        self._complained = False

    def read(self) -> ProxyState:
        """What is known now. To be looked at only; `changing` changes it."""
        try:
            about = os.stat(self.path)
            seen = (about.st_ino, about.st_mtime_ns, about.st_size)
            if seen != self._seen:
                content = self.path.read_bytes()
                self._seen = seen
                self._state = ProxyState.model_validate_json(content)
        except FileNotFoundError:
            if self._seen is not None:
                self._state, self._seen = ProxyState(), None  # somebody removed it: all is forgiven
        except ValidationError as error:
            logger.warning("{} is not readable, proxies start without a past: {}", self.path, _short(error))
            self._state = ProxyState()
        except OSError as error:
            self._complain(error)
        return self._state

    @contextmanager
    def changing(self, now: float) -> Iterator[ProxyState]:
        """What is known, with the lock held; what the block made of it is written at its end, if it differs.

        Nothing is written when the block raises.
        """
        with self._locked():
            before = self.read()
            state = before.model_copy(deep=True)
            yield state
            state.tidy(now)
            if state != before:
                self._state = state
                self._replace(state)

    def _replace(self, state: ProxyState) -> None:
        half = self.path.with_name(f"{self.path.name}.{os.getpid()}.tmp")
        try:
            half.write_text(state.model_dump_json(exclude_defaults=True))
            os.replace(half, self.path)
            about = os.stat(self.path)
            self._seen = (about.st_ino, about.st_mtime_ns, about.st_size)
        except OSError as error:
            with suppress(OSError):
                half.unlink(missing_ok=True)
            self._complain(error)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            file = os.open(self.path.with_name("state.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            self._complain(error)
            yield
            return
        try:
            until = time.monotonic() + LOCK_WAIT_S
            while not _try_lock(file) and time.monotonic() < until:
                time.sleep(0.002)
            yield
        finally:
            os.close(file)

    def _complain(self, error: OSError) -> None:
        if not self._complained:
            self._complained = True
            logger.warning("what is known about proxies is not shared, {}: {}", self.path, error)


def _try_lock(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _short(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(map(str, first['loc']))} {first['msg']}".strip()
