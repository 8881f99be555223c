"""Leaving a bookmaker alone while it does not answer or does not want to: a circuit breaker.

Closed, requests pass. A run of failures that all say "leave it alone" opens it: nothing is asked for a while,
longer each time. Then it is half open: one request goes out, the others wait for what becomes of it.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from loguru import logger
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from scrapers.errors import (
    BlockedError,
    FetchError,
    FetchTimeoutError,
    FleetError,
    MissingSecretError,
    NetworkError,
    NoProxyError,
    PayloadShapeError,
    RateLimitedError,
)
from scrapers.fetching import BrowserUse, Fetcher
from scrapers.records import Outcome, Page, PageRequest

OPENS_AFTER = 5
"""Failed requests in a row, each after the retries of its own."""

SETTLED_AFTER = 10
"""Answered requests in a row after which the next cool-down is the first one again."""

LONGEST_MESSAGE = 500


@dataclass(frozen=True, slots=True)
class CoolDown:
    """Seconds without a request: the first time, and the most after doubling again and again."""

    first_s: float
    longest_s: float


COOL_DOWNS: Mapping[Outcome, CoolDown] = {
    # Refusals get worse by asking; a network that is back should be noticed soon. The first ones are shorter than
    # the usual interval: with the run that opened it, they already turn a cycle of thirty requests into one.
    Outcome.BLOCKED: CoolDown(4, 900),
    Outcome.RATE_LIMITED: CoolDown(4, 900),
    Outcome.TIMEOUT: CoolDown(4, 120),
    Outcome.NETWORK: CoolDown(2, 60),
}
"""The failures that open the breaker. A changed payload is none: the bookmaker answered."""

LONGEST_S = max(cool_down.longest_s for cool_down in COOL_DOWNS.values())

ERRORS: Mapping[Outcome, type[FetchError]] = {
    Outcome.BLOCKED: BlockedError,
    Outcome.TIMEOUT: FetchTimeoutError,
    Outcome.NETWORK: NetworkError,
}
"""What a request that is not made raises; `RATE_LIMITED` also names its seconds."""


class Tripped(BaseModel):
    """What outlives a restart, from the first opening until the bookmaker has settled.

    source      where the odds came from ("live", "simulator"): trouble of one is none of the other's
    opened      how often it opened without settling in between
    until       when the cool-down ends, aware UTC; None: closed again, not settled yet
    outcome, message  the last failure before it opened
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str
    opened: int = Field(ge=1)
    until: AwareDatetime | None
    outcome: Outcome
    message: str


class Breaker:
    """Decides. Knows no file and no fetcher; `tripped` is its whole memory beyond the process."""

    def __init__(self, source: str, tripped: Tripped | None = None, *, chance: Callable[[], float]) -> None:
        """chance: a number in [0, 1) for the jitter."""
        self.tripped = tripped
        self._source = source
        self._chance = chance
        self._failed = 0
        self._answered = 0

    @property
    def is_closed(self) -> bool:
        """Whether requests pass."""
        return self.tripped is None or self.tripped.until is None

    def left_s(self, now: datetime) -> float:
        """Seconds of the cool-down that are left; 0 when half open or closed."""
        if self.tripped is None or self.tripped.until is None:
            return 0.0
        left = (self.tripped.until - now).total_seconds()
        # A clock that was set back must not lengthen it.
        return left if 0 < left <= LONGEST_S else 0.0

    def answered(self) -> bool:
        """A request was answered; True when `tripped` changed."""
        self._failed = 0
        if self.tripped is None:
            return False
        if self.tripped.until is not None:
            self._answered = 1
            self.tripped = self.tripped.model_copy(update={"until": None})
            return True
        self._answered += 1
        if self._answered >= SETTLED_AFTER:
            self.tripped = None
            return True
        return False

    def failed(self, error: FleetError, message: str, now: datetime) -> bool:
        """A request failed so that it counts; True when `tripped` changed."""
        self._failed += 1
        self._answered = 0
        if self.is_closed and self._failed < OPENS_AFTER:
            return False
        opened = 1 if self.tripped is None else self.tripped.opened + 1
        self.tripped = Tripped(
            source=self._source,
            opened=opened,
            until=now + timedelta(seconds=self._cool_down_s(error, opened)),
            outcome=error.outcome,
            message=message[:LONGEST_MESSAGE],
        )
        self._failed = 0
        return True

    def _cool_down_s(self, error: FleetError, opened: int) -> float:
        bounds = COOL_DOWNS[error.outcome]
        doubled = min(bounds.first_s * 2.0 ** min(opened - 1, 30), bounds.longest_s)
        # Jitter: whoever was shut out together does not come back together.
        seconds = doubled * (0.75 + 0.25 * self._chance())
        wish = error.retry_after_s if isinstance(error, RateLimitedError) else None
        return seconds if wish is None else max(seconds, min(wish, LONGEST_S))


class BreakerFile:
    """A breaker's memory on disk, `<folder>/<slug>.json`; no file: closed and settled."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._told = False

    def load(self, source: str) -> Tripped | None:
        """What was left there by a process with the same source; an unreadable file counts as none."""
        try:
            tripped = Tripped.model_validate_json(self._path.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValidationError) as error:
            logger.warning("the breaker in {} is not readable and begins closed: {}", self._path, error)
            return None
        return tripped if tripped.source == source and tripped.outcome in COOL_DOWNS else None

    def save(self, tripped: Tripped | None) -> None:
        """Replace the file atomically, or remove it. A disk that refuses is logged once."""
        half = self._path.with_name(f"{self._path.name}.{os.getpid()}.tmp")
        try:
            if tripped is None:
                self._path.unlink(missing_ok=True)
                return
            self._path.parent.mkdir(parents=True, exist_ok=True)
            half.write_text(tripped.model_dump_json())
            os.replace(half, self._path)
        except OSError as error:
            if not self._told:
                self._told = True
                logger.warning("the breaker does not outlive this process, {}: {}", self._path, error)


class BreakerFetcher:
    """A fetcher behind a breaker. Satisfies `Fetcher`. The outermost one: it counts what the others gave up on."""

    def __init__(
        self,
        inner: Fetcher,
        *,
        slug: str,
        source: str,
        file: BreakerFile,
        at_once: int,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        chance: Callable[[], float] = random.random,
    ) -> None:
        """at_once: how many requests are let through together; what waits in here can still be held back."""
        self._inner = inner
        self._slug = slug
        self._file = file
        self._clock = clock
        self._places = asyncio.Semaphore(at_once)
        self._breaker = Breaker(source, file.load(source), chance=chance)
        self._trial: asyncio.Event | None = None

    async def fetch(self, request: PageRequest) -> Page:
        """The page.

        Raises what the inner fetcher raises. While the breaker is open: at once an error of the kind that opened
        it, which says until when, without a request.
        """
        async with self._places:
            trial = await self._admitted(request)
            try:
                return await self._counted(request, trial)
            finally:
                if trial is not None:
                    self._trial = None
                    trial.set()

    @property
    def last_use(self) -> BrowserUse | None:
        """The inner fetcher's."""
        return self._inner.last_use

    async def aclose(self) -> None:
        """Close the inner fetcher."""
        await self._inner.aclose()

    async def _admitted(self, request: PageRequest) -> asyncio.Event | None:
        """Wait for leave to ask; the trial that this request is, None when requests pass freely."""
        while not self._breaker.is_closed:
            if self._trial is not None:
                await self._trial.wait()
                continue
            left_s = self._breaker.left_s(self._clock())
            if left_s > 0:
                raise self._not_asked(request, left_s)
            self._trial = asyncio.Event()
            return self._trial
        return None

    async def _counted(self, request: PageRequest, trial: asyncio.Event | None) -> Page:
        try:
            page = await self._inner.fetch(request)
        except (MissingSecretError, NoProxyError):
            raise  # nobody was asked: says nothing about the bookmaker
        except PayloadShapeError:
            self._answered(trial)
            raise
        except FleetError as error:
            if error.outcome in COOL_DOWNS:
                self._failed(request, error, trial)
            raise
        self._answered(trial)
        return page

    def _answered(self, trial: asyncio.Event | None) -> None:
        if not self._breaker.is_closed and trial is None:
            return  # went out before it opened
        was_closed = self._breaker.is_closed
        if self._breaker.answered():
            self._file.save(self._breaker.tripped)
        if not was_closed:
            logger.info("{} answers again", self._slug)

    def _failed(self, request: PageRequest, error: FleetError, trial: asyncio.Event | None) -> None:
        if not self._breaker.is_closed and trial is None:
            return  # went out before it opened
        now = self._clock()
        message = str(error).removeprefix(f"{request.scope}: ")
        if self._breaker.failed(error, message, now):
            self._file.save(self._breaker.tripped)
            logger.warning("{} is left alone for {:.0f} s: {}", self._slug, self._breaker.left_s(now), message)

    def _not_asked(self, request: PageRequest, left_s: float) -> FetchError:
        tripped = self._breaker.tripped
        assert tripped is not None
        assert tripped.until is not None
        message = f"{request.scope}: not asked until {tripped.until:%H:%M:%S} UTC, after {tripped.message}"
        if tripped.outcome is Outcome.RATE_LIMITED:
            return RateLimitedError(message, retry_after_s=left_s)
        return ERRORS[tripped.outcome](message)
