"""Requests out of a bookmaker's own page: one short browser for those that come together."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Any
from urllib.parse import urlsplit

from loguru import logger

from scrapers.errors import (
    BlockedError,
    DeclarationError,
    FetchError,
    FetchTimeoutError,
    FleetError,
    NetworkError,
    PayloadShapeError,
    RateLimitedError,
)
from scrapers.fetching import BrowserUse
from scrapers.fetching.answers import full_url, named, page_body
from scrapers.fetching.browser import FAILURES, Browsers, Worker
from scrapers.fetching.http import KEPT_BYTES, MAX_BYTES, POLITE
from scrapers.fetching.pace import Pace, QuietHostError
from scrapers.fetching.recipes import Way, page_class
from scrapers.records import Page, PageRequest

SLOW_DOWN_S = 2.0
"""How long a host is left alone that says "too many requests" without a wish of its own."""

_IDLE_SLICE_S = 0.25
_LATE_S = 2.0
"""How much later than a request's own deadline the worker's word about it may come."""

BROWSERS_OWN = frozenset({"origin", "referer", "user-agent", "cookie", "accept-encoding", "host", "connection"})
"""Headers (lower case) that a browser sends by itself and lets no script set."""


@dataclass(frozen=True, slots=True)
class PageLimits:
    """Bounds of asking from inside a page; seconds and bytes.

    request_s    one request
    life_s       one browser, from waiting for its place to its end
    linger_s     how long it stays open without a request: the pages that lists lead to are asked for after these
    concurrency  requests at once
    """

    request_s: float = 25.0
    life_s: float = 120.0
    linger_s: float = 3.0
    concurrency: int = 2
    max_bytes: int = MAX_BYTES


class NoPageError(Exception):
    """The page cannot be opened; `reason` is the failure."""

    def __init__(self, reason: FleetError) -> None:
        super().__init__(str(reason))
        self.reason = reason


class PageCourier:
    """Makes requests from inside `page`, in a browser that is open only while there are any.

    pace     shared with everything on this machine that asks the same hosts; None: a pace of its own
    rewrite  where requests really go
    """

    def __init__(
        self,
        browsers: Browsers,
        page: str,
        *,
        limits: PageLimits | None = None,
        pace: Pace | None = None,
        rewrite: Callable[[str], str] | None = None,
    ) -> None:
        self._browsers = browsers
        self._page = page
        self._limits = limits or PageLimits()
        self._rewrite = rewrite
        self._slots = asyncio.Semaphore(self._limits.concurrency)
        self._pace = pace or Pace(POLITE)
        self._visits: list[_Visit] = []

    async def fetch(self, request: PageRequest, way: Way) -> Page:
        """The page, asked for in this way; its `elapsed_s` is the time from asking to the whole body.

        Raises:
            NoPageError: the bookmaker's page could not be opened.
            FetchError, PayloadShapeError: as `answers.page_body` says; FetchTimeoutError and NetworkError when
                no answer came. Only a refusal is asked about again, once and in a newly opened page, where
                the same class of pages was answered before: what the page was given had run out.
        """
        kind = (page_class(request), way)
        with self._current_visit() as visit:
            try:
                page = await self._asked(visit, request, way)
            except BlockedError:
                if kind not in visit.answered:
                    raise
                visit.goes_on = False
            else:
                visit.answered.add(kind)
                return page
        with self._current_visit() as visit:
            page = await self._asked(visit, request, way)
            visit.answered.add(kind)
            return page

    def _current_visit(self) -> _Visit:
        if not self._visits or not self._visits[-1].goes_on:
            self._visits = [visit for visit in self._visits if not visit.is_over]
            self._visits.append(_Visit(self._browsers, self._page, self._limits))
        return self._visits[-1]

    async def _asked(self, visit: _Visit, request: PageRequest, way: Way) -> Page:
        await visit.ready()
        async with self._slots:
            await self._wait_for_turn(request)
            started = time.monotonic()
            said, body = await visit.ask(self._order(request, way), named(request))
        try:
            return self._judged(request, said, body, time.monotonic() - started)
        except RateLimitedError as error:
            wish = error.retry_after_s
            await self._pace.pause(_host(request), SLOW_DOWN_S if wish is None else wish)
            raise

    @property
    def last_use(self) -> BrowserUse | None:
        """What the last browser cost, or the open one so far; None before the first."""
        return self._browsers.last_use

    async def aclose(self) -> None:
        """Close the browser, if one is open."""
        for visit in self._visits:
            await visit.end()

    async def _wait_for_turn(self, request: PageRequest) -> None:
        try:
            await self._pace.turn(_host(request), self._limits.request_s)
        except QuietHostError as error:
            raise RateLimitedError(
                f"{named(request)}: not asked, the host wants to be left alone for another {error.left_s:.0f} s",
                retry_after_s=error.left_s,
            ) from error

    def _order(self, request: PageRequest, way: Way) -> dict[str, Any]:
        url = full_url(request)
        headers = {name.lower(): value for name, value in request.headers}
        return {
            "way": way,
            "url": url if self._rewrite is None else self._rewrite(url),
            "headers": {name: value for name, value in headers.items() if name not in BROWSERS_OWN},
            "referrer": headers.get("referer", ""),
            "limit": self._limits.max_bytes,
            "deadline_s": self._limits.request_s,
        }

    def _judged(self, request: PageRequest, said: Mapping[str, Any], body: bytes, elapsed_s: float) -> Page:
        if "failure" in said:
            raise FAILURES[said["failure"]](f"{named(request)}: in the page: {said['message']}")
        now = datetime.now(UTC)
        if said["cut"] and said["status"] == 200:
            limit = self._limits.max_bytes
            raise PayloadShapeError(
                f"{named(request)}: more than {limit} bytes, at most that many are read", body=body[:KEPT_BYTES]
            )
        headers = {name.lower(): value for name, value in said["headers"].items()}
        body = page_body(request, said["status"], headers, body, now)
        return Page(request, said["status"], body, now, elapsed_s)


def _host(request: PageRequest) -> str:
    return urlsplit(request.url).hostname or ""


class _Visit:
    """One browser: from the first request to the moment when there have been none for a while.

    A block entered with it counts as a request under way.
    """

    def __init__(self, browsers: Browsers, page: str, limits: PageLimits) -> None:
        loop = asyncio.get_running_loop()
        self._browsers = browsers
        self._page = page
        self._limits = limits
        self._users = 0
        self._numbers = count()
        self._asked: dict[int, asyncio.Future[tuple[dict[str, Any], bytes]]] = {}
        self._worker: asyncio.Future[Worker] = loop.create_future()
        self.goes_on = True
        """Whether further requests are to come here; else the browser closes once the present ones have ended."""
        self.answered: set[tuple[str, Way]] = set()
        """Which classes of pages were answered here, and how they were asked."""
        self._ended: FleetError | None = None
        self._task = asyncio.create_task(self._stay())

    def __enter__(self) -> _Visit:
        self._users += 1
        return self

    def __exit__(self, *_: object) -> None:
        self._users -= 1

    async def ready(self) -> None:
        """Wait until the page is open; raises NoPageError when it cannot be."""
        # Shielded: whoever waits may be cancelled, the browser is for the others too.
        await asyncio.shield(self._worker)

    async def ask(self, order: Mapping[str, Any], name: str) -> tuple[dict[str, Any], bytes]:
        """What the worker says about a request; raises FetchError when the browser ends before."""
        if self._ended is not None:
            raise NetworkError(str(self._ended))
        number = next(self._numbers)
        answer: asyncio.Future[tuple[dict[str, Any], bytes]] = asyncio.get_running_loop().create_future()
        self._asked[number] = answer
        try:
            async with asyncio.timeout(self._limits.request_s + _LATE_S):
                self._worker.result().tell({"id": number, **order})
                return await answer
        except TimeoutError as error:
            raise FetchTimeoutError(f"{name}: no word from the browser about it") from error
        finally:
            del self._asked[number]

    @property
    def is_over(self) -> bool:
        """Whether the browser has closed."""
        return self._task.done()

    async def end(self) -> None:
        """Close the browser now."""
        self._task.cancel()
        await asyncio.wait([self._task])

    async def _stay(self) -> None:
        work = asyncio.create_task(self._work())
        idle = asyncio.create_task(self._wait_until_idle())
        reason: FleetError = FetchTimeoutError(
            f"{self._page}: the browser took more than {self._limits.life_s:g} s"
        )
        try:
            await asyncio.wait([work, idle], timeout=self._limits.life_s, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.goes_on = False
            both = [work, idle]
            for task in both:
                task.cancel()
            await asyncio.wait(both)
            if not work.cancelled():
                error = work.exception()
                if error is not None:
                    logger.opt(exception=error).error("a bug while asking in {}", self._page)
                reason = work.result() if error is None else NetworkError(f"bug, see the log: {error!r}")
            self._give_up(reason)

    async def _work(self) -> FleetError:
        """Open the page and hand out the answers as they come; why that came to an end."""
        try:
            async with self._browsers.open(self._page) as worker:
                self._worker.set_result(worker)
                while True:
                    said, body = await worker.hear()
                    answer = self._asked.get(said["id"])
                    if answer is not None and not answer.done():
                        answer.set_result((said, body))
        except (FetchError, DeclarationError) as error:  # the latter: BROWSER_PATH names no browser
            return error

    async def _wait_until_idle(self) -> None:
        # In slices, so that a loop that stood still while a page was read counts as one of them: what
        # that page leads to is asked for right after.
        quiet_s = 0.0
        while quiet_s < self._limits.linger_s:
            await asyncio.sleep(_IDLE_SLICE_S)
            if self._users:
                quiet_s = 0.0
            elif self.goes_on:
                quiet_s += _IDLE_SLICE_S
            else:
                return

    def _give_up(self, reason: FleetError) -> None:
        self._ended = reason
        if not self._worker.done():
            self._worker.set_exception(NoPageError(reason))
            self._worker.exception()  # nobody may be left to hear it
        for answer in self._asked.values():
            if not answer.done():
                answer.set_exception(NetworkError(str(reason)))
